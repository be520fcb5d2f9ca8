import * as z from 'zod/mini';
import type { AppsApi, CallOptions, Page } from './apps-api.js';
import * as wire from './wire.js';
import { type WireForm, wireForms } from './wire-forms.js';

/**
 * One operation of the Apps API as it is on the wire. Client, server and the OpenAPI document are all made from
 * these, so they can't disagree.
 *
 * An operation has one input. Members that `path` names in braces go there; the rest goes into the query of a GET or
 * DELETE and into the JSON body of a POST or PATCH - or, with `body`, that one member is the whole body. A PUT is
 * of bytes: see streams.ts.
 */
export interface Endpoint<Input = unknown, Result = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: `/${string}`;
  readonly summary: string;
  readonly input: z.ZodMiniType<Input>;
  readonly result: z.ZodMiniType<Result>;
  readonly body?: string;
  /** The result is an array; with `limit` it is a page, and the `Next-Cursor` header says where the next begins. */
  readonly paged?: true;
  /** The result is one of the lines of an answer that comes bit by bit. */
  readonly lines?: true;
  /** The result is one of the server-sent events of an answer that goes on. */
  readonly events?: true;
  /** The status of success: 200 unless told. */
  readonly status?: 201;
  /** The result is a list of the newest first; on the wire, as on Akkeris, the oldest is. */
  readonly oldestFirst?: true;
  /**
   * The result is a list that has one item most often. On the wire, as on Akkeris, that is not in a list, and of none it
   * is said, in these words, that it isn't there.
   */
  readonly oneAlone?: string;
  /** A name that is taken is refused with 422 on the wire, as on Akkeris, and not with 409. */
  readonly takenIsInvalid?: true;
  /** How the result is written on the wire, where clients of Akkeris expect it otherwise than we have it. */
  readonly form?: WireForm;
}

/** The ids of errors that say that a name is taken. */
export const TAKEN: readonly string[] = ['exists', 'name_not_available'];

/** The id of the error that stands for an empty list of an operation that is `oneAlone`. */
export const NONE_THERE = 'none_there';

