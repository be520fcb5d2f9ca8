import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError, conflict, notFound } from '../../contract/errors.js';
import type { Pipeline } from '../../contract/wire.js';
import { checkFreeText } from '../../model/free-text.js';
import { appKey } from '../../model/names.js';
import { nearest } from '../../model/nearest.js';
import { type PipelineName, parsePipelineName, STAGES, stageAfter } from '../../model/pipelines.js';
import type { PipelineRecord } from '../store/pipelines.js';
import { appFor } from './apps.js';
import { aboutApp, change, type Draft } from './change.js';
import { checkMayLoosen, mayUse, mayUseAll } from './policy.js';
import { hideSecrets, redactedText } from './redaction.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';

/** Pipelines: their names, and what becomes of them. */
export function pipelinesService(
  session: Session,
): Omit<AppsApi['pipelines'], 'couplings' | 'contexts' | 'plan'> {
  const { store } = session;
  return {
    list: async () =>
      store.db.snapshot(() =>
        store.pipelines
          .all()
          .filter((pipeline) => isVisible(session, pipeline))
          .map(show),
      ),

    get: async ({ pipeline: key }) => store.db.snapshot(() => show(pipelineOf(session, key))),

    stages: async () => Object.fromEntries(STAGES.map((stage) => [stage, stageAfter(stage) ?? null])),

    async create(input, options) {
      return change(session, { action: 'pipeline.create', input, options }, (draft) => {
        const { description = '' } = input;
        const name = freeName(session, input.name);
        checkFreeText('description', description);
        const pipeline = { id: randomUUID(), name, description, createdAt: draft.at, updatedAt: draft.at };
        store.pipelines.insert(pipeline);
        draft.details = { id: pipeline.id, name, description: redactedText(store, description) };
        return show(pipeline);
      });
    },

    async update({ pipeline: key, ...wanted }) {
      const input = { key, wanted };
      return change(session, { action: 'pipeline.update', input }, (draft) => {
        const before = pipelineOf(session, key);
        const { description: text = before.description } = wanted;
        checkFreeText('description', text);
        const apps = store.pipelines.couplings({ pipeline: before.id });
        const description = apps.reduce((left, { app }) => hideSecrets(store, app, left), text);
        const isRenamed = wanted.name !== undefined && wanted.name.toLowerCase() !== before.name;
        // What is reported under its name would be asked for under another one.
        if (isRenamed) checkMayLoosenAll(session, draft, before, `rename pipeline ${before.name}`);
        const name = isRenamed ? freeName(session, wanted.name ?? '') : before.name;
        const after = { ...before, name, description, updatedAt: draft.at };
        store.pipelines.update(after);
        draft.details = { pipeline: before.name, name, description: redactedText(store, description) };
        return show(after);
      });
    },

    async destroy({ pipeline: key }) {
      return change(session, { action: 'pipeline.destroy', input: { key } }, (draft) => {
        const pipeline = pipelineOf(session, key);
        const { name } = pipeline;
        const apps = checkMayLoosenAll(session, draft, pipeline, `destroy pipeline ${name}`);
        store.pipelines.remove(pipeline.id);
        draft.details = { id: pipeline.id, name, apps };
        return show(pipeline);
      });
    },
  };
}

/**
 * Returns the pipeline with this name or id. Throws an AppsApiError (404) if there is none, and the same if it only has
 * apps in spaces that the caller may not use.
 */
export function pipelineOf(session: Session, key: string): PipelineRecord {
  const { store } = session;
  const pipeline = store.pipelines.find(key.toLowerCase());
  if (pipeline !== undefined && isVisible(session, pipeline)) return pipeline;
  const names = store.pipelines.all().filter((each) => isVisible(session, each));
  const near = nearest(
    key,
    names.map(({ name }) => name),
  );
  throw notFound('pipeline', key, near, 'Every pipeline: aka pipelines');
}

function isVisible({ store, caller }: Session, { id }: PipelineRecord): boolean {
  if (mayUseAll(caller)) return true;
  const couplings = store.pipelines.couplings({ pipeline: id });
  return couplings.length === 0 || couplings.some(({ app }) => mayUse(caller, appFor(store, app).space));
}

/**
 * Refuses what takes checks away from any app of a pipeline to who may not. The record is about its first app, and there
 * is one for each of the others. Answers their names.
 */
function checkMayLoosenAll(
  session: Session,
  draft: Draft,
  { id, name }: PipelineRecord,
  what: string,
): string[] {
  const { store, caller } = session;
  const apps = store.pipelines.couplings({ pipeline: id }).map(({ app }) => appFor(store, app));
  for (const app of apps) {
    if (!mayUse(caller, app.space)) throw hasOthers(name);
    aboutApp(draft, app);
    checkMayLoosen(caller, what, app, spaceFor(store, app.space).compliance);
  }
  const [first, ...others] = apps.map((app) => ({ app: app.name, space: app.space }));
  Object.assign(draft.about, first);
  for (const about of others) draft.also.push({ about, details: { pipeline: name } });
  return apps.map((app) => appKey(app.name, app.space));
}

/**
 * Returns the name for a pipeline that no other one has. Throws an AppsApiError (409) that names the other one to those
 * who may see it, and to others says only that this name can't be used.
 */
function freeName(session: Session, input: string): PipelineName {
  const name = parsePipelineName(input);
  const other = session.store.pipelines.find(name);
  if (other === undefined) return name;
  if (isVisible(session, other))
    throw conflict('exists', `Pipeline ${name} exists already.`, `Show it: aka pipelines:info ${name}`);
  throw conflict(
    'name_not_available',
    `The name ${name} can't be used for a pipeline.`,
    'Choose another name.',
  );
}

function hasOthers(name: string): AppsApiError {
  return new AppsApiError({
    id: 'not_your_space',
    status: 403,
    message: `Pipeline ${name} has apps in spaces that you may not use.`,
    hint: 'Ask an administrator of this platform.',
  });
}

function show({ id, name, description, createdAt, updatedAt }: PipelineRecord): Pipeline {
  return { id, name, description, created_at: createdAt, updated_at: updatedAt };
}
