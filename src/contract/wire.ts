import * as z from 'zod/mini';
import { CHECK_STATES } from '../model/checks.js';
import { CA_MAX, DEFAULT_MAIL, PASSWORD_MAX, RECIPIENTS_MAX, SMTP_TLS } from '../model/mail.js';
import { STACK_STATES } from '../model/stacks.js';
import { blankIsAbsent, ignoring } from './ignored.js';

/*
 * The JSON of the Apps API. Inputs are strict: an unknown member is a mistake. Results are loose: another platform
 * may say more or less, and a name that only it would allow must be shown, not crash.
 */

const text = z.string();
const time = z.string();
const Ref = z.looseObject({ id: text, name: text });

/** A whole number; some installations send counts as strings, and everything in a query is one. */
const Whole = z.pipe(
  z.union([z.number(), z.string().check(z.regex(/^\d{1,15}$/))]),
  z.pipe(z.transform(Number), z.int()),
);

const DESCRIPTION_MAX = 500;
const description = z.string().check(z.maxLength(DESCRIPTION_MAX));
/** A name or an id as people write it; what it may be is up to the rules. */
const named = z.string().check(z.minLength(1), z.maxLength(256));
/** A name for something new: what is wrong with it, the rules say better. */
const wish = z.string().check(z.maxLength(256));
/** A time, or so long ago: see `parseSince` in the model. */
const since = z.string().check(z.maxLength(64));
/** A number that is stored as it was written; larger ones would be rounded, and must be sent as text. */
const exact = z.number().check(z.refine((it) => !Number.isInteger(it) || Number.isSafeInteger(it)));
/** A boolean, which a query, and older clients of Akkeris, have as text. */
const Yes = z.union([z.boolean(), z.stringbool()]);

const page = {
  /** At most so many; without it a list is whole. */
  limit: z.optional(Whole.check(z.gte(1), z.lte(1000))),
  /** Where the page before ended, as it said. */
  cursor: z.optional(z.string().check(z.maxLength(512))),
};

/** Something about a space or what is in it that its compliance would have otherwise. */
const Concern = z.looseObject({
  compliance: text,
  /** A sentence without a full stop. */
  problem: text,
  /** The command that mends it, if one does. */
  remedy: z.optional(text),
});
export type Concern = z.infer<typeof Concern>;
const concerns = z.optional(z.array(Concern));

export const Space = z.looseObject({
  id: text,
  name: text,
  compliance: z._default(z.array(text), []),
  description: z.optional(text),
  region: Ref,
  stack: Ref,
  state: text,
  apps: z.optional(Whole),
  /** The domain pattern of its apps, `[app]` standing for the name. */
  domain: z.optional(text),
  network: z.optional(
    z.looseObject({
      mode: text,
      subnets: z.array(text),
      /** What the machine can't hold, once the platform has run there. */
      not_enforced: z.optional(z.array(z.looseObject({ promise: text, how: text }))),
    }),
  ),
  concerns,
  /** What its compliance does on this platform, where that differs from what the catalogue says. */
  effects: z.optional(z.array(z.looseObject({ compliance: text, does: z.array(text) }))),
  /** Of a socs space: how its digests are mailed. */
  digests: z.optional(
    z.looseObject({
      /** Whether a mail server, a sender and administrators are set. */
      mailed: z.boolean(),
      period_hours: z.number(),
      recipients: z.number(),
      next_at: time,
      last_sent_at: z.nullable(time),
      /** Those that the mail server didn't take yet, since when, and what it said. */
      waiting: z.number(),
      waiting_since: z.nullable(time),
      answer: z.nullable(text),
    }),
  ),
  created_at: time,
  updated_at: time,
});
export type Space = z.infer<typeof Space>;

export const SpaceFilter = z.strictObject({
  ...page,
  compliance: z.optional(text),
  stack: z.optional(named),
});
export const SpaceCreate = z.strictObject({
  name: wish,
  compliance: z.optional(z.nullable(z.array(text))),
  description: z.optional(description),
  stack: z.optional(named),
});
export const SpaceKey = z.strictObject({ space: named });
export const SpaceUpdate = z.strictObject({
  space: named,
  description: z.optional(description),
  /** Fixed at creation: they are read so that the refusal can say so. */
  compliance: z.optional(z.unknown()),
  name: z.optional(z.unknown()),
  stack: z.optional(z.unknown()),
});

/** Where an app is found; null for what a platform knows only when it starts a dyno. */
export const Service = z.looseObject({
  id: text,
  name: text,
  host: z.nullable(text),
  port: z.nullable(z.number()),
  web_url: text,
});
export type Service = z.infer<typeof Service>;
const HeldBy = z.array(z.looseObject({ app: text, dyno: text }));
/** A destroyed app that running dynos still have the discovery vars of: these lead nowhere until they restart. */
const StaleVars = z.looseObject({ name: text, host: text, held_by: HeldBy });
export type StaleVars = z.infer<typeof StaleVars>;
export const Discovery = z.looseObject({
  space: Ref,
  /** `subnet` or `loopback`, or `kubernetes` for the services of a cluster. */
  mode: text,
  apps: z.array(Service),
  /** What all the vars take in a dyno's environment, and may take, in bytes; null where their values are not known. */
  bytes: z.nullable(z.number()),
  bytes_max: z.nullable(z.number()),
  stale: z.optional(z.array(StaleVars)),
});
export type Discovery = z.infer<typeof Discovery>;

export const App = z.looseObject({
  id: text,
  /** `app-space`, as `key`. */
  name: text,
  simple_name: text,
  key: z.optional(text),
  description: z._default(z.nullable(text), ''),
  labels: z._default(z.nullable(text), ''),
  maintenance: z._default(z.boolean(), false),
  organization: z.looseObject({ name: text }),
  region: Ref,
  stack: Ref,
  /** `compliance` is in the older form `compliance=socs,compliance=prod` here. */
  space: z.looseObject({ id: text, name: text, compliance: z._default(text, '') }),
  web_url: text,
  created_at: time,
  updated_at: time,
});
export type App = z.infer<typeof App>;

