import type { AppsApi } from '../../contract/apps-api.js';
import { conflict } from '../../contract/errors.js';
import { checkConfigName, checkConfigValue } from '../../model/config-vars.js';
import { splitAppKey } from '../../model/names.js';
import { redactVars } from '../../model/redaction.js';
import type { AppRecord } from '../store/apps.js';
import type { Store } from '../store/store.js';
import { appFor } from './apps.js';
import { change } from './change.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';

/** The port an app must answer on, unless its formation says another. */
const DEFAULT_PORT = '5000';

/** So many vars an app, so that one environment can hold them. */
const CONFIG_VARS_MAX = 1000;

/** The config vars of apps: all of a change or nothing of it. */
export function configVarsService(session: Session): AppsApi['configVars'] {
  const { store } = session;
  return {
    get: async ({ app }) => store.db.snapshot(() => showVars(store, appFor(store, app))),

    async patch({ app: key, vars }) {
      const entries = Object.entries(vars).map(
        ([name, value]) => [name, value === null ? null : String(value)] as const,
      );
      const about = splitAppKey(key) ?? { app: key };
      return change(session, { action: 'config.change', input: { key, vars }, about }, (draft) => {
        const app = appFor(store, key);
        Object.assign(draft.about, { app: app.name, space: app.space });
        for (const [name, value] of entries) {
          checkConfigName(name);
          if (value !== null) checkConfigValue(name, value);
        }
        for (const [name, value] of entries) {
          if (value !== null) store.configVars.set(app.id, name, value);
          else if (store.configVars.has(app.id, name)) store.configVars.remove(app.id, name);
          else throw notSet(key, name);
        }
        const count = store.configVars.count(app.id);
        if (count > CONFIG_VARS_MAX) throw tooMany(key, count);
        // The log says which vars changed, never to what: who may read it may not know the values.
        draft.details = {
          set: entries.filter(([, value]) => value !== null).map(([name]) => name),
          unset: entries.filter(([, value]) => value === null).map(([name]) => name),
        };
        return showVars(store, app);
      });
    },
  };
}

/** The vars of an app as its space lets people see them. */
function showVars(store: Store, app: AppRecord): Record<string, string> {
  const vars = { PORT: DEFAULT_PORT, ...store.configVars.of(app.id) };
  return spaceFor(store, app.space).compliance.includes('socs') ? redactVars(vars) : vars;
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
