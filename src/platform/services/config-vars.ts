import type { AppsApi } from '../../contract/apps-api.js';
import { conflict } from '../../contract/errors.js';
import { checkConfigName, checkConfigValue, valueOf } from '../../model/config-vars.js';
import { DEFAULT_PORT, WEB } from '../../model/formation.js';
import { redactVars } from '../../model/redaction.js';
import type { AppRecord } from '../store/apps.js';
import type { Store } from '../store/store.js';
import { appOf, changeApp } from './apps.js';
import { isRedacted, redactionOf } from './redaction.js';
import { releaseConfig } from './releases.js';
import type { Session } from './session.js';

/** Longer ones say nothing more. */
const DESCRIPTION_MAX = 120;

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
        for (const [name, value] of entries) {
          checkConfigName(name);
          if (value !== null) checkConfigValue(name, value);
        }
        const before = store.configVars.of(app.id);
        for (const [name, value] of entries) {
          if (value !== null) store.configVars.set(app.id, name, value);
          else if (store.configVars.has(app.id, name)) store.configVars.remove(app.id, name);
          else throw notSet(key, name);
        }
        const count = store.configVars.count(app.id);
        if (count > CONFIG_VARS_MAX) throw tooMany(key, count);
        // The log says which vars changed, never to what: who may read it may not know the values.
        const set = entries.filter(([, value]) => value !== null).map(([name]) => name);
        const unset = entries.filter(([, value]) => value === null).map(([name]) => name);
        draft.details = { set, unset };
        // What was so before is nothing to start anew for.
        if (entries.some(([name, value]) => (valueOf(before, name) ?? null) !== value)) {
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

/** The vars of an app as its space lets people see them. */
function showVars(store: Store, app: AppRecord): Record<string, string> {
  const vars = {
    PORT: String(store.formations.find(app.id, WEB)?.port ?? DEFAULT_PORT),
    ...store.configVars.of(app.id),
  };
  return isRedacted(store, app) ? redactVars(vars, redactionOf(store)) : vars;
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