export const AppFilter = z.strictObject({
  ...page,
  space: z.optional(named),
  /** Present, whatever it says, it leaves out what is looked up for each app: its formation, release and slug. */
  simple: z.optional(z.union([z.boolean(), text])),
});
export const AppCreate = ignoring(
  'POST /apps',
  z.strictObject({
    name: wish,
    space: wish,
    org: z.optional(named),
    description: z.optional(description),
    labels: z.optional(z.string().check(z.maxLength(DESCRIPTION_MAX))),
  }),
);
export const AppKey = z.strictObject({ app: named });
export const AppUpdate = z.strictObject({
  app: named,
  /** Only its present name: apps are not renamed. */
  name: z.optional(text),
  description: z.optional(description),
  labels: z.optional(z.string().check(z.maxLength(DESCRIPTION_MAX))),
  maintenance: z.optional(z.boolean()),
  /** Only its present space: apps don't move. */
  space: z.optional(text),
});
export const AppDestroyed = z.looseObject({
  id: text,
  name: text,
  org: z.optional(text),
  result: text,
  /** The dynos that have its discovery vars until they are restarted; its address stays unused as long. */
  held_by: z.optional(HeldBy),
});

/** Some installations answer numbers and booleans as they were sent, though they store them as text. */
const VarValue = z.pipe(
  z.union([z.string(), z.number(), z.boolean()]),
  z.pipe(z.transform(String), z.string()),
);
export const ConfigVars = z.record(text, VarValue);
export type ConfigVars = z.infer<typeof ConfigVars>;
/** A record would drop this key without a word. */
const NoProto = z.transform((vars: unknown, context) => {
  if (typeof vars === 'object' && vars !== null && Object.hasOwn(vars, '__proto__')) {
    context.issues.push({ code: 'custom', input: vars, message: '__proto__ is not a name' });
  }
  return vars;
});
/** `null` removes a var; numbers and booleans are stored as text. */
export const ConfigVarsPatch = z.strictObject({
  app: named,
  vars: z.pipe(NoProto, z.record(text, z.nullable(z.union([z.string(), exact, z.boolean()])))),
});

const Times = { created_at: time, updated_at: time };
/** Counts, ports and versions come as numbers or as text. */
const wholeOrNull = z._default(z.nullable(Whole), null);
const AppRef = z.looseObject({ id: text, name: text });

/** How many dynos of a process type there are to be, and how they run. */
export const Formation = z.looseObject({
  id: text,
  app: AppRef,
  type: text,
  /** null: the one that the slug gives this type. */
  command: z._default(z.nullable(text), null),
  /** In a socs space: the command that is set once a build has passed its checks. */
  command_waits: z.optional(
    z.nullable(z.looseObject({ command: text, build: z.looseObject({ id: text, number: Whole }) })),
  ),
  quantity: Whole,
  size: text,
  port: wholeOrNull,
  healthcheck: z._default(z.nullable(text), null),
  /** Seconds from SIGTERM to SIGKILL when a dyno ends; null: 10. */
  grace: wholeOrNull,
  concerns,
  ...Times,
});
export type Formation = z.infer<typeof Formation>;
const formationMembers = {
  command: z.optional(z.nullable(text)),
  quantity: z.optional(Whole),
  size: z.optional(named),
  port: z.optional(z.nullable(Whole)),
  healthcheck: z.optional(z.nullable(text)),
  grace: z.optional(z.nullable(Whole)),
  /** How clients of Akkeris say null, for the one and the other. */
  removeHealthcheck: z.optional(z.boolean()),
  'remove-command': z.optional(z.boolean()),
};
export const FormationKey = z.strictObject({ app: named, type: named });
export const FormationCreate = z.strictObject({ app: named, type: wish, ...formationMembers });
export const FormationUpdate = z.strictObject({ app: named, type: named, ...formationMembers });
/** Several types of one app at once. */
export const FormationBatch = z.strictObject({
  app: named,
  changes: z
    .array(z.strictObject({ type: named, ...formationMembers }))
    .check(z.minLength(1), z.maxLength(100)),
});

export const Size = z.looseObject({
  name: text,
  /** Of the names of regions. */
  stacks: z.optional(z.array(text)),
  /** Bytes. */
  memory: z.optional(z.number()),
  /** Cores. */
  cpu: z.optional(z.number()),
  /** Whether it is that of prod spaces, and only there. */
  prod: z.optional(z.boolean()),
  /** Of another platform: what it says of it, and whether it is to be used no longer. */
  description: z.optional(text),
  deprecated: z.optional(z.boolean()),
});
export type Size = z.infer<typeof Size>;

export const Dyno = z.looseObject({
  id: text,
  app: AppRef,
  /** Such as `web.1`; on the wire of an app's dynos `1`, and `web.1` is the `key`. */
  name: text,
  type: text,
  command: z._default(z.nullable(text), null),
  size: text,
  /**
   * `starting`, `up`, `stopping`, `waiting` to start again or for room, `evicted` while others that come first have its
   * room, `crashed`, or `down` if nothing runs it.
   */
  state: text,
  /** Whether it gets traffic, or would. */
  ready: z._default(z.boolean(), false),
  restarts: z._default(Whole, 0),
  release: z.optional(z.looseObject({ id: text, version: wholeOrNull })),
  space: z.optional(Ref),
  host: z.optional(z.nullable(text)),
  port: wholeOrNull,
  /** Why it is in this state, if that isn't plain. */
  reason: z.optional(z.nullable(text)),
  /** Whether another is to take its place. */
  renew: z.optional(z.boolean()),
  /** Apps whose discovery vars it lacks, because they were created after it had started. */
  lacks: z.optional(z.array(text)),
  ...Times,
});
export type Dyno = z.infer<typeof Dyno>;
export const DynoFilter = z.strictObject({ app: named });
export const SpaceDynoFilter = z.strictObject({ space: named });
/** One dyno by its name, or all of a type. */
export const DynoKey = z.strictObject({ app: named, dyno: named });

/** Who is in a space, where, and who reaches whom. */
export const Topology = z.looseObject({
  space: Space,
  /** By name. */
  apps: z.array(z.looseObject({ ...Service.shape, key: text, dynos: z.array(Dyno) })),
  reach: z.looseObject({
    /** Other spaces that the apps of this one reach: none. */
    spaces: z.array(text),
    /** Where clients come in, and the networks they must be in; null: any. */
    clients: z.looseObject({
      listener: text,
      host: text,
      port: z.number(),
      networks: z.nullable(z.array(text)),
    }),
    /** Services of the machine that its dynos may reach, by the name they have there. */
    hosts: z.array(z.looseObject({ name: text, port: z.number() })),
    /** `open` or `sealed`: whether dynos get out to other machines. */
    egress: text,
  }),
});
export type Topology = z.infer<typeof Topology>;

