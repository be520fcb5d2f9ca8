import { checkConfigName, checkConfigValue } from '../../model/config-vars.js';
import { discoveryVarApp } from '../../model/discovery.js';
import { holdsRedacted } from '../../model/redaction.js';
import { Refusal } from '../../model/rule.js';
import { ruled } from './faults.js';

type Vars = Readonly<Record<string, unknown>>;

/** Whether an installation would store something of this that it should not. */
export function isHarmful(vars: Vars): boolean {
  return Object.entries(vars).some(
    ([name, value]) =>
      value === '' ||
      (value !== null && discoveryVarApp(name) !== undefined) ||
      (typeof value === 'string' && holdsRedacted(value)),
  );
}

/**
 * Throws an AppsApiError (409) for what an installation would store: the marker in place of a secret, what takes the place of
 * a discovery var, and an empty value, which it can never remove again.
 */
export function refuseHarmful(vars: Vars): void {
  for (const [name, value] of Object.entries(vars)) {
    if (value === null) continue;
    ruled(() => {
      checkConfigName(name);
      if (typeof value === 'string') checkConfigValue(name, value);
      if (value === '') throw emptyValue(name);
    });
  }
}

function emptyValue(name: string): Refusal {
  return new Refusal(
    'empty_value',
    `${name} can't be set to an empty value: an Akkeris installation can never remove it again.`,
    `Remove it instead, or give it a value that stands for nothing: aka config:unset ${name}`,
  );
}
