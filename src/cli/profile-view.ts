import { userInfo } from 'node:os';
import { parseApiAddress } from '../client/api-address.js';
import { type Source, sourcesFor } from '../client/credentials.js';
import type { Known } from '../client/profiles.js';
import type { Target } from '../client/target.js';
import { homeFolder } from '../model/home-folder.js';
import { foldersFor } from './folders.js';
import type { Cell, Facts, Output } from './output.js';

/** Where a token is; never the token. */
export interface TokenPlace {
  readonly from: Source['from'];
  /** The variable or the file; for people, the keyring. */
  readonly in: string;
}

/** A platform that commands can be for, as it is listed. */
export interface Profile {
  /** Null for one that the environment or a file names by its address only. */
  readonly name: string | null;
  /** Null for the one on this machine. */
  readonly api: string | null;
  readonly auth: string | null;
  readonly ca: string | null;
  /** What says that it is there. */
  readonly from: string;
  readonly in_use: boolean;
  /** What has it used. */
  readonly why: string | null;
  /** Null if there is none, or none is needed. */
  readonly token: TokenPlace | null;
}

/**
 * A platform with where its token is. `onTrouble` hears what keeps a token from being used, such as a file that others
 * can read.
 */
export function profileOf(
  { name, target, from }: Known,
  used: boolean,
  env: NodeJS.ProcessEnv,
  onTrouble: (why: Error) => void,
): Profile {
  const http = target.kind === 'http' ? target : undefined;
  return {
    name,
    api: http?.url ?? null,
    auth: http?.auth ?? null,
    ca: http?.ca ?? null,
    from,
    in_use: used,
    why: used ? target.why : null,
    token: tokenPlace(target, env, onTrouble),
  };
}

/** Where the token for a platform comes from. */
export function tokenPlace(
  target: Target,
  env: NodeJS.ProcessEnv,
  onTrouble: (why: Error) => void,
): TokenPlace | null {
  if (target.kind === 'embedded') return null;
  try {
    const { configDir } = foldersFor(env);
    const [source] = sourcesFor(parseApiAddress(target.url), { env, configDir });
    return source === undefined ? null : placeOf(source);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    onTrouble(error);
    return null;
  }
}

/** A source of credentials, without them. */
export function placeOf({ from, named }: Source): TokenPlace {
  return { from, in: named };
}

export const PROFILE_COLUMNS = ['NAME', 'API', 'AUTH', 'TOKEN', 'FROM', 'IN USE'] as const;

/** A platform, in those columns. */
export function profileRow(out: Output, profile: Profile): Cell[] {
  const { name, api, auth, from, token, in_use, why } = profile;
  return [
    name ?? '-',
    api?.replace(/^https:\/\//, '') ?? '-',
    auth?.replace(/^https:\/\//, '') ?? '-',
    tokenText(api, token),
    homely(from),
    in_use ? { text: why === from ? 'yes' : usedText(why), style: out.style.good } : 'no',
  ];
}

/** A platform by itself. */
export function profileFacts(profile: Profile): Facts {
  const { name, api, auth, ca, from, token, in_use, why } = profile;
  return [
    ['Platform', name ?? '-'],
    ...(api === null ? [] : [['API', api] as const]),
    ...(auth === null ? [] : [['Auth host', auth] as const]),
    ...(ca === null ? [] : [['Certificates', ca] as const]),
    ['From', homely(from)],
    ['Token', tokenText(api, token)],
    ['In use', in_use ? usedText(why) : 'no'],
  ];
}

/** Where the token for an API is, in a word. */
export function tokenText(api: string | null, token: TokenPlace | null): string {
  if (api === null || api.startsWith('unix:')) return 'not needed';
  return token === null ? 'none' : homely(token.in);
}

function usedText(why: string | null): string {
  return `yes: ${homely(why ?? '')}`;
}

/** A path as people know it. */
export function homely(text: string): string {
  const home = homeFolder(process.env, () => userInfo().homedir);
  return text.startsWith(`${home}/`) ? `~${text.slice(home.length)}` : text;
}