/** What was seen of something that a space promises. */
export const SpacePromise = z.looseObject({
  promise: text,
  /** `ok`, `failed`, `not_enforced` on this machine, or `nothing` to check. */
  state: text,
  /** What was tried, and what was seen. */
  evidence: text,
  /** What mends or explains it. */
  hint: z.optional(text),
});
export type SpacePromise = z.infer<typeof SpacePromise>;
export const SpaceCheck = z.looseObject({
  space: Ref,
  /** Whether nothing failed. */
  ok: z.boolean(),
  checked_at: time,
  promises: z.array(SpacePromise),
});
export type SpaceCheck = z.infer<typeof SpaceCheck>;

const Checksum = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));
/** What is said of a source that is uploaded: the checksum that its content must have. */
export const SourceUpload = z.strictObject({ checksum: z.optional(Checksum) });
/** A service of the platform's machine that the dynos of a space may reach. */
export const Host = z.looseObject({
  space: z.looseObject({ name: text }),
  /** Of the machine's 127.0.0.1, and the same for dynos. */
  port: Whole,
  /** What dynos call the machine. */
  name: text,
  created_at: time,
});
export type Host = z.infer<typeof Host>;
export const HostFilter = z.strictObject({ space: z.optional(named) });
export const HostAllow = z.strictObject({ space: named, port: z.int(), name: z.optional(wish) });
/** `port` as in a path. */
export const HostKey = z.strictObject({ space: named, port: z.string().check(z.regex(/^\d{1,5}$/)) });

/** The content of a source as it was stored; `checksum` names it to a build. */
export const Source = z.looseObject({ checksum: text, bytes: z.number() });
export type Source = z.infer<typeof Source>;

/** A check that a build needs before it is built, and what was reported of it last: as statuses of releases. */
export const BuildCheck = z.looseObject({
  id: z.optional(text),
  /** `source/HOST/OWNER/NAME`, `app/APP-SPACE` or `pipeline/NAME`. */
  context: text,
  /** `pending` until it is reported, then `success`, `failure` or `error`. */
  state: text,
  name: z._default(z.nullable(text), ''),
  description: z._default(z.nullable(text), ''),
  target_url: z._default(z.nullable(text), null),
  image_url: z._default(z.nullable(text), null),
  /** The checksum of the source that the reporter named. */
  checksum: z._default(z.nullable(text), null),
  /** What success vouches for: `content` that was uploaded, or only the `commit` it was uploaded as. */
  covers: z._default(z.nullable(text), null),
  /** Who reported it. */
  by: z._default(z.nullable(text), null),
  /** Whether it stands in the way no more: it is well, or was overruled. */
  passed: z._default(z.boolean(), false),
  overruled: z._default(z.nullable(z.looseObject({ by: text, reason: text })), null),
  /** Who may report it, while the build waits for it. */
  reporters: z._default(z.array(text), []),
  ...Times,
});
export type BuildCheck = z.infer<typeof BuildCheck>;

export const Build = z.looseObject({
  id: text,
  app: AppRef,
  number: z.optional(Whole),
  /** `queued`, `pending` while it waits for its checks or is built, `succeeded` or `failed`. */
  status: text,
  /** What it needs before it is built; nothing outside of socs spaces. */
  checks: z._default(z.array(BuildCheck), []),
  /** Of a build that only changes commands in a socs space: the new ones, by process type. */
  commands: z.optional(z.record(text, text)),
  /** Why it failed. */
  reason: z.optional(z.nullable(text)),
  source_blob: z.optional(
    z.looseObject({
      checksum: z._default(z.nullable(text), null),
      url: z._default(z.nullable(text), null),
      version: z._default(z.nullable(text), null),
      commit: z._default(z.nullable(text), null),
      branch: z._default(z.nullable(text), null),
      repo: z._default(z.nullable(text), null),
    }),
  ),
  /** On the wire, `id` is that of the build, and `digest` is the slug's; null while there is none. */
  slug: z.optional(z.nullable(z.looseObject({ id: text }))),
  release: z.optional(z.nullable(z.looseObject({ id: text }))),
  user: z.optional(z.looseObject({ email: text })),
  /** Where its result is had. */
  output_stream_url: z.optional(text),
  ...Times,
});
export type Build = z.infer<typeof Build>;
const fact = z.optional(z.string().check(z.maxLength(500)));
/**
 * Its source is one that was uploaded, by checksum, or an https URL. What a URL without a checksum holds is recorded when
 * it is fetched; socs spaces need the checksum first.
 */
export const BuildCreate = ignoring(
  'POST /apps/{app}/builds',
  blankIsAbsent(
    z.strictObject({
      app: named,
      checksum: z.optional(Checksum),
      url: z.optional(z.string().check(z.maxLength(4096))),
      repo: fact,
      sha: fact,
      branch: fact,
      version: fact,
      /** Clients of Akkeris name the organization of the app once more. */
      org: z.optional(named),
    }),
  ),
);
export const BuildKey = z.strictObject({ app: named, build: named });
/** What a build printed, at most the last 10,000 lines, and how it ended if it has. */
export const BuildResult = z.looseObject({
  build: z.looseObject({ id: text, status: text }),
  lines: z.array(text),
});
export type BuildResult = z.infer<typeof BuildResult>;
export const BuildStatuses = z.looseObject({
  build: z.looseObject({ id: text }),
  /** `success` when all of them passed, the worst that was reported, or `pending`. */
  state: text,
  statuses: z.array(BuildCheck),
});
export type BuildStatuses = z.infer<typeof BuildStatuses>;
const context = z.string().check(z.minLength(1), z.maxLength(255));
const link = z.nullable(z.string().check(z.maxLength(2048)));
export const StatusReport = z.strictObject({
  app: named,
  build: named,
  context,
  state: z.enum(['pending', 'success', 'failure', 'error']),
  name: z.optional(z.string().check(z.maxLength(255))),
  description: z.optional(description),
  target_url: z.optional(link),
  image_url: z.optional(link),
  /** Of the source that was looked at: a report about other content than that of the build is refused. */
  checksum: z.optional(Checksum),
  /** Of a reporter, by whoever has it and asks as somebody else; as a bearer token it speaks for itself. */
  token: z.optional(z.string().check(z.maxLength(256))),
});
export const Overruling = z.strictObject({ app: named, build: named, context, reason: description });

