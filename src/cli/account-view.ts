import type { Target } from '../client/target.js';
import type { Account } from '../contract/wire.js';
import { EMBEDDED } from '../model/profile-names.js';
import type { Facts } from './output.js';
import { type TokenPlace, tokenText } from './profile-view.js';

/** Who the user is to a platform. */
export interface WhoAmI {
  readonly name: string;
  readonly email: string;
  readonly admin: boolean;
  readonly platform: string;
  /** Null for the one on this machine. */
  readonly api: string | null;
  /** Where the token came from; null where none was needed. */
  readonly token: TokenPlace | null;
}

export function whoIs(account: Account, target: Target, token: TokenPlace | null): WhoAmI {
  const { name, email, elevated_access: admin } = account;
  const http = target.kind === 'http' ? target : undefined;
  return { name, email, admin, platform: http?.name ?? EMBEDDED, api: http?.url ?? null, token };
}

export function accountFacts({ name, email, admin, platform, api, token }: WhoAmI): Facts {
  return [
    ['Name', name],
    ['E-mail', email],
    ['Administrator', admin ? 'yes' : 'no'],
    ['Platform', api === null || api.includes(platform) ? platform : `${platform} (${api})`],
    ['Token', tokenText(api, token)],
  ];
}
