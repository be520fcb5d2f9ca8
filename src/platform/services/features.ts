import type { AppsApi } from '../../contract/apps-api.js';
import { conflict, notFound } from '../../contract/errors.js';
import type { AppFeature } from '../../contract/wire.js';
import { FEATURES, type Feature } from '../../model/features.js';
import { nearest } from '../../model/nearest.js';
import { appOf, changeApp } from './apps.js';
import type { Session } from './session.js';

/** The features of apps as Akkeris knows them: what they are here, and that they can't be switched. */
export function featuresService(session: Session): AppsApi['features'] {
  const { store } = session;
  return {
    list: async ({ app }) =>
      store.db.snapshot(() => {
        appOf(session, app);
        return FEATURES.map(show);
      }),

    get: async ({ app, feature }) =>
      store.db.snapshot(() => {
        appOf(session, app);
        return show(featureFor(feature));
      }),

    async update({ app: key, feature: name, enabled }) {
      const input = { key, name, enabled };
      return changeApp(session, key, { action: 'feature.update', input }, (draft) => {
        const feature = featureFor(name);
        if (feature.enabled !== enabled) throw fixed(feature);
        draft.details = { feature: feature.name, enabled };
        return show(feature);
      });
    },
  };
}

function featureFor(name: string): Feature {
  const found = FEATURES.find((each) => each.name === name.toLowerCase());
  if (found !== undefined) return found;
  const names = FEATURES.map((each) => each.name);
  throw notFound('feature', name, nearest(name.toLowerCase(), names), `There are ${names.join(', ')}.`);
}

function show({ name, title, description, enabled }: Feature): AppFeature {
  return {
    id: name,
    name,
    display_name: title,
    description,
    doc_url: '',
    feedback_email: '',
    state: 'public',
    enabled,
  };
}

function fixed({ name, enabled, description }: Feature) {
  return conflict(
    'fixed_feature',
    `${name} is always ${enabled ? 'on' : 'off'} on this platform: ${description.replace(/\.$/, '').replace(/^./, (first) => first.toLowerCase())}.`,
    undefined,
    { feature: name, enabled },
  );
}
