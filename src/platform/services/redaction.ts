import { type RedactionRules, redactText, secretsIn } from '../../model/redaction.js';
import { maskText } from '../logs/masker.js';
import { NO_SECRETS, SecretSet } from '../logs/secret-set.js';
import type { AppRecord } from '../store/apps.js';
import type { Store } from '../store/store.js';

/** The config vars of so many releases of an app are hidden, besides those of what runs: who read them may print them. */
const RELEASES = 20;

/** So many secrets an app are remembered after they were replaced. */
const REMEMBERED = 10_000;

/** What may be shown on this platform, as administrators decided. */
export function redactionOf(store: Store): RedactionRules {
  const { redact_words: words, redact_exceptions: exceptions } = store.settings.all();
  return { words, exceptions };
}

/** Free text for records and answers, without what its form tells to be a secret. */
export function redactedText(store: Store, text: string): string {
  return redactText(text, redactionOf(store));
}

/** Whether the config vars of an app are shown redacted, to everybody. */
export function isRedacted(store: Store, app: Pick<AppRecord, 'space'>): boolean {
  return store.spaces.find(app.space)?.compliance.includes('socs') !== false;
}

/**
 * What nobody may read in the logs and records of an app, by its id, to be looked for: the values of credentials that it
 * has or had, and in a socs space what is secret of its config vars, those of now and of its releases. It is made anew
 * only when something changed. Throws what reading them throws, and if nothing is known of an app that is gone.
 */
export function secretSetOf(store: Store, app: string): SecretSet {
  let known = KNOWN.get(store);
  if (known === undefined) KNOWN.set(store, (known = new KnownApps(store)));
  return known.setOf(app);
}

/** A text about an app as it is shown, such as why its dyno ended: in a socs space without any secret. */
export function maskSecrets(store: Store, app: AppRecord, text: string): string {
  const masked = maskText(secretSetOf(store, app.id), text);
  return isRedacted(store, app) ? redactedText(store, masked) : masked;
}

/**
 * A text about an app as it is recorded, without any secret: of the app, in a socs space of any app of the space, or told
 * by its form.
 */
export function hideSecrets(store: Store, app: string, text: string): string {
  const masked = maskText(secretSetOf(store, app), text);
  const space = store.apps.byId(app)?.space;
  return space === undefined ? redactedText(store, masked) : hideSecretsOfSpace(store, space, masked);
}

/** A text about a space as it is recorded; see {@link hideSecrets}. */
export function hideSecretsOfSpace(store: Store, space: string, text: string): string {
  const isSocs = store.spaces.find(space)?.compliance.includes('socs') === true;
  const apps = isSocs ? store.apps.inSpace(space) : [];
  return redactedText(
    store,
    apps.reduce((left, { id }) => maskText(secretSetOf(store, id), left), text),
  );
}

/**
 * What takes the secrets of an app out of texts that leave the platform: also where its space shows people its config
 * vars.
 */
export function outsideMask(store: Store, app: string): (text: string) => string {
  const rules = redactionOf(store);
  const vars = Object.entries(store.configVars.of(app));
  const secrets = new SecretSet(vars.flatMap(([name, value]) => secretsIn(name, value, rules)));
  return (text) => hideSecrets(store, app, maskText(secrets, text));
}

const KNOWN = new WeakMap<Store, KnownApps>();

/** The secrets of one app, under rules that stay. What was one once is remembered: programs that run still have it. */
class KnownSecrets {
  readonly secrets = new Set<string>();
  readonly #releases = new Set<string>();

  learn(store: Store, app: AppRecord): void {
    const rules = redactionOf(store);
    const credentials = store.credentials.varsOf(app.id);
    for (const value of Object.values(credentials)) this.secrets.add(value);
    this.#add(credentials, rules);
    if (!isRedacted(store, app)) return;
    this.#add(store.configVars.of(app.id), rules);
    for (const release of store.releases.recent(app.id, RELEASES)) {
      if (this.#releases.has(release)) continue;
      this.#add(store.releases.configOf(release), rules);
      this.#releases.add(release);
    }
  }

  #add(vars: Readonly<Record<string, string>>, rules: RedactionRules): void {
    for (const [name, value] of Object.entries(vars)) {
      for (const secret of secretsIn(name, value, rules)) this.secrets.add(secret);
    }
  }
}

interface KnownApp {
  /** The number of the change that it was looked at after. */
  change: number;
  readonly rules: string;
  readonly known: KnownSecrets;
  set: SecretSet;
  /** How many secrets the set was made of. */
  size: number;
}

class KnownApps {
  readonly #apps = new Map<string, KnownApp>();

  constructor(private readonly store: Store) {}

  setOf(id: string): SecretSet {
    const { store } = this;
    // Before anything else is read: what changes meanwhile is read again.
    const change = store.audit.number();
    const before = this.#apps.get(id);
    if (before?.change === change) return before.set;
    const app = store.apps.byId(id);
    if (app === undefined) {
      if (before === undefined) throw new Error('The app is gone, and what is secret of it is not known.');
      return before.set;
    }
    const rules = JSON.stringify(redactionOf(store));
    const current =
      before?.rules === rules && before.known.secrets.size < REMEMBERED
        ? before
        : { change, rules, known: new KnownSecrets(), set: NO_SECRETS, size: 0 };
    current.known.learn(store, app);
    const { secrets } = current.known;
    if (secrets.size !== current.size) {
      current.set = new SecretSet(secrets);
      current.size = secrets.size;
    }
    current.change = change;
    if (before === undefined) this.#forgetGone();
    this.#apps.set(id, current);
    return current.set;
  }

  /** Whenever there are twice as many as there were, so that it takes no time to speak of. */
  #forgetGone(): void {
    if (this.#apps.size < this.#most) return;
    for (const id of this.#apps.keys()) if (this.store.apps.byId(id) === undefined) this.#apps.delete(id);
    this.#most = 2 * this.#apps.size + 16;
  }

  #most = 16;
}
