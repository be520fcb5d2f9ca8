import type { Addon } from '../contract/wire.js';
import { CREDENTIALS } from '../model/addons.js';
import { usage } from './failure.js';
import type { Facts, Output } from './output.js';

/** Throws a CommandError if a var is where a name belongs, which is not shown: its value is a secret. */
export function checkNamed(word: string): void {
  if (word.includes('='))
    throw usage('No credential is named: the first word is a var.', 'Write NAME KEY=VALUE');
}

/** Whether an addon is a credential: those of other services are none of ours. */
export function isCredential({ addon_service: service }: Addon): boolean {
  return service.name === CREDENTIALS.name;
}

/** `production` or `general`. */
function levelOf({ plan }: Addon): string {
  return plan.name.slice(plan.name.indexOf(':') + 1);
}

/** Credentials in a line each, without any value. */
export function showCredentials(out: Output, credentials: readonly Addon[]): void {
  out.table(
    ['NAME', 'LEVEL', 'OWNER', 'VARS', 'APPS'],
    credentials.map((each) => [
      each.name,
      levelOf(each),
      each.app?.name ?? 'platform',
      varsOf(each).join(', '),
      (each.attached_to ?? []).map(({ name }) => name).join(', '),
    ]),
  );
}

/** The facts about a credential; values are not among them. */
export function credentialFacts(credential: Addon): Facts {
  const required = credential.compliance ?? [];
  const apps = (credential.attached_to ?? []).map(({ name, prefix }) =>
    prefix === undefined ? name : `${name} as ${prefix}_*`,
  );
  return [
    ['Credential', credential.name],
    ['Level', levelOf(credential)],
    ['Owner', credential.app?.name ?? 'platform'],
    [
      'For',
      required.length === 0 ? 'apps in any space' : `apps in spaces that are ${required.join(' and ')}`,
    ],
    ['Vars', varsOf(credential)],
    ['Attached to', apps.length === 0 ? 'no app' : apps],
    ['Created', credential.created_at],
    ['Changed', credential.updated_at],
  ];
}

function varsOf(credential: Addon): string[] {
  return Object.keys(credential.config_vars);
}