export const endpoints = {
  platform: {
    info: get('/platform', 'Show what this platform is and can do', wire.Nothing, wire.PlatformInfo),
    settings: get(
      '/platform/settings',
      'Show what administrators decided about the platform',
      wire.Nothing,
      wire.PlatformSettings,
    ),
    configure: patch(
      '/platform/settings',
      'Change settings of the platform',
      wire.PlatformConfigure,
      wire.PlatformSettings,
    ),
    testMail: post(
      '/platform/mail-test',
      'Mail a test to the administrators that digests go to',
      wire.Nothing,
      wire.MailTest,
    ),
  },
  tokens: {
    list: get('/platform/tokens', 'List who may come in over the network', wire.Nothing, z.array(wire.Token)),
    create: post(
      '/platform/tokens',
      'Make a token; its secret is shown this once',
      wire.TokenCreate,
      wire.TokenCreated,
    ),
    revoke: del('/platform/tokens/{token}', 'Have a token open nothing any more', wire.TokenKey, wire.Token),
  },
  console: {
    createCode: post(
      '/console/codes',
      'Create a code that logs a browser in to the console once',
      wire.Nothing,
      wire.LoginCode,
    ),
  },
  account: {
    get: get('/account', 'Show who is asking', wire.Nothing, wire.Account),
  },
  spaces: {
    list: list('/spaces', 'List spaces by name', wire.SpaceFilter, wire.Space),
    create: post('/spaces', 'Create a space; its compliance is for ever', wire.SpaceCreate, wire.Space),
    get: get('/spaces/{space}', 'Show a space', wire.SpaceKey, wire.Space),
    update: patch('/spaces/{space}', 'Change the description of a space', wire.SpaceUpdate, wire.Space),
    destroy: del('/spaces/{space}', 'Destroy a space that has no apps', wire.SpaceKey, wire.Space),
    discovery: get(
      '/spaces/{space}/discovery',
      'Show how the apps of a space find each other',
      wire.SpaceKey,
      wire.Discovery,
    ),
    topology: get(
      '/spaces/{space}/topology',
      'Show apps, dynos and addresses of a space, and who reaches whom',
      wire.SpaceKey,
      wire.Topology,
    ),
    check: get(
      '/spaces/{space}/check',
      'Try now what a space promises, with probes; nothing is changed',
      wire.SpaceKey,
      wire.SpaceCheck,
    ),
  },
  apps: {
    list: list('/apps', 'List apps by name and space', wire.AppFilter, wire.App),
    create: post('/apps', 'Create an app in a space', wire.AppCreate, wire.App),
    get: get('/apps/{app}', 'Show an app', wire.AppKey, wire.App),
    update: patch(
      '/apps/{app}',
      'Change description, labels or maintenance of an app',
      wire.AppUpdate,
      wire.App,
    ),
    destroy: del('/apps/{app}', 'Destroy an app with its config vars', wire.AppKey, wire.AppDestroyed),
  },
  configVars: {
    get: get('/apps/{app}/config-vars', 'Show config vars', wire.AppKey, wire.ConfigVars),
    patch: {
      ...patch(
        '/apps/{app}/config-vars',
        'Set config vars; null removes one',
        wire.ConfigVarsPatch,
        wire.ConfigVars,
      ),
      body: 'vars',
    },
  },
  formations: {
    list: get(
      '/apps/{app}/formation',
      'List the process types of an app',
      wire.AppKey,
      z.array(wire.Formation),
    ),
    create: post(
      '/apps/{app}/formation',
      'Add a process type to an app',
      wire.FormationCreate,
      wire.Formation,
    ),
    get: get('/apps/{app}/formation/{type}', 'Show a process type', wire.FormationKey, wire.Formation),
    batch: {
      ...patch(
        '/apps/{app}/formation',
        'Change several process types at once, or none of them',
        wire.FormationBatch,
        z.array(wire.Formation),
      ),
      body: 'changes',
    },
    update: patch(
      '/apps/{app}/formation/{type}',
      'Change how many dynos of a type there are to be, and how they run',
      wire.FormationUpdate,
      wire.Formation,
    ),
    destroy: del(
      '/apps/{app}/formation/{type}',
      'Remove a process type and its dynos',
      wire.FormationKey,
      wire.Formation,
    ),
  },
  dynos: {
    list: {
      ...get('/apps/{app}/dynos', 'List the dynos of an app', wire.DynoFilter, z.array(wire.Dyno)),
      form: wireForms.dynos,
    },
    inSpace: get(
      '/spaces/{space}/dynos',
      'List the dynos of a space',
      wire.SpaceDynoFilter,
      z.array(wire.Dyno),
    ),
    restartAll: {
      ...del(
        '/apps/{app}/dynos',
        'Restart every dyno of an app, some at a time',
        wire.DynoFilter,
        z.array(wire.Dyno),
      ),
      form: wireForms.dynos,
    },
    restart: {
      ...del(
        '/apps/{app}/dynos/{dyno}',
        'Restart a dyno, or all of a type',
        wire.DynoKey,
        z.array(wire.Dyno),
      ),
      form: wireForms.dynos,
    },
  },
  hosts: {
    list: get(
      '/platform/hosts',
      'List services of the machine that dynos may reach',
      wire.HostFilter,
      z.array(wire.Host),
    ),
    allow: post(
      '/spaces/{space}/hosts',
      'Let the dynos of a space reach a service of the machine',
      wire.HostAllow,
      wire.Host,
    ),
    deny: del('/spaces/{space}/hosts/{port}', 'Let them reach it no more', wire.HostKey, wire.Host),
  },
  sizes: {
    list: get('/sizes', 'List the sizes of dynos', wire.Nothing, z.array(wire.Size)),
  },
  builds: {
    list: {
      ...get(
        '/apps/{app}/builds',
        'List the builds of an app, oldest first',
        wire.AppKey,
        z.array(wire.Build),
      ),
      oldestFirst: true,
      form: wireForms.builds,
    },
    create: {
      ...post('/apps/{app}/builds', 'Build an app from a source', wire.BuildCreate, wire.Build),
      form: wireForms.build,
    },
    get: {
      ...get('/apps/{app}/builds/{build}', 'Show a build', wire.BuildKey, wire.Build),
      form: wireForms.build,
    },
    result: get(
      '/apps/{app}/builds/{build}/result',
      'Show what a build printed, and how it ended',
      wire.BuildKey,
      wire.BuildResult,
    ),
    stop: {
      ...del('/apps/{app}/builds/{build}', 'Stop a build that is not done', wire.BuildKey, wire.Build),
      form: wireForms.build,
    },
    statuses: get(
      '/apps/{app}/builds/{build}/statuses',
      'Show the checks that a build needs, and what was reported of them',
      wire.BuildKey,
      wire.BuildStatuses,
    ),
    report: post(
      '/apps/{app}/builds/{build}/statuses',
      'Report of a check that a build waits for',
      wire.StatusReport,
      wire.BuildCheck,
    ),
    overrule: post(
      '/apps/{app}/builds/{build}/overrulings',
      'Let a build go on without a check, for a reason',
      wire.Overruling,
      wire.BuildCheck,
    ),
  },
  checks: {
    list: get('/checks', 'List who may report of which check', wire.ReporterFilter, z.array(wire.Reporter)),
    add: post('/checks', 'Let somebody report of a check', wire.ReporterAdd, wire.Reporter),
    remove: del('/checks/{reporter}', 'Let them report no more', wire.ReporterKey, wire.Reporter),
  },
  releases: {
    list: {
      ...get(
        '/apps/{app}/releases',
        'List the releases of an app, oldest first',
        wire.AppKey,
        z.array(wire.Release),
      ),
      oldestFirst: true,
      form: wireForms.releases,
    },
    create: {
      ...post(
        '/apps/{app}/releases',
        'Release the slug of an earlier release, or of a build, again',
        wire.ReleaseCreate,
        wire.Release,
      ),
      form: wireForms.release,
    },
    get: {
      ...get('/apps/{app}/releases/{release}', 'Show a release', wire.ReleaseKey, wire.Release),
      form: wireForms.release,
    },
  },
  slugs: {
    get: {
      ...get('/slugs/{slug}', 'Show the source of a slug', wire.SlugKey, wire.Slug),
      form: wireForms.build,
    },
  },
  releaseStatuses: {
    list: {
      ...get(
        '/apps/{app}/releases/{release}/statuses',
        'Show what is said of a release',
        wire.ReleaseKey,
        wire.ReleaseStatuses,
      ),
      form: wireForms.releaseStatuses,
    },
    create: post(
      '/apps/{app}/releases/{release}/statuses',
      'Say how a release is, by the context of a check',
      wire.ReleaseStatusCreate,
      wire.ReleaseStatus,
    ),
    get: get(
      '/apps/{app}/releases/{release}/statuses/{status}',
      'Show one thing that is said of a release',
      wire.ReleaseStatusKey,
      wire.ReleaseStatus,
    ),
    update: patch(
      '/apps/{app}/releases/{release}/statuses/{status}',
      'Change what was said of a release',
      wire.ReleaseStatusUpdate,
      wire.ReleaseStatus,
    ),
  },
  pipelines: {
    list: get('/pipelines', 'List pipelines by name', wire.Nothing, z.array(wire.Pipeline)),
    create: {
      ...post('/pipelines', 'Create a pipeline', wire.PipelineCreate, wire.Pipeline),
      takenIsInvalid: true,
    },
    get: get('/pipelines/{pipeline}', 'Show a pipeline', wire.PipelineKey, wire.Pipeline),
    update: {
      ...patch(
        '/pipelines/{pipeline}',
        'Change the name or the description of a pipeline',
        wire.PipelineUpdate,
        wire.Pipeline,
      ),
      takenIsInvalid: true,
    },
    destroy: del(
      '/pipelines/{pipeline}',
      'Destroy a pipeline; its apps stay',
      wire.PipelineKey,
      wire.Pipeline,
    ),
    stages: get(
      '/pipeline-stages',
      'Show the stages of pipelines, and which one comes after each',
      wire.Nothing,
      wire.PipelineStages,
    ),
    couplings: get(
      '/pipelines/{pipeline}/pipeline-couplings',
      'List the apps of a pipeline with their stages',
      wire.PipelineKey,
      wire.PipelineCouplings,
    ),
    contexts: get(
      '/pipelines/{pipeline}/statuses',
      'List the contexts that were reported of releases of its apps',
      wire.PipelineKey,
      z.array(wire.PipelineContext),
    ),
    plan: get(
      '/pipelines/{pipeline}/promotion-plan',
      'Show what a promotion would do; nothing is changed',
      wire.PromotionPlanKey,
      wire.PromotionPlan,
    ),
  },
  pipelineCouplings: {
    list: get(
      '/pipeline-couplings',
      'List the apps of all pipelines with their stages',
      wire.Nothing,
      wire.PipelineCouplings,
    ),
    ofApp: {
      ...get(
        '/apps/{app}/pipeline-couplings',
        'List the pipelines of an app with its stages; one by itself, and 404 for none',
        wire.AppKey,
        wire.PipelineCouplings,
      ),
      oneAlone: 'This app is in no pipeline.',
    },
    create: post(
      '/pipeline-couplings',
      'Add an app to a stage of a pipeline',
      wire.PipelineCouplingCreate,
      wire.PipelineCoupling,
    ),
    get: get(
      '/pipeline-couplings/{coupling}',
      'Show the stage of an app in a pipeline',
      wire.PipelineCouplingKey,
      wire.PipelineCoupling,
    ),
    update: patch(
      '/pipeline-couplings/{coupling}',
      'Change what must be well before something is promoted to an app',
      wire.PipelineCouplingUpdate,
      wire.PipelineCoupling,
    ),
    destroy: del(
      '/pipeline-couplings/{coupling}',
      'Remove an app from a pipeline',
      wire.PipelineCouplingKey,
      wire.PipelineCoupling,
    ),
  },
  pipelinePromotions: {
    create: {
      ...post(
        '/pipeline-promotions',
        'Promote what an app runs to apps of a later stage',
        wire.PromotionCreate,
        wire.Promotion,
      ),
      form: wireForms.promotion,
    },
  },
  addonServices: {
    list: get(
      '/addon-services',
      'List addon services with their plans',
      wire.Nothing,
      z.array(wire.AddonService),
    ),
    get: get('/addon-services/{service}', 'Show an addon service', wire.AddonServiceKey, wire.AddonService),
    plans: get(
      '/addon-services/{service}/plans',
      'List the plans of an addon service, with what they require of a space',
      wire.AddonServiceKey,
      z.array(wire.AddonPlan),
    ),
  },
  addons: {
    list: get('/addons', 'List addons by name', wire.Nothing, z.array(wire.Addon)),
    create: post('/addons', 'Create a credential that apps can share', wire.AddonCreate, wire.Addon),
    get: get('/addons/{addon}', 'Show an addon and the apps that get it', wire.AddonKey, wire.Addon),
    update: patch(
      '/addons/{addon}',
      'Give a credential new values, which releases every app that gets it',
      wire.AddonUpdate,
      wire.Addon,
    ),
    destroy: del('/addons/{addon}', 'Destroy a credential that no app gets', wire.AddonKey, wire.Addon),
    inApp: get(
      '/apps/{app}/addons',
      'List the addons that belong to an app',
      wire.AppKey,
      z.array(wire.Addon),
    ),
    createInApp: post(
      '/apps/{app}/addons',
      'Create an addon that belongs to an app',
      wire.AppAddonCreate,
      wire.Addon,
    ),
    getInApp: get('/apps/{app}/addons/{addon}', 'Show an addon of an app', wire.AppAddonKey, wire.Addon),
    destroyInApp: del(
      '/apps/{app}/addons/{addon}',
      'Destroy an addon of an app that no other app gets',
      wire.AppAddonKey,
      wire.Addon,
    ),
  },
  addonAttachments: {
    list: get(
      '/apps/{app}/addon-attachments',
      'List what addons an app gets, and as which vars',
      wire.AppKey,
      z.array(wire.AddonAttachment),
    ),
    create: post(
      '/apps/{app}/addon-attachments',
      'Give an addon to an app, which releases the app',
      wire.AddonAttach,
      wire.AddonAttachment,
    ),
    get: get(
      '/apps/{app}/addon-attachments/{attachment}',
      'Show how an app gets an addon',
      wire.AddonAttachmentKey,
      wire.AddonAttachment,
    ),
    destroy: del(
      '/apps/{app}/addon-attachments/{attachment}',
      'Take an addon from an app, which releases the app',
      wire.AddonAttachmentKey,
      wire.AddonAttachment,
    ),
  },
  hooks: {
    events: get('/docs/hooks', 'List what hooks can be called for', wire.Nothing, z.array(wire.HookEvent)),
    list: get('/apps/{app}/hooks', 'List the hooks of an app', wire.AppKey, z.array(wire.Hook)),
    create: post(
      '/apps/{app}/hooks',
      'Have a URL called when something happens to an app',
      wire.HookCreate,
      wire.Hook,
    ),
    get: get('/apps/{app}/hooks/{hook}', 'Show a hook', wire.HookKey, wire.Hook),
    update: patch('/apps/{app}/hooks/{hook}', 'Change a hook', wire.HookUpdate, wire.Hook),
    destroy: del(
      '/apps/{app}/hooks/{hook}',
      'Destroy a hook with its calls',
      wire.HookKey,
      wire.HookDestroyed,
    ),
    results: get(
      '/apps/{app}/hooks/{hook}/results',
      'List the calls of a hook with what came of them, oldest first',
      wire.HookKey,
      z.array(wire.HookResult),
    ),
    result: get(
      '/apps/{app}/hooks/{hook}/results/{result}',
      'Show a call of a hook',
      wire.HookResultKey,
      wire.HookResult,
    ),
    test: post(
      '/apps/{app}/hooks/{hook}/results',
      'Call a hook to see whether that comes through',
      wire.HookKey,
      wire.HookResult,
    ),
  },
  stacks: {
    list: get('/stacks', 'List stacks', wire.Nothing, z.array(wire.Stack)),
    create: post('/stacks', 'Create a stack in a region', wire.StackCreate, wire.Stack),
    get: get('/stacks/{stack}', 'Show a stack', wire.StackKey, wire.Stack),
    update: patch(
      '/stacks/{stack}',
      'Change which spaces a stack is for, or make it the default',
      wire.StackUpdate,
      wire.Stack,
    ),
    destroy: del('/stacks/{stack}', 'Destroy a stack that no space is on', wire.StackKey, wire.Stack),
  },
  regions: {
    list: get('/regions', 'List regions', wire.Nothing, z.array(wire.Region)),
    create: post('/regions', 'Create a region', wire.RegionCreate, wire.Region),
    get: get('/regions/{region}', 'Show a region', wire.RegionKey, wire.Region),
    update: patch('/regions/{region}', 'Change what is said of a region', wire.RegionUpdate, wire.Region),
    destroy: del('/regions/{region}', 'Destroy a region that no stack is in', wire.RegionKey, wire.Region),
  },
  organizations: {
    list: get('/organizations', 'List organizations', wire.Nothing, z.array(wire.Organization)),
    create: post('/organizations', 'Create an organization', wire.OrganizationCreate, wire.Organization),
    get: get(
      '/organizations/{organization}',
      'Show an organization',
      wire.OrganizationKey,
      wire.Organization,
    ),
  },
  favorites: {
    list: get('/favorites', 'List the favourite apps of whoever asks', wire.Nothing, z.array(wire.Favorite)),
    add: post('/favorites', 'Make an app a favourite of whoever asks', wire.AppKey, wire.Favorite),
    remove: del('/favorites/{app}', 'Make it none any more', wire.AppKey, wire.FavoriteRemoved),
  },
  features: {
    list: get('/apps/{app}/features', 'List the features of an app', wire.AppKey, z.array(wire.AppFeature)),
    get: get('/apps/{app}/features/{feature}', 'Show a feature of an app', wire.FeatureKey, wire.AppFeature),
    update: patch(
      '/apps/{app}/features/{feature}',
      'Ask for a feature to be on or off, which it is or is not',
      wire.FeatureUpdate,
      wire.AppFeature,
    ),
  },
  plugins: {
    list: get(
      '/plugins',
      'List plugins of the aka of Akkeris: here are none',
      wire.Nothing,
      z.array(wire.Plugin),
    ),
  },
  audits: {
    list: get('/audits', 'List the newest audit records', wire.AuditFilter, z.array(wire.AuditEvent)),
    verify: get(
      '/audits/verify',
      'Check the hash chain of the audit log',
      wire.AuditVerify,
      wire.AuditVerdict,
    ),
  },
  digests: {
    get: get(
      '/spaces/{space}/digest',
      'Show the digest that would be mailed now of a socs space',
      wire.DigestKey,
      wire.Digest,
    ),
    send: post(
      '/spaces/{space}/digest',
      'Mail the digest of a socs space to administrators now',
      wire.DigestKey,
      wire.DigestDelivery,
    ),
  },
} as const;

