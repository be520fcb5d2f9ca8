import { CREDENTIALS } from '../../model/addons.js';
import type { HookEventType } from '../../model/hooks.js';
import { splitAppKey } from '../../model/names.js';
import { REDACTED, redactVars } from '../../model/redaction.js';
import type { AuditAction } from '../audit/chain.js';
import type { BuildRecord } from '../store/builds.js';
import type { ReleaseRecord } from '../store/releases.js';
import type { Store } from '../store/store.js';
import { outsideMask, redactionOf } from './redaction.js';

/** Something that was done to an app. */
export interface Happening {
  readonly action: AuditAction;
  readonly app: { readonly id: string; readonly name: string; readonly space: string };
  /** What its record says, and what hooks are told besides. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly at: string;
}

type Payload = Readonly<Record<string, unknown>>;
type Maker = (store: Store, happening: Happening) => readonly Payload[];

/** A longer payload tells less of what changed. In characters. */
const PAYLOAD_MAX = 64 * 1024;
/** A longer value is cut. In characters. */
const VALUE_MAX = 500;
/** So many changes are told where all of them are too many. */
const CHANGES_TOLD = 100;

/**
 * What hooks are called with for an event, in the form that the Akkeris API documents: one or several calls, or none if
 * it is not what happened. No secret of the app is in it, whether or not its space shows them.
 */
export function payloadsOf(store: Store, event: HookEventType, happening: Happening): Payload[] {
  const { app } = happening;
  const made = MAKERS[event]?.(store, happening) ?? [];
  if (made.length === 0) return [];
  // Of an app that is gone nothing is told but its name.
  const mask = event === 'destroy' ? (text: string) => text : outsideMask(store, app.id);
  return made.map((each) => {
    const { app: more, ...rest } = masked(each, mask) as Payload & { readonly app?: object };
    return {
      action: event,
      app: { name: app.name, id: app.id, ...more },
      space: { name: app.space },
      key: `${app.name}-${app.space}`,
      ...fitting(rest),
    };
  });
}

const MAKERS: { readonly [Event in HookEventType]?: Maker } = {
  updated: (_, { details: { description, labels, maintenance } }) => [
    {
      app: {
        ...(description !== undefined && { description }),
        ...(labels !== undefined && { labels }),
        ...(maintenance !== undefined && { maintenance }),
      },
    },
  ],

  destroy: () => [{}],

  config_change(store, { app, details }) {
    const [set, unset, created] = [names(details.set), names(details.unset), names(details.created)];
    const vars = store.configVars.of(app.id);
    const values = Object.fromEntries(set.map((name) => [name, vars[name] ?? REDACTED]));
    return [
      {
        changes: [
          ...set.map((name) => ({ type: created.includes(name) ? 'create' : 'update', name })),
          ...unset.map((name) => ({ type: 'delete', name })),
        ],
        config_vars: redactVars(values, redactionOf(store)),
      },
    ];
  },

  formation_change(store, { action, app, details }) {
    const type = String(details.type);
    const formation = store.formations.find(app.id, type);
    const [, change] = action.split('.');
    if (formation === undefined) return [{ change: 'delete', changes: [{ type, quantity: 0 }] }];
    const { command, quantity, size, port, healthcheck, grace } = formation;
    return [{ change, changes: [{ type, quantity, size, port, command, healthcheck, grace }] }];
  },

  addon_change: (_, { action, details: { id, credential: name, plan } }) => [
    {
      change: action === 'credential.create' ? 'create' : 'delete',
      changes: [
        {
          id,
          name,
          addon_service: { id: CREDENTIALS.id, name: CREDENTIALS.name },
          ...(plan !== undefined && { plan: { name: plan } }),
          actions: null,
          config_vars: [],
          provider_id: 'aka',
        },
      ],
    },
  ],

  build(store, { action, app, details }) {
    const build = buildIn(store, app.id, details);
    if (build === undefined) return [];
    const isOver = build.status === 'succeeded' || build.status === 'failed';
    // That a check is well, and another is still waited for, is no news of the build.
    const isNew = action === 'build.create' || action === 'pipeline.promote';
    return isOver || isNew ? [{ build: showBuild(build) }] : [];
  },

  release(store, { action, app, details }) {
    const release = releaseIn(store, app.id, action, details);
    // Without a slug there is nothing that could start.
    if (release === undefined || release.slug === null) return [];
    const isFinish = action === 'release.finish';
    if (isFinish && details.status !== 'failed') return [];
    const { id, version, description, createdAt } = release;
    const build = release.build === null ? undefined : store.builds.byId(release.build);
    return [
      {
        release: {
          id,
          // As Akkeris has it: it was made, and `released` says that it runs.
          result: isFinish ? 'failed' : 'succeeded',
          created_at: createdAt,
          version,
          description,
          ...(isFinish && { reason: details.reason }),
        },
        build: build === undefined ? null : showBuild(build),
      },
    ];
  },

  released(store, { app, details, at }) {
    const release = store.releases.byVersion(app.id, Number(details.version));
    if (details.status !== 'succeeded' || release === undefined || release.slug === null) return [];
    const { id, version, createdAt, slug } = release;
    const build = release.build === null ? undefined : store.builds.byId(release.build);
    const { checksum, url, version: source, sha, repo, branch } = build?.source ?? {};
    return store.formations
      .of(app.id)
      .filter(({ quantity }) => quantity > 0)
      .map(({ type }) => ({
        dyno: { type },
        release: { id, created_at: createdAt, updated_at: at, version },
        slug: {
          id: slug,
          image: null,
          source_blob: {
            checksum: checksum ?? null,
            url: url ?? null,
            version: source ?? null,
            commit: sha ?? null,
            repo: repo ?? null,
            branch: branch ?? null,
          },
        },
        released_at: at,
      }));
  },

  crashed(store, { app, details, at }) {
    const dyno = String(details.dyno);
    const reason = String(details.reason);
    const [type, number] = dyno.split('.');
    const known = store.dynos.of(app.id).find((each) => each.type === type && each.number === Number(number));
    const [code, description] = /\bmemory\b/.test(reason)
      ? ['R14', 'Memory quota exceeded']
      : ['H10', 'App crashed'];
    return [
      {
        code,
        description: `${description}: ${reason}`,
        restarts: known?.restarts ?? 0,
        dynos: [{ type, dyno }],
        crashed_at: at,
      },
    ];
  },

  pipeline_promotion(store, { action, app, details }) {
    // The record of what was promoted is one of the source: it names no app that it is from.
    const from = typeof details.from === 'string' ? splitAppKey(details.from) : undefined;
    if (from === undefined) return [];
    const source = store.apps.byName(from.app, from.space);
    const release = releaseIn(store, app.id, action, details);
    const build = buildIn(store, app.id, details);
    return [
      {
        promoted_from: { app: { name: from.app, id: source?.id ?? null }, space: { name: from.space } },
        pipeline: { name: details.pipeline },
        build: { id: build?.id ?? release?.build ?? null },
        release:
          release === undefined
            ? null
            : {
                id: release.id,
                status: release.status,
                version: release.version,
                description: release.description,
              },
      },
    ];
  },
};

/** The build that a record is of: by its id, or by its number, which some call one thing and some another. */
function buildIn(store: Store, app: string, details: Happening['details']): BuildRecord | undefined {
  const number = details.build ?? details.number;
  return typeof number === 'number' ? store.builds.byNumber(app, number) : undefined;
}

/** The release that a change made, or is of. */
function releaseIn(
  store: Store,
  app: string,
  action: AuditAction,
  details: Happening['details'],
): ReleaseRecord | undefined {
  const { release, version, verdict } = details;
  const isOfRelease = action === 'release.create' || action === 'release.finish';
  const found = isOfRelease ? version : release;
  if (typeof found === 'number') return store.releases.byVersion(app, found);
  const build = verdict === 'released' ? buildIn(store, app, details) : undefined;
  return build && store.releases.ofBuild(build.id);
}

function showBuild({ id, number, status, reason, createdAt, source }: BuildRecord): Payload {
  return {
    id,
    number,
    result: status === 'queued' ? 'pending' : status,
    created_at: createdAt,
    repo: source.repo ?? null,
    commit: source.sha ?? null,
    branch: source.branch ?? null,
    ...(reason !== null && { reason }),
  };
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Leaves out values, and then the names of many changes, of what would be too long. */
function fitting(payload: Payload): Payload {
  if (JSON.stringify(payload).length <= PAYLOAD_MAX) return payload;
  const { changes, config_vars: _, ...rest } = payload;
  const all = Array.isArray(changes) ? changes : [];
  return {
    ...rest,
    changes: all.slice(0, CHANGES_TOLD),
    more_changes: all.length - CHANGES_TOLD,
    config_vars: {},
  };
}

/** The same with every text in it masked, and then cut: what is cut first may not be known for a secret any more. */
function masked(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') {
    const text = mask(value);
    return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}...` : text;
  }
  if (Array.isArray(value)) return value.map((each) => masked(each, mask));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, masked(each, mask)]));
}
