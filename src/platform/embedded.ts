import type { $ZodIssue } from 'zod/v4/core';
import type { AppsApi } from '../contract/apps-api.js';
import { apiOf } from '../contract/endpoints.js';
import { AppsApiError, ruleBroken } from '../contract/errors.js';
import { VERSION } from '../contract/version.js';
import { APP_KEY_MAX } from '../model/names.js';
import { quote, RuleError } from '../model/rule.js';
import type { Caller } from './caller.js';
import type { Platform } from './platform.js';
import { appsService } from './services/apps.js';
import { auditsService } from './services/audits.js';
import { buildsService } from './services/builds.js';
import { organizationsService, regionsService, sizesService, stacksService } from './services/catalog.js';
import { configVarsService } from './services/config-vars.js';
import { dynosService } from './services/dynos.js';
import { formationsService } from './services/formations.js';
import { hostsService } from './services/hosts.js';
import { releasesService } from './services/releases.js';
import type { Session } from './services/session.js';
import { settingsService } from './services/settings.js';
import { spacesService } from './services/spaces.js';
import { type Folders, openStore } from './store/store.js';

/** What this platform can do beyond the Akkeris API. */
const CAPABILITIES = ['spaces.update', 'spaces.destroy', 'spaces.discovery', 'audits.verify', 'idempotency'];

/** Where a platform is, and its clock. */
export interface PlatformOptions extends Folders {
  /** Only for tests that need another time. */
  readonly now?: () => Date;
}

/** Opens the platform of this machine, making its data the first time. Throws an {@link AppsApiError}. */
export function openPlatform({ dataDir, configDir, now = () => new Date() }: PlatformOptions): Platform {
  const store = openStore({ dataDir, configDir }, now());
  return {
    id: store.meta.dataId,
    as: (caller) => parsing(services({ store, caller, now })),
    close: () => store.db.close(),
  };
}

function services(session: Session): AppsApi {
  return {
    platform: {
      info: async () => ({
        name: 'embedded',
        version: VERSION,
        capabilities: CAPABILITIES,
        app_key_max: APP_KEY_MAX,
      }),
      ...settingsService(session),
    },
    account: { get: async () => account(session.caller) },
    spaces: spacesService(session),
    apps: appsService(session),
    configVars: configVarsService(session),
    formations: formationsService(session),
    dynos: dynosService(session),
    hosts: hostsService(session),
    sizes: sizesService(),
    builds: buildsService(session),
    releases: releasesService(session),
    stacks: stacksService(session),
    regions: regionsService(session),
    organizations: organizationsService(session),
    audits: auditsService(session),
    close: async () => {},
  };
}

function account({ name, role }: Caller) {
  return { id: name, name, email: '', elevated_access: role === 'admin' };
}

/** The edge: every input is parsed by its schema before a service sees it, and every rule broken becomes an error. */
function parsing(api: AppsApi): AppsApi {
  const parsed = apiOf(({ endpoint, of }) => {
    const operation = of(api);
    return async (input = {}, options) => {
      const { success, data, error } = endpoint.input.safeParse(input);
      if (!success) throw invalidInput(error.issues);
      try {
        return await operation(data, options);
      } catch (failure) {
        throw failure instanceof RuleError ? ruleBroken(failure) : failure;
      }
    };
  });
  return { ...parsed, close: () => api.close() };
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
