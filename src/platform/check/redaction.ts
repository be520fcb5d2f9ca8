import type { SpacePromise } from '../../contract/wire.js';
import { secretsIn } from '../../model/redaction.js';
import { Masker } from '../logs/masker.js';
import { configVarsService } from '../services/config-vars.js';
import { redactionOf, secretSetOf } from '../services/redaction.js';
import type { Session } from '../services/session.js';
import type { AppRecord } from '../store/apps.js';
import type { SpaceRecord } from '../store/spaces.js';
import { broken, kept, named, nothing } from './verdict.js';

/**
 * That nobody is shown a secret of a socs space: not in its config vars, and not in a log line that has it in two
 * pieces, put through what logs are. Nothing of other spaces, where nothing is promised.
 */
export async function tryRedaction(session: Session, space: SpaceRecord): Promise<SpacePromise[]> {
  if (!space.compliance.includes('socs')) return [];
  const apps = session.store.apps.inSpace(space.name);
  const tried = await Promise.all(apps.map((app) => tryApp(session, app)));
  const shown = tried.flatMap((each) => each.shown);
  if (shown.length > 0) {
    const evidence = `shown in clear: ${named(shown)}`;
    return [broken('redaction', evidence, `aka config -a ${apps[0]?.name ?? 'APP'}-${space.name}`)];
  }
  const hidden = tried.reduce((sum, each) => sum + each.hidden, 0);
  return [
    hidden === 0
      ? nothing('redaction', 'its apps have no config var that holds a secret')
      : kept(
          'redaction',
          `${hidden} config ${hidden === 1 ? 'var that holds a secret is' : 'vars that hold a secret are'} hidden, also in logs`,
        ),
  ];
}

/** How many vars of an app are hidden, and which are not. */
async function tryApp(session: Session, app: AppRecord): Promise<{ hidden: number; shown: string[] }> {
  const { store } = session;
  const vars = store.configVars.of(app.id);
  const answer = await configVarsService(session).get({ app: app.id });
  const rules = redactionOf(store);
  const shown: string[] = [];
  let hidden = 0;
  for (const [name, value] of Object.entries(vars)) {
    const secrets = secretsIn(name, value, rules);
    if (secrets.length === 0) continue;
    const logged = secrets.map((secret) => inTwoPieces(new Masker(secretSetOf(store, app.id)), secret));
    const seen = [answer[name] ?? '', ...logged];
    // What is short is left in logs, and can be in any text.
    if (secrets.some((secret) => secret.length >= LONG && seen.some((text) => text.includes(secret)))) {
      shown.push(`${name} of ${app.name}`);
    } else hidden += 1;
  }
  return { hidden, shown };
}

/** A secret so long is in no other text by chance. In characters. */
const LONG = 8;

function inTwoPieces(masker: Masker, secret: string): string {
  const bytes = Buffer.from(`${secret}\n`);
  const half = bytes.length >> 1;
  return Buffer.concat([
    masker.take(bytes.subarray(0, half)),
    masker.take(bytes.subarray(half)),
    masker.end(),
  ]).toString();
}
