import {
  type ConfigVarOwner,
  checkConfigName,
  checkConfigValue,
  configVarOwner,
} from '../../model/config-vars.js';
import { holdsRedacted, redact } from '../../model/redaction.js';
import { brokenRule } from '../ui/broken-rule.js';

/** A config var as the page shows it. */
export interface ShownVar {
  readonly name: string;
  /** As the platform sent it. */
  readonly value: string;
  /** With its secrets taken out. */
  readonly redacted: string;
  /** Whether the platform sent a secret that the page can show. */
  readonly canReveal: boolean;
  readonly owner: ConfigVarOwner;
}

/** Config vars for the page: those of users first, each group by name. */
export function shownVars(vars: Readonly<Record<string, string>>): ShownVar[] {
  return Object.entries(vars)
    .map(([name, value]) => {
      const redacted = redact(name, value);
      return {
        name,
        value,
        redacted,
        canReveal: redacted !== value && !holdsRedacted(value),
        owner: configVarOwner(name),
      };
    })
    .sort((a, b) => ORDER.indexOf(a.owner) - ORDER.indexOf(b.owner) || (a.name < b.name ? -1 : 1));
}

const ORDER: readonly ConfigVarOwner[] = ['user', 'discovery', 'platform'];

/** Why a var can't be set, by the member that is wrong; empty if it can. */
export function varProblems(
  name: string,
  value: string,
  taken: Readonly<Record<string, string>> = {},
): { name?: string; value?: string } {
  const wrongName =
    brokenRule(() => checkConfigName(name)) ??
    (Object.hasOwn(taken, name) ? `${name} is set already: change it in the list.` : undefined);
  const wrongValue = brokenRule(() => checkConfigValue(name, value));
  return {
    ...(wrongName !== undefined && { name: wrongName }),
    ...(wrongValue !== undefined && { value: wrongValue }),
  };
}