/** Somebody, or something, that may report of a check. */
export const Reporter = z.looseObject({
  id: text,
  name: text,
  context: text,
  /** `token`, `webhook` or `user`. */
  kind: text,
  /** Of a webhook: the check of the repository that counts. */
  follows: z.optional(z.nullable(text)),
  /** Of a webhook: where its events go to. */
  path: z.optional(z.nullable(text)),
  /** Of a user: who it is. */
  user: z.optional(z.nullable(text)),
  /** Of a token or webhook: shown when it is added, and never again. */
  secret: z.optional(text),
  added_by: text,
  created_at: time,
});
export type Reporter = z.infer<typeof Reporter>;
export const ReporterFilter = z.strictObject({ context: z.optional(context) });
export const ReporterAdd = z.strictObject({
  context,
  kind: z.enum(['token', 'webhook', 'user']),
  name: z.optional(wish),
  follows: z.optional(z.string().check(z.minLength(1), z.maxLength(255))),
  user: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
});
/** A name, or an id. */
export const ReporterKey = z.strictObject({ reporter: named });

/** A slug with the config vars of a moment: what an app runs. */
export const Release = z.looseObject({
  id: text,
  app: AppRef,
  version: Whole,
  description: z._default(text, ''),
  /** `pending` until its dynos are well, then `succeeded`, or `failed`. */
  status: text,
  /** What is said of it on the whole: see ReleaseStatuses. */
  state: z.optional(text),
  /** Why it failed. */
  reason: z.optional(z.nullable(text)),
  /** The one that runs. */
  current: z._default(z.boolean(), false),
  /** On the wire, `id` is that of the build, or of the release if there is none, and `digest` is the slug's. */
  slug: z.optional(z.nullable(z.looseObject({ id: text }))),
  build: z.optional(z.nullable(z.looseObject({ id: text }))),
  /** By which pipeline it came from which app, where a promotion made it. */
  promoted_from: z.optional(z.nullable(z.looseObject({ pipeline: text, app: text, version: Whole }))),
  user: z.optional(z.looseObject({ email: text })),
  ...Times,
});
export type Release = z.infer<typeof Release>;
/** A version, or an id. */
export const ReleaseKey = z.strictObject({ app: named, release: named });
/** The slug of an earlier release, or of a build of the app by its id or number, with the config vars of now. */
export const ReleaseCreate = z.strictObject({
  app: named,
  release: z.optional(named),
  slug: z.optional(named),
  description: z.optional(description),
});

/** What a build made, shown as that build; `id` is what the slug was asked for by. */
export const Slug = z.looseObject({ ...Build.shape });
export type Slug = z.infer<typeof Slug>;
export const SlugKey = z.strictObject({ slug: named });

/** A way for what apps run, from stage to stage. */
export const Pipeline = z.looseObject({
  id: text,
  name: text,
  description: z._default(z.nullable(text), ''),
  ...Times,
});
export type Pipeline = z.infer<typeof Pipeline>;
export const PipelineKey = z.strictObject({ pipeline: named });
export const PipelineCreate = z.strictObject({ name: wish, description: z.optional(description) });
export const PipelineUpdate = z.strictObject({
  pipeline: named,
  name: z.optional(wish),
  description: z.optional(description),
});
/** The stages, each with the one after it. */
export const PipelineStages = z.record(text, z.nullable(text));

const Contexts = z.looseObject({ contexts: z._default(z.array(text), []) });
/** An app at a stage of a pipeline. */
export const PipelineCoupling = z.looseObject({
  id: text,
  pipeline: z.looseObject({ id: text, name: z.optional(text) }),
  app: z.looseObject({ id: text, name: z.optional(text) }),
  stage: text,
  /** What must be `success` on a release before it is promoted to this app. */
  required_status_checks: z._default(z.nullable(Contexts), null),
  /** What the app runs. */
  release: z.optional(
    z.nullable(
      z.looseObject({
        id: text,
        version: Whole,
        commit: z.optional(z.nullable(text)),
        /** Not every platform says. */
        created_at: z.optional(time),
      }),
    ),
  ),
  ...Times,
});
export type PipelineCoupling = z.infer<typeof PipelineCoupling>;
/** The contexts that were reported of what the apps of a pipeline run or ran. */
export const PipelineContext = z.looseObject({ context: text, name: z._default(z.nullable(text), '') });
export type PipelineContext = z.infer<typeof PipelineContext>;
/** An Akkeris installation answers the only one that an app has there by itself, and so does ours: see endpoints.ts. */
export const PipelineCouplings = z.pipe(
  z.transform((one: unknown) => (Array.isArray(one) ? one : [one])),
  z.array(PipelineCoupling),
);
export const PipelineCouplingKey = z.strictObject({ coupling: named });
const required = z.strictObject({ contexts: z.array(wish).check(z.maxLength(1000)) });
export const PipelineCouplingCreate = z.strictObject({
  app: named,
  pipeline: named,
  stage: wish,
  required_status_checks: z.optional(required),
});
export const PipelineCouplingUpdate = ignoring(
  'PATCH /pipeline-couplings/{coupling}',
  z.strictObject({ coupling: named, required_status_checks: required }),
);

/** What a promotion does, or would do, to an app. */
export const PromotionTarget = z.looseObject({
  app: AppRef,
  stage: text,
  /** `release`, `wait` for the checks of its space, `none` as it has that already, or `blocked`. */
  effect: text,
  /** The required contexts that are not well, and what they are instead; null: nobody reported any. */
  missing: z.array(z.looseObject({ context: text, state: z.nullable(text) })),
  /** The release it has of it. */
  release: z.nullable(z.looseObject({ id: text, version: Whole })),
  /** The build that waits. */
  build: z.nullable(z.looseObject({ id: text, number: Whole })),
});
export type PromotionTarget = z.infer<typeof PromotionTarget>;
const promotionSource = z.looseObject({
  app: z.looseObject({ id: text, name: z.optional(text) }),
  release: z.optional(z.looseObject({ id: text, version: z.optional(Whole) })),
  space: z.optional(Ref),
});
export const Promotion = z.looseObject({
  id: text,
  pipeline: z.looseObject({ id: text, name: z.optional(text) }),
  source: promotionSource,
  status: text,
  targets: z.optional(z.array(PromotionTarget)),
  ...Times,
});
export type Promotion = z.infer<typeof Promotion>;
/** Clients of Akkeris send what they were shown of it: all but the id is known. */
const byId = z.looseObject({ id: named });
/** Without targets, to every app of the next stage. A release that is named must be the one that runs. */
export const PromotionCreate = z.strictObject({
  pipeline: byId,
  source: z.looseObject({ app: z.looseObject({ id: named, release: z.optional(byId) }) }),
  targets: z.optional(z.array(z.looseObject({ app: byId })).check(z.minLength(1), z.maxLength(100))),
  /** `false` leaves required contexts out of account: for administrators, who say why. */
  safe: z.optional(Yes),
  reason: z.optional(description),
});
export const PromotionPlan = z.looseObject({
  pipeline: Ref,
  source: promotionSource,
  targets: z.array(PromotionTarget),
});
export type PromotionPlan = z.infer<typeof PromotionPlan>;
export const PromotionPlanKey = z.strictObject({
  pipeline: named,
  from: named,
  /** Apps with commas between them. */
  to: z.optional(z.string().check(z.minLength(1), z.maxLength(10_000))),
});

