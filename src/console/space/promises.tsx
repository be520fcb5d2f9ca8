import type { SpaceCheck, SpacePromise } from '../../contract/wire.js';
import { State, toneOf } from '../ui/badge.js';
import { CommandText } from '../ui/command-text.js';
import { Time } from '../ui/time.js';

/** What a check tries, for people. What another platform checks is shown by its name. */
const TITLES: Readonly<Record<string, string>> = {
  discovery: 'Apps found by discovery vars',
  domains_inside: 'Domains from inside',
  domains_outside: 'Domains from outside',
  listeners: 'Listeners',
  broadcast: 'Broadcast inside',
  isolation: 'Isolation from other spaces',
  machine: 'Isolation from this machine',
  files: "The platform's files out of reach",
  prod_first: 'Prod comes first',
  compliance: 'Compliance is permanent',
  checks: 'Builds checked first',
  credentials: 'Credentials where they belong',
  audit: 'Audit log complete',
  redaction: 'Secrets redacted',
  availability: 'High availability',
  digests: 'Digests mailed',
};

const STATES: Readonly<Record<string, string>> = {
  ok: 'OK',
  failed: 'Failed',
  not_enforced: 'Not enforced',
  nothing: 'Nothing to check',
};

/** What a check of a space found, failures first. */
export function CheckResult({ check }: { check: SpaceCheck }) {
  const promises = [...check.promises].sort((a, b) => rank(a) - rank(b));
  return (
    <>
      <p class="check-result" role="status">
        <State tone={check.ok ? 'good' : 'bad'}>{check.ok ? 'Nothing failed' : 'Failed'}</State>
        <span class="muted">
          checked <Time at={check.checked_at} />
        </span>
      </p>
      <ul class="promises">
        {promises.map((each) => (
          <li key={each.promise}>
            <State tone={toneOf(each.state)}>{STATES[each.state] ?? each.state}</State>
            <div>
              <strong>{TITLES[each.promise] ?? each.promise}</strong>
              <p class="muted">{each.evidence}</p>
              {each.hint !== undefined && (
                <p>
                  <CommandText text={each.hint} />
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function rank({ state }: SpacePromise): number {
  const index = ['failed', 'not_enforced', 'ok', 'nothing'].indexOf(state);
  return index === -1 ? 1 : index;
}
