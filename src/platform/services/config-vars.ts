import type { AppsApi } from '../../contract/apps-api.js';
import { conflict } from '../../contract/errors.js';
import { checkConfigName, checkConfigValue, valueOf } from '../../model/config-vars.js';
import { environmentBytes } from '../../model/discovery.js';
import { DEFAULT_PORT, WEB } from '../../model/formation.js';
import { appKey } from '../../model/names.js';
import { REDACTED, redactVars } from '../../model/redaction.js';
import { RuleError } from '../../model/rule.js';
import type { AppRecord } from '../store/apps.js';
import type { Store } from '../store/store.js';
import { appOf, changeApp } from './apps.js';
import { checkMayLoadCode } from './code-vars.js';
import { discoveryBytes } from './discovery.js';
import { isRedacted, redactionOf } from './redaction.js';
import { releaseConfig } from './releases.js';
import type { Session } from './session.js';

/** Longer ones say nothing more. */
const DESCRIPTION_MAX = 120;

/** What config vars, credentials and discovery may take together in the environment of an app with credentials. */
const ENVIRONMENT_BYTES_MAX = 128 * 1024;

/** So many vars an app, so that one environment can hold them. */
const CONFIG_VARS_MAX = 1000;

/** The config vars of apps: all of a change or nothing of it. */
export function configVarsService(session: Session): AppsApi['configVars'] {
  const { store } = session;
  return {
    get: async ({ app }) => store.db.snapshot(() => showVars(store, appOf(session, app))),

    async patch({ app: key, vars }) {
      const entries = Object.entries(vars).map(
        ([name, value]) => [name, value === null ? null : String(value)] as const,
      );
      return changeApp(session, key, { action: 'config.change', input: { key, vars } }, (draft, app) => {
        // Every var of an app can be replaced by another at once. More is refused before anything else is looked at.
        if (entries.length > 2 * CONFIG_VARS_MAX) throw tooManyAtOnce(entries.length);
        for (const [name, value] of entries) {
          checkConfigName(name);
          if (value !== null) checkConfigValue(name, value);
        }
        const before = store.configVars.of(app.id);
        const changed = entries.filter(([name, value]) => (valueOf(before, name) ?? null) !== value);
        checkMayLoadCode(
          session,
          app,
          changed.map(([name]) => name),
        );
        const origins = store.credentials.originsOf(app.id);
        for (const [name] of entries) {
          const credential = origins.get(name);
          if (credential !== undefined) throw ofCredential(key, name, credential);
        }
        for (const [name, value] of entries) {
          if (value !== null) store.configVars.set(app.id, name, value);
          else if (store.configVars.has(app.id, name)) store.configVars.remove(app.id, name);
          else throw notSet(key, name);
        }
        // To take some away is never too much.
        if (entries.some(([, value]) => value !== null)) checkVarsFit(store, app);
        // The log says which vars changed, never to what: who may read it may not know the values.
        const set = entries.filter(([, value]) => value !== null).map(([name]) => name);
        const unset = entries.filter(([, value]) => value === null).map(([name]) => name);
        draft.details = { set, unset };
        draft.news = { created: set.filter((name) => valueOf(before, name) === undefined) };
        // What was so before is nothing to start anew for.
        if (changed.length > 0) {
          const description = describe(set, unset);
          const release = releaseConfig(store, app, { description, user: session.caller.name, at: draft.at });
          draft.details.release = release.version;
        }
        return showVars(store, app);
      });
    },
  };
}

function describe(set: readonly string[], unset: readonly string[]): string {
  const parts = [
    ...(set.length === 0 ? [] : [`set ${listed(set)}`]),
    ...(unset.length === 0 ? [] : [`unset ${listed(unset)}`]),
  ];
  const text = parts.join(', ').replace(/^./, (first) => first.toUpperCase());
  return text.length <= DESCRIPTION_MAX ? text : `${text.slice(0, DESCRIPTION_MAX - 3)}...`;
}

function listed(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return names.slice(0, 3).join(', ') + more;
}

/** Throws an AppsApiError (409) if an app has more vars than an environment should hold. Called within a change. */
export function checkVarsFit(store: Store, app: AppRecord): void {
  const key = appKey(app.name, app.space);
  const credentials = store.credentials.varsOf(app.id);
  const ofCredentials = Object.keys(credentials).length;
  const count = store.configVars.count(app.id) + ofCredentials;
  if (count > CONFIG_VARS_MAX) throw tooMany(key, count);
  if (ofCredentials === 0) return;
  const own = { ...store.configVars.of(app.id), ...credentials };
  const bytes = environmentBytes(own) + discoveryBytes(store, app.space);
  if (bytes > ENVIRONMENT_BYTES_MAX) throw tooLarge(key, bytes);
}

/** The vars of an app as its space lets people see them; those of credentials are nowhere seen. */
function showVars(store: Store, app: AppRecord): Record<string, string> {
  const vars = {
    PORT: String(store.formations.find(app.id, WEB)?.port ?? DEFAULT_PORT),
    ...store.configVars.of(app.id),
  };
  const shown = isRedacted(store, app) ? redactVars(vars, redactionOf(store)) : vars;
  const hidden = [...store.credentials.originsOf(app.id).keys()].map((name) => [name, REDACTED] as const);
  return hidden.length === 0 ? shown : { ...shown, ...Object.fromEntries(hidden) };
}

function ofCredential(app: string, name: string, credential: string) {
  return conflict(
    'set_by_credential',
    `${name} comes from credential ${credential}, so it can't be changed on ${app}.`,
    `For another value everywhere: aka credentials:rotate ${credential} KEY=VALUE - to take it away: aka credentials:detach ${credential} -a ${app}`,
    { name, credential },
  );
}

function notSet(app: string, name: string) {
  return conflict(
    'not_set',
    `${name} is not set on ${app}, so it can't be removed.`,
    `What is set: aka config -a ${app}`,
  );
}

function tooMany(app: string, count: number) {
  return conflict(
    'too_many_config_vars',
    `${app} would have ${count} config vars; an app can have ${CONFIG_VARS_MAX}.`,
    'Put what belongs together into one var or a file.',
  );
}

function tooManyAtOnce(count: number) {
  return new RuleError(
    'too_many_config_vars',
    `${count} config vars can't be changed at once.`,
    `An app can have ${CONFIG_VARS_MAX}, so at most ${2 * CONFIG_VARS_MAX} can be set and removed at once.`,
  );
}

function tooLarge(app: string, bytes: number) {
  return conflict(
    'environment_full',
    `The vars of ${app} would take ${bytes} bytes with those of its credentials and of discovery; ${ENVIRONMENT_BYTES_MAX} fit.`,
    'Put large content into a file or a store, and its address into the var.',
  );
}