/** What somebody says about a release, under the name of a check. */
export const ReleaseStatus = z.looseObject({
  id: text,
  context: text,
  /** `pending`, `success`, `failure` or `error`. */
  state: text,
  name: z._default(z.nullable(text), ''),
  description: z._default(z.nullable(text), ''),
  target_url: z._default(z.nullable(text), ''),
  image_url: z._default(z.nullable(text), ''),
  user: z.optional(z.looseObject({ email: text })),
  release: z.optional(z.looseObject({ id: text })),
  ...Times,
});
export type ReleaseStatus = z.infer<typeof ReleaseStatus>;
export const ReleaseStatuses = z.looseObject({
  /** The worst of them; `success` if there are none. */
  state: text,
  statuses: z.array(ReleaseStatus),
  release: z.optional(Release),
});
export type ReleaseStatuses = z.infer<typeof ReleaseStatuses>;
export const ReleaseStatusKey = z.strictObject({ app: named, release: named, status: named });
const statusMembers = {
  name: z.optional(z.string().check(z.maxLength(100))),
  description: z.optional(z.string().check(z.maxLength(1024))),
  target_url: z.optional(link),
  image_url: z.optional(link),
};
const state = z.enum(CHECK_STATES);
/** The same context again takes the place of what was said before. */
export const ReleaseStatusCreate = z.strictObject({
  app: named,
  release: named,
  context: wish,
  state,
  ...statusMembers,
});
export const ReleaseStatusUpdate = z.strictObject({
  app: named,
  release: named,
  /** Its id, as in a path. */
  status: named,
  state: z.optional(state),
  ...statusMembers,
});

/** A line that a dyno printed, or that the platform says about it. */
export const LogLine = z.looseObject({
  at: time,
  /** `app-space`. */
  app: text,
  /** `web.1`, `build.3`, `router` or `platform`. */
  dyno: text,
  stream: z.optional(text),
  line: text,
});
export type LogLine = z.infer<typeof LogLine>;
const tail = {
  /** How many of the last lines: 100 unless told. */
  lines: z.optional(Whole.check(z.gte(0), z.lte(10_000))),
  /** Only those of one dyno (`web.1`), or of all of a type (`web`). */
  dyno: z.optional(named),
  /** Goes on with what is written from then on. */
  follow: z.optional(Yes),
};
export const LogFilter = z.strictObject({ app: named, ...tail });
export const SpaceLogFilter = z.strictObject({ space: named, ...tail });
/** All that a build has printed so far; with `follow`, until it is over. */
export const BuildLogFilter = z.strictObject({ app: named, build: named, follow: z.optional(Yes) });

/** What an addon service offers. */
export const AddonPlan = z.looseObject({
  id: text,
  /** `service:plan`. */
  name: text,
  addon_service: z.optional(Ref),
  human_name: z.optional(text),
  description: z._default(z.nullable(text), ''),
  /** What a space must have for its apps to get one. */
  compliance: z._default(z.nullable(z.array(text)), []),
  state: z.optional(text),
  ...Times,
});
export type AddonPlan = z.infer<typeof AddonPlan>;
export const AddonService = z.looseObject({
  id: text,
  name: text,
  human_name: z.optional(text),
  description: z._default(z.nullable(text), ''),
  state: z.optional(text),
  plans: z._default(z.array(AddonPlan), []),
  ...Times,
});
export type AddonService = z.infer<typeof AddonService>;
export const AddonServiceKey = z.strictObject({ service: named });

/** What was made of a plan; of the built-in service it is a credential. */
export const Addon = z.looseObject({
  id: text,
  name: text,
  addon_service: Ref,
  plan: Ref,
  /** The app it was created for; null if it is the platform's. */
  app: z._default(z.nullable(AppRef), null),
  /** What a space must have for its apps to get it; not every platform says. */
  compliance: z.optional(z.array(text)),
  /** Its vars without a prefix; values of credentials are never shown. Akkeris has an empty list for none. */
  config_vars: z._default(z.union([z.record(text, text), z.array(text)]), {}),
  /** The apps that get it, as far as the caller may see them, and what the names of its vars begin with there. */
  attached_to: z.optional(
    z.array(
      z.looseObject({
        id: text,
        name: text,
        owner: z.optional(z.boolean()),
        prefix: z.optional(text),
      }),
    ),
  ),
  state: z.optional(text),
  ...Times,
});
export type Addon = z.infer<typeof Addon>;
const credentialVars = z.pipe(NoProto, z.record(text, z.string()));
export const AddonKey = z.strictObject({ addon: named });
export const AppAddonKey = z.strictObject({ app: named, addon: named });
/** `config` is what a credential consists of. With `app` it belongs to that app, which gets it at once. */
export const AddonCreate = z.strictObject({
  plan: named,
  name: wish,
  config: credentialVars,
  app: z.optional(named),
});
/** Without `name` it is called as its attachment is. */
export const AppAddonCreate = z.strictObject({
  app: named,
  plan: named,
  name: z.optional(wish),
  attachment: z.optional(z.strictObject({ name: z.optional(wish) })),
  config: z.optional(credentialVars),
});
/** New values for some of its vars. */
export const AddonUpdate = z.strictObject({ addon: named, config: credentialVars });

