import type { $ZodIssue } from 'zod/v4/core';
import type { AppsApi } from '../contract/apps-api.js';
import { apiOf, type Endpoint } from '../contract/endpoints.js';
import { AppsApiError, ruleBroken } from '../contract/errors.js';
import { auditExport, eventStream, logsOf, sourceUpload } from '../contract/streams.js';
import { VERSION } from '../contract/version.js';
import { APP_KEY_MAX } from '../model/names.js';
import { quote, RuleError } from '../model/rule.js';
import type { Caller } from './caller.js';
import { holderOf } from './files/process-lock.js';
import type { Platform } from './platform.js';
import { addonServicesService } from './services/addon-services.js';
import { addonsService } from './services/addons.js';
import { appsService } from './services/apps.js';
import { attachmentsService } from './services/attachments.js';
import { auditsService } from './services/audits.js';
import { buildResults } from './services/build-results.js';
import { buildsService } from './services/builds.js';
import { organizationsService, sizesService } from './services/catalog.js';
import { checksService, type Prober } from './services/checks.js';
import { configVarsService } from './services/config-vars.js';
import { appsOfPipelines, couplingsService } from './services/couplings.js';
import { digestsService } from './services/digests.js';
import { dynosService } from './services/dynos.js';
import { eventsService } from './services/events.js';
import { favoritesService } from './services/favorites.js';
import { featuresService } from './services/features.js';
import { formationsService } from './services/formations.js';
import { hooksService } from './services/hooks.js';
import { hostsService } from './services/hosts.js';
import { logsService } from './services/logs.js';
import { mailService } from './services/mail.js';
import { pipelinesService } from './services/pipelines.js';
import { promotionPlans } from './services/promotion-plan.js';
import { promotionsService } from './services/promotions.js';
import { reading } from './services/reads.js';
import { regionsService } from './services/regions.js';
import { releaseStatusesService } from './services/release-statuses.js';
import { releasesService } from './services/releases.js';
import { reportersService, reportsOnly } from './services/reporters.js';
import type { Session } from './services/session.js';
import { consoleService } from './services/sessions.js';
import { settingsService } from './services/settings.js';
import { slugsService } from './services/slugs.js';
import { sourcesService } from './services/sources.js';
import { spacesService } from './services/spaces.js';
import { stacksService } from './services/stacks.js';
import { statusesService } from './services/statuses.js';
import { tokensService } from './services/tokens.js';
import { topologyService } from './services/topology.js';
import { type Folders, openStore } from './store/store.js';

/** What this platform can do beyond the Akkeris API. */
const CAPABILITIES = [
  'spaces.update',
  'spaces.destroy',
  'spaces.discovery',
  'spaces.topology',
  'spaces.check',
  'audits.verify',
  'pipelines.update',
  'pipelines.plan',
  'addons.create',
  'addons.update',
  'addons.destroy',
  'tokens',
  'audits.export',
  'builds.statuses',
  'checks',
  'console',
  'digests',
  'events',
  'hooks.test',
  'idempotency',
];

/** Where a platform is, and its clock. */
export interface PlatformOptions extends Folders {
  /** Only for tests that need another time. */
  readonly now?: () => Date;
}

/** Opens the platform of this machine, making its data the first time. Throws an {@link AppsApiError}. */
export function openPlatform({ dataDir, configDir, now = () => new Date() }: PlatformOptions): Platform {
  const store = openStore({ dataDir, configDir }, now());
  let prober: Prober | undefined;
  return {
    id: store.meta.dataId,
    as: (caller) => {
      const session = { store, caller, now };
      const api = parsing(
        services(session, () => prober),
        session,
      );
      return caller.role === 'reporter' ? reportsOnly(api, session) : api;
    },
    session: (caller) => ({ store, caller, now }),
    probeWith: (given) => {
      prober = given;
    },
    close: () => store.db.close(),
  };
}

