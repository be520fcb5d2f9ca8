import { checkConfigName, type PlatformVar, platformVar, valueOf } from './config-vars.js';
import { discoveryVarApp } from './discovery.js';
import { REDACTED, type RedactionRules, redact } from './redaction.js';
import { RuleError } from './rule.js';

/** Where a config var of an app comes from. Values are redacted as in a socs space: a reason needs no secret. */
export type Origin =
  /** Without a value nobody has set it yet. */
  | { readonly from: 'user'; readonly value: string | undefined }
  | { readonly from: 'credential'; readonly credential: string; readonly value: string }
  | { readonly from: 'discovery'; readonly app: string; readonly value: string }
  | { readonly from: 'platform'; readonly facts: PlatformVar; readonly value: string | undefined }
  /** It would be how an app is found that isn't there. */
  | { readonly from: 'refused'; readonly as: 'discovery'; readonly app: string }
  /** It is no name for a config var, and may be a value in the wrong place. */
  | { readonly from: 'refused'; readonly as: 'name'; readonly reason: string };

export interface OriginFacts {
  /** What an administrator added to what is redacted. */
  readonly rules?: RedactionRules | undefined;
  /** Whether a discovery var is set by hand, which not every platform refuses; `vars` are those of the app then. */
  readonly byHand?: boolean | undefined;
  /** By which credential a var of the app is set. */
  readonly credentials?: ReadonlyMap<string, string> | undefined;
}

/**
 * Where a config var comes from, given the vars of its owner (`configVarOwner`): those of the space for
 * discovery, else those of the app.
 */
export function originOf(
  name: string,
  vars: Readonly<Record<string, string>>,
  { rules, credentials = new Map(), byHand = false }: OriginFacts = {},
): Origin {
  const found = valueOf(vars, name);
  const value = found === undefined ? undefined : redact(name, found, rules);
  const facts = platformVar(name);
  if (facts !== undefined) return { from: 'platform', facts, value };
  const app = discoveryVarApp(name);
  if (byHand) return { from: 'user', value };
  if (app !== undefined) {
    return value === undefined
      ? { from: 'refused', as: 'discovery', app }
      : { from: 'discovery', app, value };
  }
  const credential = credentials.get(name);
  // Whatever another platform says it is, its value is a secret.
  if (credential !== undefined) return { from: 'credential', credential, value: REDACTED };
  const reason = refusalOf(name);
  return reason === undefined ? { from: 'user', value } : { from: 'refused', as: 'name', reason };
}

function refusalOf(name: string): string | undefined {
  try {
    checkConfigName(name);
    return undefined;
  } catch (error) {
    if (error instanceof RuleError) return `${error.message} ${error.hint ?? ''}`.trim();
    throw error;
  }
}