/** That an app gets an addon. */
export const AddonAttachment = z.looseObject({
  id: text,
  /** What the names of its vars begin with in this app. */
  name: text,
  addon: z.looseObject({
    id: text,
    name: text,
    app: z._default(z.nullable(AppRef), null),
    plan: z.optional(Ref),
  }),
  app: AppRef,
  /** The names of the vars that the app gets by it; not every platform says. */
  config_vars: z.optional(z.array(text)),
  ...Times,
});
export type AddonAttachment = z.infer<typeof AddonAttachment>;
/** `attachment` is an id or name of its own, or those of the addon. */
export const AddonAttachmentKey = z.strictObject({ app: named, attachment: named });
export const AddonAttach = z.strictObject({
  app: named,
  addon: named,
  name: z.optional(z.nullable(wish)),
  /** Clients of Akkeris say so; what a space requires is never left out of account here. */
  force: z.optional(z.boolean()),
});

/** Something that hooks can be called for. */
export const HookEvent = z.looseObject({
  type: text,
  description: z._default(text, ''),
  /** Whether it happens on this platform; one that doesn't say has it happen. */
  happens: z.optional(z.boolean()),
});
export type HookEvent = z.infer<typeof HookEvent>;
/** Who is called when something happens to an app. */
export const Hook = z.looseObject({
  id: text,
  active: z._default(z.boolean(), true),
  events: z.array(text),
  /** What is secret of it is not shown. */
  url: text,
  /** How many calls wait, to be tried or to be tried again. */
  waiting: z.optional(z.number()),
  /** The last call that was tried, if there was any. */
  last_call: z.optional(
    z.nullable(
      z.looseObject({
        id: text,
        event: text,
        /** `succeeded`, `failed`, or `pending` while it is tried again. */
        status: text,
        code: z.nullable(z.number()),
        problem: z.nullable(text),
        at: time,
      }),
    ),
  ),
  /** What about it can't come true here. */
  warnings: z.optional(z.array(text)),
  ...Times,
});
export type Hook = z.infer<typeof Hook>;
/** What it was; an Akkeris installation does not say. */
export const HookDestroyed = z.nullable(Hook);
const hookEvents = z.array(wish).check(z.maxLength(100));
const hookUrl = z.string().check(z.maxLength(4096));
const hookSecret = z.string().check(z.maxLength(4096));
/** The secret is what calls are signed with; it is not shown again. */
export const HookCreate = z.strictObject({
  app: named,
  url: hookUrl,
  events: hookEvents,
  secret: hookSecret,
  active: z.optional(z.boolean()),
});
export const HookKey = z.strictObject({ app: named, hook: named });
export const HookUpdate = z.strictObject({
  app: named,
  hook: named,
  url: z.optional(hookUrl),
  events: z.optional(hookEvents),
  secret: z.optional(hookSecret),
  active: z.optional(z.boolean()),
});
const headers = z._default(z.nullable(z.record(text, z.unknown())), {});
/** A call of a hook, and what came of it. */
export const HookResult = z.looseObject({
  id: text,
  last_attempt: z.looseObject({
    request: z.looseObject({
      method: z._default(text, 'post'),
      url: text,
      headers,
      /** What was told, as JSON. */
      body: z.optional(z.unknown()),
    }),
    response: z.looseObject({
      /** null or 0 if there was no answer. */
      code: z._default(z.nullable(z.number()), null),
      headers,
      /** The beginning of what was answered. */
      body: z.optional(z.nullable(z.unknown())),
    }),
    /** `succeeded`, `failed`, or `pending` while it waits to be tried, or to be tried again. */
    status: text,
    updated_at: time,
  }),
  num_attempts: Whole,
  /** Every try: when, how long it took in milliseconds, and what came of it. */
  attempts: z.optional(
    z.array(
      z.looseObject({
        at: time,
        duration_ms: z.number(),
        code: z.nullable(z.number()),
        problem: z.nullable(text),
      }),
    ),
  ),
  /** When it is tried again; null once it is over. */
  next_at: z.optional(z.nullable(time)),
  event: z.optional(text),
  hook: z.looseObject({ id: text, events: z.array(text) }),
  created_at: time,
});
export type HookResult = z.infer<typeof HookResult>;
export const HookResultKey = z.strictObject({ app: named, hook: named, result: named });

export const Stack = z.looseObject({
  id: text,
  name: text,
  region: Ref,
  state: text,
  /** The one that is taken when none is named; not every platform says. */
  default: z.optional(z.boolean()),
  created_at: time,
  updated_at: time,
});
export type Stack = z.infer<typeof Stack>;
export const StackKey = z.strictObject({ stack: named });
const stackMembers = {
  /** `public`; `beta`: no prod spaces; `deprecated`: no new spaces at all. */
  state: z.optional(z.enum(STACK_STATES)),
  /** Of all stacks exactly one is. */
  default: z.optional(z.boolean()),
};
/** `region.id` is an id or a name. */
export const StackCreate = ignoring(
  'POST /stacks',
  z.strictObject({ name: wish, region: z.optional(byId), ...stackMembers }),
);
export const StackUpdate = ignoring(
  'PATCH /stacks/{stack}',
  z.strictObject({
    stack: named,
    ...stackMembers,
    /** Fixed at creation: they are read so that the refusal can say so. */
    name: z.optional(z.unknown()),
    region: z.optional(z.unknown()),
  }),
);

export const Region = z.looseObject({
  id: text,
  name: text,
  description: z._default(z.nullable(text), ''),
  country: z._default(z.nullable(text), ''),
  locale: z._default(z.nullable(text), ''),
  /** Whether `internal` spaces can be here. */
  private_capable: z.boolean(),
  high_availability: z._default(z.boolean(), false),
  provider: z.optional(z.looseObject({ name: text, region: text, availability_zones: z.array(text) })),
  created_at: time,
  updated_at: time,
});
export type Region = z.infer<typeof Region>;
export const RegionKey = z.strictObject({ region: named });
const place = z.string().check(z.maxLength(256));
const regionMembers = {
  description: z.optional(description),
  country: z.optional(place),
  locale: z.optional(place),
  provider: z.optional(
    z.strictObject({
      name: place,
      region: place,
      availability_zones: z.array(place).check(z.maxLength(100)),
    }),
  ),
  private_capable: z.optional(z.boolean()),
};
/** Description, country and locale must be given, if only as empty texts. */
export const RegionCreate = ignoring('POST /regions', z.strictObject({ name: wish, ...regionMembers }));
export const RegionUpdate = ignoring(
  'PATCH /regions/{region}',
  z.strictObject({
    region: named,
    ...regionMembers,
    /** Only its present name. */
    name: z.optional(text),
  }),
);