function services(session: Session, prober: () => Prober | undefined): AppsApi {
  return {
    platform: {
      info: async () => ({
        name: 'embedded',
        version: VERSION,
        capabilities: CAPABILITIES,
        app_key_max: APP_KEY_MAX,
        running: holderOf(session.store.folders.dataDir, 'server') !== undefined,
      }),
      ...settingsService(session),
      ...mailService(session),
    },
    tokens: tokensService(session),
    console: consoleService(session),
    account: { get: async () => account(session.caller) },
    spaces: { ...spacesService(session), ...topologyService(session), ...checksService(session, prober) },
    apps: appsService(session),
    configVars: configVarsService(session),
    formations: formationsService(session),
    dynos: dynosService(session),
    logs: logsService(session),
    events: eventsService(session),
    hosts: hostsService(session),
    sizes: sizesService(session),
    sources: sourcesService(session),
    builds: { ...buildsService(session), ...buildResults(session), ...statusesService(session) },
    checks: reportersService(session),
    releases: releasesService(session),
    slugs: slugsService(session),
    releaseStatuses: releaseStatusesService(session),
    pipelines: {
      ...pipelinesService(session),
      ...appsOfPipelines(session),
      ...promotionPlans(session),
    },
    pipelineCouplings: couplingsService(session),
    pipelinePromotions: promotionsService(session),
    addonServices: addonServicesService(),
    addons: addonsService(session),
    addonAttachments: attachmentsService(session),
    hooks: hooksService(session),
    stacks: stacksService(session),
    regions: regionsService(session),
    organizations: organizationsService(session),
    favorites: favoritesService(session),
    features: featuresService(session),
    // They are programs for another command line, which nobody registers here.
    plugins: { list: async () => [] },
    audits: auditsService(session),
    digests: digestsService(session),
    close: async () => {},
  };
}

function account({ name, role }: Caller) {
  return { id: name, name, email: '', elevated_access: role === 'admin' };
}

/**
 * The edge: every input is parsed by its schema before a service sees it, every rule broken becomes an error, and whoever
 * is not let read something is recorded, as services do with changes.
 */
function parsing(api: AppsApi, session: Session): AppsApi {
  const parsed = apiOf(({ name, endpoint, of }) => {
    const operation = of(api);
    return (input = {}, options) =>
      answering(async () => {
        const given = parse(endpoint, input);
        const answer = () => operation(given, options);
        return endpoint.method === 'GET' ? reading(session, name, given, answer) : answer();
      });
  });
  const logs = logsOf(({ verb, endpoint, of }) => {
    const read = of(api);
    return (filter, signal) =>
      answering(async () => {
        const given = parse(endpoint, filter);
        return reading(session, `logs.${verb}`, given, () => read(given, signal));
      });
  });
  return {
    ...parsed,
    logs,
    audits: {
      ...parsed.audits,
      export: (filter = {}, signal) =>
        answering(async () => {
          const given = parse(auditExport, filter);
          return reading(session, 'audits.export', given, () => api.audits.export(given, signal));
        }),
    },
    events: {
      read: (filter = {}, signal) =>
        answering(async () => api.events.read(parse(eventStream, filter), signal)),
    },
    sources: {
      upload: (content, given = {}, signal) =>
        answering(async () => api.sources.upload(content, parse(sourceUpload, given), signal)),
    },
    close: () => api.close(),
  };
}

function parse<Input>({ input }: Pick<Endpoint<Input>, 'input'>, given: unknown): Input {
  const { success, data, error } = input.safeParse(given);
  if (!success) throw invalidInput(error.issues);
  return data;
}

async function answering<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (failure) {
    throw failure instanceof RuleError ? ruleBroken(failure) : failure;
  }
}

/** Says where input is not of its form. Values are not shown: one may be a secret. */
function invalidInput(issues: readonly $ZodIssue[]): AppsApiError {
  const said = issues.slice(0, 3).map((issue) => {
    const where = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') return `${unknownMembers(issue.keys)} not known here`;
    return `${where === '' ? 'the input' : quote(where)} ${complaint(issue)}`;
  });
  return new AppsApiError({
    id: 'invalid_input',
    status: 422,
    message: `The request is not of the right form: ${said.join('; ')}.`,
  });
}

function unknownMembers(keys: readonly string[]): string {
  const named = keys.slice(0, 3).map((key) => quote(key));
  const more = keys.length > named.length ? ` and ${keys.length - named.length} more` : '';
  return `${named.join(', ')}${more} ${keys.length === 1 ? 'is' : 'are'}`;
}

function complaint(issue: $ZodIssue): string {
  if (issue.code === 'invalid_type') return `must be ${issue.expected}`;
  if (issue.code === 'too_big')
    return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
  if (issue.code === 'too_small')
    return `must be at least ${issue.minimum}${issue.origin === 'string' ? ' characters' : ''}`;
  return 'is not of the right form';
}