export type Noun = keyof typeof endpoints;

/** Whether the rest of an endpoint's input goes into a body and not into the query. */
export function hasBody({ method }: Endpoint): boolean {
  return method === 'POST' || method === 'PATCH';
}

const PATH_MEMBER = /\{(\w+)\}/g;

/** The members of its input that an endpoint has in its path. */
export function pathMembers({ path }: Endpoint): string[] {
  return [...path.matchAll(PATH_MEMBER)].map(([, member]) => member as string);
}

/** The path of an endpoint with every member in it replaced. */
export function pathWith({ path }: Endpoint, replaced: (member: string) => string): string {
  return path.replace(PATH_MEMBER, (_, member: string) => replaced(member));
}

/** Calls an operation with what may not be its input at all. */
type Call = (input?: unknown, options?: CallOptions) => Promise<unknown>;
/** Calls one from a program, whose compiler knows what its input is. */
type InputCall = (input?: Readonly<Record<string, unknown>>, options?: CallOptions) => Promise<unknown>;

/** An operation of the Apps API, found by its name, with what it is on the wire. */
export interface Operation {
  /** Such as `spaces.create`. */
  readonly name: string;
  readonly endpoint: Endpoint;
  /** This operation of a platform, for whoever has it parse the input. */
  readonly of: (api: AppsApi) => Call;
}