/** An app that somebody wants to find again. */
export const Favorite = z.looseObject({
  id: text,
  /** The id of the app. */
  app: text,
  simple_name: text,
  /** `app-space`. */
  name: text,
  web_url: text,
  created_at: time,
});
export type Favorite = z.infer<typeof Favorite>;
/** What it was; an Akkeris installation does not say. */
export const FavoriteRemoved = z.nullable(Favorite);

/** Something of an app that on Akkeris can be switched on or off. */
export const AppFeature = z.looseObject({
  id: text,
  name: text,
  display_name: z._default(z.nullable(text), ''),
  description: z._default(z.nullable(text), ''),
  state: z.optional(text),
  enabled: z.boolean(),
});
export type AppFeature = z.infer<typeof AppFeature>;
export const FeatureKey = z.strictObject({ app: named, feature: named });
export const FeatureUpdate = z.strictObject({ app: named, feature: named, enabled: z.boolean() });

/** A plugin of the `aka` of Akkeris. */
export const Plugin = z.looseObject({ name: text });
export type Plugin = z.infer<typeof Plugin>;

export const Organization = z.looseObject({
  id: text,
  name: text,
  role: z.optional(text),
  default: z.optional(z.boolean()),
  created_at: time,
  updated_at: time,
});
export type Organization = z.infer<typeof Organization>;
export const OrganizationCreate = ignoring('POST /organizations', z.strictObject({ name: wish }));
export const OrganizationKey = z.strictObject({ organization: named });

export const Account = z.looseObject({
  id: text,
  name: text,
  email: text,
  elevated_access: z._default(z.boolean(), false),
});
export type Account = z.infer<typeof Account>;

export const AuditEvent = z.looseObject({
  action: text,
  app: z._default(z.nullable(text), ''),
  space: z._default(z.nullable(text), ''),
  username: z._default(z.nullable(text), ''),
  received_at: time,
  /** The whole event as JSON text. */
  info: z._default(text, '{}'),
  /** Its number in the chain, and the hash that the next one holds; not every platform has them. */
  seq: z.optional(z.number()),
  hash: z.optional(text),
  outcome: z.optional(text),
});
export type AuditEvent = z.infer<typeof AuditEvent>;
export const AuditFilter = z.strictObject({
  app: z.optional(named),
  space: z.optional(named),
  user: z.optional(named),
  /** How many of the newest; 10 unless told, as in the Akkeris API. */
  size: z.optional(Whole.check(z.gte(1), z.lte(10_000))),
  since: z.optional(since),
});
export const AuditVerify = z.strictObject({
  /** A head that was kept elsewhere. It is in the chain unless the records that led to it were cut off. */
  against: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
});
export const AuditVerdict = z.looseObject({
  /** Whether the chain is whole, and has the head that was asked for. */
  ok: z.boolean(),
  records: z.number(),
  /** The hash of the last record. */
  head: text,
  /** The first record that does not fit, and why; in an export, which line it is. */
  broken: z.optional(z.looseObject({ seq: z.number(), line: z.optional(z.number()), reason: text })),
  /** Whether the head that was asked for is there, and the number of the record that it is the hash of. */
  against: z.optional(z.looseObject({ head: text, found: z.boolean(), seq: z.optional(z.number()) })),
  /**
   * Of an export: the number of its first record; how many it doesn't tell the text of, and how many of those nothing can
   * be checked of.
   */
  first: z.optional(z.number()),
  hidden: z.optional(z.number()),
  unchecked: z.optional(z.number()),
});
export type AuditVerdict = z.infer<typeof AuditVerdict>;
export const AuditExport = z.strictObject({
  /** Tells the records of this space only; the others stand in the chain without their text. */
  space: z.optional(named),
  since: z.optional(since),
});
/** A record as an export has it: see docs/audit.md. */
export const AuditLine = z.looseObject({
  seq: z.number(),
  /** The hash of the record before. */
  before: text,
  /** The record's text; absent if it is not for the reader. */
  record: z.optional(text),
  /** The SHA-256 of a text that is absent. */
  digest: z.optional(text),
  hash: text,
});
export type AuditLine = z.infer<typeof AuditLine>;

/** Where a stream of events begins: changes with greater numbers follow. */
const Hello = z.looseObject({ event: z.literal('hello'), seq: z.number() });
/** A change that was made, as its audit record has it, without what it changed. */
const Change = z.looseObject({
  event: z.literal('change'),
  /** The number of the change; it is also that of its audit record. */
  seq: z.number(),
  /** Such as `app.create`. */
  action: text,
  /** null if it is about no space. */
  space: z.nullable(text),
  /** The app's name within the space. */
  app: z.nullable(text),
  at: time,
});
/** In a stream of server-sent events, `event` is the name of the event, and the rest is its data. */
export const PlatformEvent = z.union([Hello, Change]);
export type PlatformEvent = z.infer<typeof PlatformEvent>;
export const EventFilter = z.strictObject({
  /** The number of a change: only later ones; those that are made from now on if it is left out. */
  since: z.optional(Whole.check(z.gte(0))),
  /** Goes on with changes as they are made, unless false. */
  follow: z.optional(Yes),
});

export const PlatformInfo = z.looseObject({
  name: text,
  version: text,
  capabilities: z.array(text),
  /** The longest `app-space`. */
  app_key_max: z.number(),
  /** Whether anything builds and runs what it is told; a platform that doesn't say so does. */
  running: z.optional(z.boolean()),
});
export type PlatformInfo = z.infer<typeof PlatformInfo>;

