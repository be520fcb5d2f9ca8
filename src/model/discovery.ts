import { quote, Refusal } from './rule.js';

/** How an app is found by the other apps of its space; null is what a platform knows only when it starts a dyno. */
export interface ServiceAddress {
  readonly name: string;
  readonly host: string | null;
  readonly port: number | null;
}

/** What is shown for a value that is not known before. */
export const AT_START = 'set when a dyno starts';

/** What all discovery vars of a space may take in a dyno's environment, in bytes. */
export const DISCOVERY_BYTES_MAX = 128 * 1024;
/** The share of it from which a space is warned. */
const DISCOVERY_WARN_SHARE = 0.5;

const DISCOVERY_NAME = /^([A-Z][A-Z0-9]*)_SERVICE_(HOST|PORT)$/;

/** The names of the two config vars by which an app is found. */
export function discoveryNames(app: string): { host: string; port: string } {
  const name = app.toUpperCase();
  return { host: `${name}_SERVICE_HOST`, port: `${name}_SERVICE_PORT` };
}

/**
 * The vars that every dyno of a space with these apps gets, two an app, in the order of the apps; {@link AT_START} stands
 * for a value that isn't known.
 */
export function discoveryVars(apps: Iterable<ServiceAddress>): Record<string, string> {
  const vars: Record<string, string> = {};
  for (const app of apps) {
    const names = discoveryNames(app.name);
    vars[names.host] = app.host ?? AT_START;
    vars[names.port] = app.port === null ? AT_START : String(app.port);
  }
  return vars;
}

/** What vars take in the environment of a process: `NAME=value` and a closing NUL each, in bytes. */
export function environmentBytes(vars: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(vars)) bytes += utf8Length(name) + utf8Length(value) + 2;
  return bytes;
}

/**
 * The app that a config var would be the discovery var of, in lower case; undefined if it has no such form.
 * `WEB_SERVICE_HOST` belongs to `web`, whether or not there is such an app yet.
 */
export function discoveryVarApp(name: string): string | undefined {
  return DISCOVERY_NAME.exec(name)?.[1]?.toLowerCase();
}

/** Throws a {@link RuleError} if the discovery vars of these apps don't fit into a dyno's environment. */
export function checkDiscoveryFits(space: string, bytes: number): void {
  if (bytes <= DISCOVERY_BYTES_MAX) return;
  throw new Refusal(
    'discovery_full',
    `The discovery vars of space ${quote(space)} would take ${bytes} bytes; ${DISCOVERY_BYTES_MAX} fit into a dyno's environment.`,
    'Use shorter names for its apps, or put the app into another space.',
  );
}

/** Whether the discovery vars of a space leave so little room that its users should know. */
export function isNearlyFull({
  bytes,
  bytes_max: max,
}: {
  bytes: number | null;
  bytes_max: number | null;
}): boolean {
  return bytes !== null && max !== null && bytes >= max * DISCOVERY_WARN_SHARE;
}

/** Bytes of a string in UTF-8, without building them. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_00_00 ? 3 : 4;
  }
  return bytes;
}