type Nouns<Verb> = Readonly<Record<string, Readonly<Record<string, Verb>>>>;

/** Every operation of the Apps API. */
export const operations: readonly Operation[] = Object.entries(endpoints as Nouns<Endpoint>).flatMap(
  ([noun, verbs]) =>
    Object.entries(verbs).map(([verb, endpoint]) => ({
      name: `${noun}.${verb}`,
      endpoint,
      // The interface has the nouns and verbs of the table; the contract's tests hold it to that.
      of: (api) => async (input, options) => {
        const calls = (api as unknown as Nouns<Call>)[noun] as Readonly<Record<string, Call>>;
        return (calls[verb] as Call)(input, options);
      },
    })),
);

/** What the table says an Apps API is; that it is one, the compiler checks wherever it is used as one. */
type Operations = {
  readonly [N in Noun]: {
    readonly [V in keyof (typeof endpoints)[N]]: CallOf<(typeof endpoints)[N][V]>;
  };
};
type CallOf<E> = E extends { result: z.ZodMiniType<infer Result> }
  ? (
      input?: object,
      options?: CallOptions,
    ) => Promise<E extends { paged: true } ? (Result extends (infer Item)[] ? Page<Item> : never) : Result>
  : never;

/** An Apps API of which every operation is what `make` makes of it. How it is closed is up to the caller. */
export function apiOf(make: (operation: Operation) => InputCall): Operations {
  const api: Record<string, Record<string, InputCall>> = {};
  for (const operation of operations) {
    const [noun = '', verb = ''] = operation.name.split('.');
    (api[noun] ??= {})[verb] = make(operation);
  }
  return api as unknown as Operations;
}

function get<I, R>(path: `/${string}`, summary: string, input: z.ZodMiniType<I>, result: z.ZodMiniType<R>) {
  return { method: 'GET', path, summary, input, result } as const;
}

function list<I, R>(path: `/${string}`, summary: string, input: z.ZodMiniType<I>, item: z.ZodMiniType<R>) {
  return { method: 'GET', path, summary, input, result: z.array(item), paged: true } as const;
}

function post<I, R>(path: `/${string}`, summary: string, input: z.ZodMiniType<I>, result: z.ZodMiniType<R>) {
  return { method: 'POST', path, summary, input, result, status: 201 } as const;
}

function patch<I, R>(path: `/${string}`, summary: string, input: z.ZodMiniType<I>, result: z.ZodMiniType<R>) {
  return { method: 'PATCH', path, summary, input, result } as const;
}

function del<I, R>(path: `/${string}`, summary: string, input: z.ZodMiniType<I>, result: z.ZodMiniType<R>) {
  return { method: 'DELETE', path, summary, input, result } as const;
}