/** What opens a platform to somebody over the network, without its secret. */
export const Token = z.looseObject({
  /** `token`, or `session` for a browser that is logged in to the console, which is revoked in the same way. */
  kind: z._default(z.enum(['token', 'session']), 'token'),
  name: text,
  /** `admin`, or `user` for some spaces only. */
  role: text,
  /** Those of a user token, by name; an administrator's is for all, and has none. */
  spaces: z._default(z.array(text), []),
  /** Whether whoever has it says for whom they ask: see docs/roles.md. */
  trusted: z._default(z.boolean(), false),
  created_by: z.optional(text),
  created_at: time,
  /** null: it holds until it is revoked. */
  expires_at: z._default(z.nullable(time), null),
  /** Whether that has come. */
  expired: z._default(z.boolean(), false),
  /** To the minute; null if it never was. */
  used_at: z._default(z.nullable(time), null),
});
export type Token = z.infer<typeof Token>;
/** With the secret, which is shown this once. */
export const TokenCreated = z.extend(Token, { secret: text });
export type TokenCreated = z.infer<typeof TokenCreated>;
export const TokenCreate = z.strictObject({
  name: wish,
  role: z.enum(['admin', 'user']),
  spaces: z.optional(z.array(named).check(z.maxLength(100))),
  trusted: z.optional(z.boolean()),
  /** In seconds. */
  expires_in: z.optional(Whole.check(z.gte(60), z.lte(10 * 365 * 24 * 3600))),
});
export const TokenKey = z.strictObject({ token: named });

/** What logs a browser in to the console, once and within a minute. */
export const LoginCode = z.looseObject({
  code: text,
  /** Where to log in with it. */
  url: text,
  expires_at: time,
});
export type LoginCode = z.infer<typeof LoginCode>;

/** See `Settings` in the model. */
const settings = {
  network: z.enum(['subnet', 'loopback']),
  router_host: text,
  router_port: z.number(),
  http_port: z.number(),
  internal_host: text,
  internal_port: z.number(),
  internal_allow: z.array(text),
  egress: z.enum(['open', 'sealed']),
  build_network: z.enum(['isolated', 'machine']),
  slug_bytes: z.number(),
  upload_bytes: z.number(),
  log_bytes: z.number(),
  redact_words: z._default(z.array(text), []),
  redact_exceptions: z._default(z.array(text), []),
  capacity_memory: z.nullable(z.number()),
  capacity_cpu: z.nullable(z.number()),
};
/** Where digests are mailed. */
const mail = {
  smtp_host: z.nullable(text),
  smtp_port: z.nullable(z.number()),
  smtp_tls: z.enum(SMTP_TLS),
  smtp_user: z.nullable(text),
  smtp_ca: z.nullable(text),
  mail_from: z.nullable(text),
  mail_to: z.array(text),
  mail_period_hours: z.number(),
};
export const PlatformSettings = z.looseObject({
  ...settings,
  /** Platforms without this setting let builds use the machine's network. */
  build_network: z._default(settings.build_network, 'machine'),
  smtp_host: z._default(mail.smtp_host, DEFAULT_MAIL.smtp_host),
  smtp_port: z._default(mail.smtp_port, DEFAULT_MAIL.smtp_port),
  smtp_tls: z._default(mail.smtp_tls, DEFAULT_MAIL.smtp_tls),
  smtp_user: z._default(mail.smtp_user, DEFAULT_MAIL.smtp_user),
  smtp_ca: z._default(mail.smtp_ca, DEFAULT_MAIL.smtp_ca),
  mail_from: z._default(mail.mail_from, DEFAULT_MAIL.mail_from),
  mail_to: z._default(mail.mail_to, [...DEFAULT_MAIL.mail_to]),
  mail_period_hours: z._default(mail.mail_period_hours, DEFAULT_MAIL.mail_period_hours),
  /** `set` or `unset`: nobody is told it. */
  smtp_password: z._default(text, 'unset'),
});
export type PlatformSettings = z.infer<typeof PlatformSettings>;
const address = z.union([z.ipv4(), z.ipv6()]);
export const PlatformConfigure = z.partial(
  z.strictObject({
    ...settings,
    router_host: address,
    internal_host: address,
    internal_allow: z.array(z.union([z.cidrv4(), z.cidrv6()])).check(z.maxLength(100)),
    redact_words: z.array(wish),
    redact_exceptions: z.array(wish),
    ...mail,
    smtp_ca: z.nullable(z.string().check(z.maxLength(CA_MAX))),
    mail_to: z.array(text).check(z.maxLength(RECIPIENTS_MAX)),
    /** null takes it away. */
    smtp_password: z.nullable(z.string().check(z.maxLength(PASSWORD_MAX))),
  }),
);

/** What came of a mail that only tries whether mail goes out. */
export const MailTest = z.looseObject({
  /** Whether the mail server took it for everybody. */
  ok: z.boolean(),
  server: text,
  /** Whom it took it for. */
  reached: z.array(text),
  /** What it said, or why it said nothing. */
  answer: text,
});
export type MailTest = z.infer<typeof MailTest>;

const told = z.looseObject({
  entries: z.array(
    z.looseObject({
      seq: z.number(),
      at: time,
      username: text,
      origin: text,
      app: z.nullable(text),
      action: text,
      what: text,
    }),
  ),
  /** How many more there are, which are not told. */
  more: z.number(),
});
/** What happened in a socs space. */
export const Digest = z.looseObject({
  space: text,
  since: time,
  until: time,
  /** The audit log of the whole platform at the end of that time. */
  chain: z.looseObject({
    records: z.number(),
    head: text,
    broken: z.optional(z.looseObject({ seq: z.number(), reason: text })),
  }),
  /** How many of its audit records there are. */
  records: z.number(),
  counts: z.array(z.looseObject({ action: text, done: z.number(), refused: z.number() })),
  changes: told,
  refusals: told,
  overruled: told,
  /** As it is mailed. */
  subject: text,
  text,
  html: text,
});
export type Digest = z.infer<typeof Digest>;
/** Since when: when the last one was made, unless told. */
export const DigestKey = z.strictObject({ space: named, since: z.optional(since) });
/** A digest in the outbox. */
export const DigestDelivery = z.looseObject({
  message_id: text,
  space: text,
  since: time,
  until: time,
  /** `sent` when the mail server took it for everybody, else `waiting`. */
  state: text,
  /** How many have it, and how many are to. */
  reached: z.number(),
  recipients: z.number(),
  attempts: z.number(),
  /** When it is tried again; null once it is sent. */
  next_at: z.nullable(time),
  /** What the mail server said, or why it said nothing. */
  answer: z.nullable(text),
});
export type DigestDelivery = z.infer<typeof DigestDelivery>;

export const Nothing = z.strictObject({});

/** An error as it is sent. */
export const WireError = z.looseObject({
  id: text,
  message: text,
  hint: z.optional(text),
  details: z.optional(z.record(text, z.unknown())),
});
