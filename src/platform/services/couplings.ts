import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { conflict, notFound } from '../../contract/errors.js';
import type { PipelineCoupling } from '../../contract/wire.js';
import { appKey } from '../../model/names.js';
import { PIPELINE_APPS_MAX, parseRequired, parseStage, STAGES } from '../../model/pipelines.js';
import type { AppRecord } from '../store/apps.js';
import type { CouplingRecord } from '../store/pipelines.js';
import { appFor, appOf, changeApp } from './apps.js';
import { requireNewChecks } from './build-checks.js';
import { aboutApp, change, type Draft } from './change.js';
import { pipelineOf } from './pipelines.js';
import { checkMayLoosen, mayUse } from './policy.js';
import { runs } from './releases.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';

/** Which app is at which stage of which pipeline, and what must be well before it is promoted to. */
export function couplingsService(session: Session): AppsApi['pipelineCouplings'] {
  const { store, caller } = session;
  return {
    list: async () => store.db.snapshot(() => showCouplings(session, store.pipelines.couplings())),

    ofApp: async ({ app: key }) =>
      store.db.snapshot(() =>
        showCouplings(session, store.pipelines.couplings({ app: appOf(session, key).id })),
      ),

    get: async ({ coupling: id }) =>
      store.db.snapshot(() => {
        const { coupling, app } = couplingOf(session, id);
        return show(session, coupling, app);
      }),

    async create({ app: key, ...input }, options) {
      return changeApp(
        session,
        key,
        { action: 'pipeline.add', input: { key, input }, options },
        (draft, app) => {
          const pipeline = pipelineOf(session, input.pipeline);
          const stage = parseStage(input.stage);
          const required = parseRequired(input.required_status_checks?.contexts ?? [], stage);
          const others = store.pipelines.couplings({ pipeline: pipeline.id });
          const there = others.find((each) => each.app === app.id);
          if (there !== undefined) throw isIn(app, pipeline.name, there);
          if (others.length >= PIPELINE_APPS_MAX) throw full(pipeline.name);
          const coupling: CouplingRecord = {
            id: randomUUID(),
            pipeline: pipeline.id,
            app: app.id,
            stage,
            required,
            createdAt: draft.at,
            updatedAt: draft.at,
          };
          store.pipelines.couple(coupling);
          requireNewChecks(store, app, draft.at);
          draft.details = { pipeline: pipeline.name, stage, required };
          return show(session, coupling, app);
        },
      );
    },

    async update({ coupling: id, required_status_checks: { contexts } }) {
      return change(session, { action: 'pipeline.update', input: { id, contexts } }, (draft) => {
        const { coupling, app, pipeline } = couplingToChange(session, draft, id);
        const required = parseRequired(contexts, coupling.stage);
        if (coupling.required.some((each) => !required.includes(each))) {
          const what = `require less before something is promoted to an app in pipeline ${pipeline}`;
          checkMayLoosen(caller, what, app, spaceFor(store, app.space).compliance);
        }
        store.pipelines.require(coupling.id, required, draft.at);
        draft.details = { pipeline, stage: coupling.stage, required, before: coupling.required };
        return show(session, { ...coupling, required, updatedAt: draft.at }, app);
      });
    },

    async destroy({ coupling: id }) {
      return change(session, { action: 'pipeline.remove', input: { id } }, (draft) => {
        const { coupling, app, pipeline } = couplingToChange(session, draft, id);
        const what = `remove an app from pipeline ${pipeline}`;
        checkMayLoosen(caller, what, app, spaceFor(store, app.space).compliance);
        const before = show(session, coupling, app);
        store.pipelines.uncouple(coupling.id);
        draft.details = { pipeline, stage: coupling.stage, required: coupling.required };
        return before;
      });
    },
  };
}

/** The apps of one pipeline, and what was reported of them. */
export function appsOfPipelines(session: Session): Pick<AppsApi['pipelines'], 'couplings' | 'contexts'> {
  const { store } = session;
  return {
    couplings: async ({ pipeline: key }) =>
      store.db.snapshot(() => {
        const { id } = pipelineOf(session, key);
        return showCouplings(session, store.pipelines.couplings({ pipeline: id }));
      }),

    contexts: async ({ pipeline: key }) =>
      store.db.snapshot(() => {
        const { id } = pipelineOf(session, key);
        const couplings = showCouplings(session, store.pipelines.couplings({ pipeline: id }));
        return store.releaseStatuses.contextsOf(couplings.map(({ app }) => app.id));
      }),
  };
}

/** Shows those whose apps the caller may use, by stage. */
function showCouplings(session: Session, couplings: readonly CouplingRecord[]): PipelineCoupling[] {
  return STAGES.flatMap((stage) => couplings.filter((each) => each.stage === stage)).flatMap((coupling) => {
    const app = appFor(session.store, coupling.app);
    return mayUse(session.caller, app.space) ? [show(session, coupling, app)] : [];
  });
}

/** Returns the coupling with this id. Throws an AppsApiError (404) also if its app is in none of the caller's spaces. */
function couplingOf({ store, caller }: Session, id: string): { coupling: CouplingRecord; app: AppRecord } {
  const coupling = store.pipelines.coupling(id.toLowerCase());
  const app = coupling && appFor(store, coupling.app);
  if (coupling === undefined || app === undefined || !mayUse(caller, app.space)) {
    throw notFound('coupling', id, undefined, 'The apps of a pipeline: aka pipelines:info PIPELINE');
  }
  return { coupling, app };
}

/** One that is to be changed, and the name of its pipeline; the record is about its app. */
function couplingToChange(session: Session, draft: Draft, id: string) {
  const { coupling, app } = couplingOf(session, id);
  aboutApp(draft, app);
  return { coupling, app, pipeline: pipelineOf(session, coupling.pipeline).name };
}

function show({ store }: Session, coupling: CouplingRecord, app: AppRecord): PipelineCoupling {
  const pipeline = store.pipelines.find(coupling.pipeline);
  const release = runs(store, app.id);
  const build = release?.build == null ? undefined : store.builds.byId(release.build);
  return {
    id: coupling.id,
    pipeline: { id: coupling.pipeline, ...(pipeline !== undefined && { name: pipeline.name }) },
    app: { id: app.id, name: appKey(app.name, app.space) },
    stage: coupling.stage,
    required_status_checks: { contexts: [...coupling.required] },
    release:
      release === undefined
        ? null
        : {
            id: release.id,
            version: release.version,
            commit: build?.source.sha ?? null,
            created_at: release.createdAt,
          },
    created_at: coupling.createdAt,
    updated_at: coupling.updatedAt,
  };
}

function isIn(app: AppRecord, pipeline: string, { stage }: CouplingRecord) {
  const key = appKey(app.name, app.space);
  return conflict(
    'exists',
    `${key} is at stage ${stage} of pipeline ${pipeline} already.`,
    `To have it at another one: aka pipelines:remove ${pipeline} -a ${key}, then add it again.`,
  );
}

function full(pipeline: string) {
  return conflict(
    'pipeline_full',
    `Pipeline ${pipeline} has ${PIPELINE_APPS_MAX} apps, and can have no more.`,
    'Remove one, or make another pipeline.',
  );
}
