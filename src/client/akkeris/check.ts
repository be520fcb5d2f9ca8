import type { AppsApi } from '../../contract/apps-api.js';
import { Unsupported } from '../../contract/errors.js';
import type { App, Space, SpaceCheck, SpacePromise } from '../../contract/wire.js';
import { isDiscoverable, meantByAll, namespaceFault, tagFacts } from '../../model/akkeris.js';
import { discoveryNames } from '../../model/discovery.js';
import { given } from '../../model/given.js';
import { AKKERIS_APP_KEY_MAX, DEFAULT_SPACE, roomForApps } from '../../model/names.js';
import { secretsIn } from '../../model/redaction.js';
import { shown } from '../../model/rule.js';
import { fewAtATime } from './few-at-a-time.js';

/** More names than these in a line say no more. */
const NAMED = 8;

interface Found {
  readonly state: string;
  readonly evidence: string;
  readonly hint?: string;
}

/**
 * What can be seen of a space of an Akkeris installation from outside, and what of it is not as it says. Config vars of
 * its apps are read, and never shown.
 */
export async function checkSpace(
  api: AppsApi,
  space: Space,
  all: { readonly spaces: readonly Space[]; readonly apps: readonly App[] },
): Promise<SpaceCheck> {
  const apps = all.apps.filter((app) => app.space.id === space.id);
  const socs = space.compliance.includes('socs');
  const found: readonly (readonly [promise: string, found: Found | Promise<Found>])[] = [
    ['compliance_meant', compliance(space)],
    ['created_whole', createdWhole(space)],
    ['one_of_its_name', oneOfItsName(space, all.spaces)],
    ['room_for_apps', roomFor(space, apps)],
    ['discovery_names', discoverable(apps)],
    ['domains', domains(space, apps, all.apps)],
    ['redaction', hidden(api, apps, socs)],
    ...(socs ? ([['audit_kept', audited(api, space)]] as const) : []),
  ];
  const promises = await Promise.all(
    found.map(async ([promise, outcome]): Promise<SpacePromise> => {
      const { state, evidence, hint } = await outcome;
      return { promise, state, evidence, ...given({ hint }) };
    }),
  );
  return {
    space: { id: space.id, name: space.name },
    ok: promises.every(({ state }) => state !== 'failed'),
    checked_at: new Date().toISOString(),
    promises,
  };
}

function compliance({ compliance: tags }: Space): Found {
  if (tags.length === 0) return nothing('it has no compliance');
  const facts = tags.map(tagFacts);
  const broken = facts.flatMap((each) => each.broken ?? []);
  const twice = tags.filter((tag, index) => tags.indexOf(tag) !== index);
  if (broken.length > 0) {
    return failed(
      `${broken.join('; ')}. It can't be changed`,
      `Create a space that has it, and move its apps there: aka spaces:create NAME --compliance ${meantByAll(tags).join(',')}`,
    );
  }
  const idle = facts.filter(({ tag }) => !['socs', 'prod', 'internal'].includes(tag)).map(({ tag }) => tag);
  return ok(
    `stored as ${names(tags)}${idle.length === 0 ? '' : `, of which ${names(idle)} has no effect`}${
      twice.length === 0 ? '' : `, ${names(twice)} twice`
    }`,
  );
}

function createdWhole({ name }: Space): Found {
  const fault = namespaceFault(name);
  if (fault === undefined)
    return ok('its name is one that a cluster takes; more of that is not seen from outside');
  return failed(
    `it is in the list only: no cluster takes its name, since ${fault}`,
    'Ask an administrator of the installation to remove it from its database.',
  );
}

function oneOfItsName({ name }: Space, spaces: readonly Space[]): Found {
  const same = spaces.filter((each) => each.name === name);
  if (same.length <= 1) return ok('no other space has its name');
  return failed(
    `${same.length} spaces have its name, so none of them is found by it`,
    `Ask an administrator of the installation to keep one: ${same.map(({ id }) => shown(id)).join(', ')}`,
  );
}

