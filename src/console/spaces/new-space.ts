import type { PlatformSettings, Region, Space, Stack } from '../../contract/wire.js';
import { type Compliance, checkStackFor } from '../../model/compliance.js';
import { appDomain, webUrl } from '../../model/domains.js';
import { parseSpaceName, roomForApps } from '../../model/names.js';
import { shellWord } from '../../model/shell.js';
import { brokenRule } from '../ui/broken-rule.js';

/** A space as it is being described. */
export interface NewSpace {
  readonly name: string;
  readonly compliance: readonly Compliance[];
  /** Empty for the default one. */
  readonly stack: string;
  readonly description: string;
}

/** What of the platform decides whether a space can be created. */
export interface NameFacts {
  /** The names of the spaces that are there, as far as the caller may see them. */
  readonly taken: ReadonlySet<string>;
  /** The longest `app-space`. */
  readonly appKeyMax: number;
}

/** Why a space can't have this name; undefined if it can. */
export function nameProblem(name: string, { taken, appKeyMax }: NameFacts): string | undefined {
  const broken = brokenRule(() => parseSpaceName(name));
  if (broken !== undefined) return broken;
  if (taken.has(name.toLowerCase())) return `There is a space ${name.toLowerCase()} already.`;
  if (roomForApps(name, appKeyMax) === 0)
    return `The name leaves no room for apps: at most ${appKeyMax - 2} characters.`;
  return undefined;
}

/** Why a space of this compliance can't be on a stack; undefined if it can. */
export function stackProblem(
  compliance: readonly Compliance[],
  stack: Stack,
  regions: readonly Region[],
): string | undefined {
  const region = regions.find(({ id }) => id === stack.region.id);
  return brokenRule(() =>
    checkStackFor(compliance, {
      name: stack.name,
      state: stack.state,
      region: { name: stack.region.name, internalCapable: region?.private_capable ?? true },
    }),
  );
}

/**
 * The URL that apps of a space would have, with `[app]` for their names; undefined where no other space of the stack
 * tells the domain of the platform.
 */
export function domainPattern(
  { name, compliance }: NewSpace,
  stack: string,
  others: readonly Space[],
  settings: Pick<PlatformSettings, 'router_port' | 'internal_port'>,
): string | undefined {
  const base = others
    .filter((other) => other.stack.name === stack)
    .map(({ domain }) => domain?.match(new RegExp(`\\.${stack}\\.([^:/]+)`))?.[1])
    .find((each) => each !== undefined);
  if (base === undefined) return undefined;
  const port = compliance.includes('internal') ? settings.internal_port : settings.router_port;
  return webUrl(appDomain('[app]', { name, compliance }, { stack, base }), port);
}

/** What is sent to create it: a member that says nothing is left out. */
export function bodyOf({ name, compliance, stack, description }: NewSpace) {
  return {
    name: name.toLowerCase(),
    ...(compliance.length > 0 && { compliance: [...compliance] }),
    ...(stack !== '' && { stack }),
    ...(description !== '' && { description }),
  };
}

/** The `aka` command that creates it. */
export function commandFor(space: NewSpace): string {
  const { name, compliance = [], stack, description } = bodyOf(space);
  return [
    'aka spaces:create',
    name === '' ? 'NAME' : shellWord(name),
    ...(compliance.length > 0 ? [`--compliance ${compliance.join(',')}`] : []),
    ...(stack === undefined ? [] : [`--stack ${shellWord(stack)}`]),
    ...(description === undefined ? [] : [`--description ${shellWord(description)}`]),
  ].join(' ');
}

/** The request of curl that creates it; the token is in AKA_TOKEN, the key makes it safe to repeat. */
export function curlFor(space: NewSpace, origin: string, idempotencyKey: string): string {
  return [
    `curl ${shellWord(`${origin}/spaces`)}`,
    '-H "Authorization: Bearer $AKA_TOKEN"',
    "-H 'Content-Type: application/json'",
    `-H 'Idempotency-Key: ${idempotencyKey}'`,
    `--data ${shellWord(JSON.stringify(bodyOf(space)))}`,
  ].join(' \\\n  ');
}