function roomFor({ name }: Space, apps: readonly App[]): Found {
  const room = roomForApps(name, AKKERIS_APP_KEY_MAX);
  if (room > 0) return ok(`${room} characters are left for the name of an app`);
  const full = 'its name leaves no room for that of an app within 24 characters';
  return apps.length > 0
    ? ok(`${full}; it has ${apps.length} all the same`)
    : failed(full, 'Create a space with a name of at most 22 characters.');
}

function discoverable(apps: readonly App[]): Found {
  if (apps.length === 0) return nothing('it has no apps');
  const bad = apps.map((app) => app.simple_name).filter((name) => !isDiscoverable(name));
  if (bad.length === 0) {
    return ok(`${apps.length === 1 ? 'its app is' : `each of its ${apps.length} apps is`} found by two vars`);
  }
  return failed(
    `${names(bad)}: a var such as ${discoveryNames(bad[0] ?? '').host} is none that programs can name, and a cluster makes no service of that`,
    'Create the app again under a name that begins with a letter.',
  );
}

/** The controller leaves `-default` out of a domain wherever it stands, so that two apps get the same. */
function domains({ name: space }: Space, apps: readonly App[], all: readonly App[]): Found {
  if (apps.length === 0) return nothing('it has no apps');
  const wrong = apps.flatMap((app) => {
    const label = labelOf(app.web_url);
    const expected = space === DEFAULT_SPACE ? app.simple_name : `${app.simple_name}-${space}`;
    const other = all.find((each) => each.id !== app.id && each.web_url === app.web_url);
    if (other === undefined && (label === undefined || label === expected)) return [];
    return [
      `${shown(app.name)} has ${shown(app.web_url)}${other === undefined ? '' : `, as ${shown(other.name)} has`}`,
    ];
  });
  if (wrong.length === 0)
    return ok(
      `${apps.length === 1 ? 'its app has a domain of its own' : `each of its ${apps.length} apps has a domain of its own`}`,
    );
  return failed(wrong.slice(0, NAMED).join('; '), 'Names of spaces must not contain -default there.');
}

function labelOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.split('.', 1)[0] : undefined;
}

/** Only values that are shown whole are judged: what is hidden in part shows that it is known for what it is. */
async function hidden(api: AppsApi, apps: readonly App[], socs: boolean): Promise<Found> {
  if (apps.length === 0) return nothing('it has no apps');
  const clear = await fewAtATime(apps, async (app) => {
    const vars = await api.configVars.get({ app: app.id });
    return Object.entries(vars)
      .filter(([name, value]) => secretsIn(name, value).some((secret) => !secret.includes('[redacted]')))
      .map(([name]) => `${name} of ${app.simple_name}`);
  });
  const shownInClear = clear.flat();
  if (shownInClear.length === 0) return ok('no config var shows a value that looks like a secret');
  const which = names(shownInClear);
  if (!socs) return nothing(`only socs hides secrets; shown in clear: ${which}`);
  return failed(
    `shown in clear although it is socs: ${which}`,
    'Give such a var a name with KEY, SECRET, TOKEN, PASS, AUTH, PRIVATE, SALT or HASH in it, or keep the value elsewhere.',
  );
}

async function audited(api: AppsApi, { name }: Space): Promise<Found> {
  try {
    await api.audits.list({ space: name, size: 1 });
    return ok('audit events are kept; they are not chained, so nobody can tell whether one is missing');
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    return failed(
      'no audit events are kept: the installation has no store for them',
      'Ask its operator to set one up (ES_URL of the controller).',
    );
  }
}

function ok(evidence: string): Found {
  return { state: 'ok', evidence };
}

function nothing(evidence: string): Found {
  return { state: 'nothing', evidence };
}

function failed(evidence: string, hint: string): Found {
  return { state: 'failed', evidence, hint };
}

function names(all: readonly string[]): string {
  const named = all.slice(0, NAMED).map((each) => shown(each));
  const rest = all.length - named.length;
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
