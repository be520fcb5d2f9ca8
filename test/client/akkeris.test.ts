import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Credentials } from '../../src/client/credentials.js';
import { platformApi } from '../../src/client/platform-api.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { endpoints } from '../../src/contract/endpoints.js';
import { AppsApiError, Unsupported } from '../../src/contract/errors.js';
import { exchanges } from '../contract/akkeris/exchanges.js';
import { FakeAkkeris, onTheWire, TOKEN } from '../contract/akkeris/fake.js';
import { runsWhole } from '../long-tests.js';

let akkeris: FakeAkkeris;
let api: AppsApi;
let warnings: string[];

beforeEach(async () => {
  akkeris = await FakeAkkeris.start();
  warnings = [];
  api = platformApi(
    { url: akkeris.url, credentials: Credentials.bearer(TOKEN) },
    { onWarning: (message) => warnings.push(message), retries: { attempts: 1 } },
  );
});

afterEach(async () => {
  await api.close();
  akkeris.close();
});

async function failure(call: Promise<unknown>): Promise<AppsApiError> {
  const error: unknown = await call.then(
    () => new Error('It went well.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppsApiError)) throw error;
  return error;
}

/** The names of the spaces that are listed. */
async function names(filter: object): Promise<string[]> {
  return (await api.spaces.list(filter)).items.map(({ name }) => name);
}

/** What a check says of each promise. */
async function verdicts(space: string): Promise<Record<string, string>> {
  const { promises } = await api.spaces.check({ space });
  return Object.fromEntries(promises.map(({ promise, state }) => [promise, state]));
}

describe('what was recorded of an installation is read', () => {
  const read = exchanges.flatMap(({ name, request, response }) => {
    if (response.status < 200 || response.status > 299) return [];
    const all = Object.values(endpoints).flatMap((verbs) => Object.values(verbs));
    const endpoint = all.find(
      (each) =>
        each.method === request.method &&
        new RegExp(`^${each.path.replace(/\{\w+\}/g, '[^/?]+')}(?:\\?.*)?$`).test(request.path),
    );
    return endpoint === undefined ? [] : [[name, endpoint.result, response.bodyText ?? ''] as const];
  });

  test('and most of it is of operations that aka has', () => expect(read.length).toBeGreaterThan(100));

  /** Nobody sends an object for a value, or asks for apps without their facts. */
  const NOT_ASKED = ['config-patch-object-value', 'config-patch-array-value', 'apps-list-simple'];
  test.each(read.filter(([name]) => !NOT_ASKED.includes(name)))('%s', (_, result, body) => {
    expect(result.safeParse(JSON.parse(body)).error?.issues ?? []).toEqual([]);
  });
});

describe('spaces', () => {
  test('are listed with what is asked for, although it takes no filters', async () => {
    akkeris.addSpace('pay', ['socs', 'prod']);
    akkeris.addSpace('eu', ['prod'], 'eu1');
    expect(await names({ compliance: 'prod' })).toEqual(['pay', 'eu']);
    expect(await names({ compliance: 'prod,socs' })).toEqual(['pay']);
    expect(await names({ stack: 'eu1' })).toEqual(['eu']);
    expect(await names({})).toHaveLength(akkeris.spaces.length);
  });

  test('have counts, what their tags do, and what they do not', async () => {
    const space = akkeris.addSpace('legacy', ['socsprod', 'Internal', 'dev', 'prod']);
    akkeris.addApp('web', space);
    const { apps, effects, concerns } = await api.spaces.get({ space: 'legacy' });
    expect(apps).toBe(1);
    expect(effects?.map(({ compliance }) => compliance)).toEqual(['socsprod', 'Internal', 'dev', 'prod']);
    expect(concerns?.map(({ compliance }) => compliance)).toEqual(['socsprod', 'Internal']);
    expect(concerns?.[0]).toMatchObject({
      problem: expect.stringContaining('never prod'),
      remedy: 'aka spaces:create NAME --compliance socs,prod,internal',
    });
  });

  test('are shown with their apps by two requests, however many others there are', async () => {
    akkeris.addApp('web', akkeris.addSpace('pay'));
    const { id } = await api.spaces.get({ space: 'pay' });
    await api.spaces.discovery({ space: id });
    expect(akkeris.requests).toEqual(['GET /spaces/pay', 'GET /apps']);
  });

  test('that share a name are told of, each with its id; by that they are found', async () => {
    const rows = [akkeris.addSpace('grace'), akkeris.addSpace('grace')];
    const error = await failure(api.spaces.get({ space: 'grace' }));
    expect(error).toMatchObject({
      id: 'several_of_one_name',
      status: 409,
      details: { ids: rows.map(({ id }) => id) },
    });
    expect((await api.spaces.get({ space: rows[1]?.id ?? '' })).name).toBe('grace');
  });

  test('that are not there are answered with one that is near', async () => {
    expect(await failure(api.spaces.get({ space: 'defualt' }))).toMatchObject({
      id: 'not_found',
      status: 404,
      hint: 'Did you mean default?',
    });
  });

  test('stay as they were created: what can be done instead is said', async () => {
    for (const call of [
      api.spaces.update({ space: 'x', description: 'y' }),
      api.spaces.destroy({ space: 'x' }),
    ]) {
      const error = await failure(call);
      expect(error).toBeInstanceOf(Unsupported);
      expect(error.hint).toMatch(/^There /);
    }
  });
});

describe('creating a space', () => {
  test('answers what is stored, looked at once more', async () => {
    expect(await api.spaces.create({ name: 'pay', compliance: ['socs', 'prod'] })).toMatchObject({
      name: 'pay',
      compliance: ['socs', 'prod'],
      apps: 0,
    });
    expect(akkeris.changes).toEqual(['POST /spaces']);
    expect(warnings.filter((each) => !each.includes('not encrypted'))).toEqual([]);
  });

  test.each<[what: string, input: Parameters<AppsApi['spaces']['create']>[0], id: string, status: number]>([
    ['a name that leaves no room for apps', { name: 'a'.repeat(23) }, 'invalid_space_name', 422],
    ['a name that is taken', { name: 'default' }, 'exists', 409],
    ['a name that two have already', { name: 'grace' }, 'several_of_one_name', 409],
    ['an unknown stack', { name: 'pay', stack: 'muru' }, 'not_found', 404],
    ['a deprecated stack', { name: 'pay', stack: 'old1' }, 'deprecated_stack', 409],
    ['prod on a stack in beta', { name: 'pay', stack: 'beta1', compliance: ['prod'] }, 'prod_on_beta', 409],
    [
      'internal where there is no internal network',
      { name: 'pay', stack: 'eu1', compliance: ['internal'] },
      'internal_not_capable',
      409,
    ],
  ])('is not even asked for with %s', async (_, input, id, status) => {
    for (let rows = 0; rows < 2; rows++) akkeris.addSpace('grace');
    expect(await failure(api.spaces.create(input))).toMatchObject({ id, status });
    expect(akkeris.changes).toEqual([]);
  });

  test('has room for an app of one character with 22 of its own', async () => {
    const { name } = await api.spaces.create({ name: 'a'.repeat(22) });
    expect((await api.apps.create({ name: 'w', space: name, org: 'test' })).name).toHaveLength(24);
  });

  test('that leaves a space behind is told as it is', async () => {
    akkeris.clusterFails = true;
    const error = await failure(api.spaces.create({ name: 'pay', compliance: ['socs'] }));
    expect(error).toMatchObject({ id: 'half_created', status: 503 });
    expect(error.message).toContain('left space pay behind half-created');
    expect(akkeris.changes).toEqual(['POST /spaces']);
    expect(akkeris.spaces.some(({ name }) => name === 'pay')).toBe(true);
  });

  test('that failed before anything was written is told as it is', async () => {
    akkeris.fault = ({ method }, response) => {
      if (method === 'GET') return undefined;
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad Gateway</html>');
      return true;
    };
    expect(await failure(api.spaces.create({ name: 'pay' }))).toMatchObject({
      id: 'bad_gateway',
      status: 502,
      message: expect.stringContaining('No space pay is there so far'),
    });
    akkeris.fault = ({ method }, response) => {
      if (method === 'GET') return undefined;
      response.writeHead(503).end('Service Unavailable Error');
      return true;
    };
    expect(await failure(api.spaces.create({ name: 'pay' }))).toMatchObject({
      status: 503,
      message: expect.stringContaining('No space pay was created: it is not there.'),
    });
  });

  test('is not said to be none while it may still be made', async () => {
    akkeris.fault = ({ method }, response, answer) => {
      if (method === 'GET') return undefined;
      // What is in front gives up, and what is behind goes on.
      setTimeout(answer, 300);
      response.writeHead(504).end('<html>Gateway Timeout</html>');
      return true;
    };
    const error = await failure(api.spaces.create({ name: 'pay' }));
    expect(error.message).toContain('it may still be made');
    expect(error.hint).toMatch(/^Look again before .*aka spaces:info pay$/);
    while (!akkeris.spaces.some(({ name }) => name === 'pay')) {
      await new Promise((next) => {
        setTimeout(next, 20);
      });
    }
  });

  test.each([
    [true, 'Space pay is there now, with compliance socs'],
    [false, 'No space pay is there so far, and it may still be made'],
  ])('whose answer was lost is looked for (made: %s)', async (made, says) => {
    akkeris.fault = ({ method }, response, answer) => {
      if (method === 'GET') return undefined;
      if (made) answer();
      response.socket?.destroy();
      return true;
    };
    const error = await failure(api.spaces.create({ name: 'pay', compliance: ['socs'] }));
    expect(error).toMatchObject({ id: 'unreachable', status: 0, message: expect.stringContaining(says) });
    expect(akkeris.changes).toEqual(made ? ['POST /spaces'] : []);
  });

  test('at the same moment as somebody else is found out', async () => {
    akkeris.rivals = true;
    expect(await failure(api.spaces.create({ name: 'pay' }))).toMatchObject({ id: 'several_of_one_name' });
  });

  test('answers what was stored instead, and warns of it', async () => {
    akkeris.stores = (compliance) => [compliance.join('')];
    const { compliance, concerns } = await api.spaces.create({ name: 'pay', compliance: ['socs', 'prod'] });
    expect(compliance).toEqual(['socsprod']);
    expect(concerns).toHaveLength(1);
    expect(warnings).toContainEqual(expect.stringContaining('compliance "socsprod" was stored'));
  });
});

describe('apps', () => {
  test('of a space are those of it, although it lists all', async () => {
    akkeris.addApp('web', akkeris.addSpace('pay'));
    akkeris.addApp('web', akkeris.addSpace('blog'));
    const { items } = await api.apps.list({ space: 'pay' });
    expect(items.map(({ name }) => name)).toEqual(['web-pay']);
    expect(await failure(api.apps.list({ space: 'pya' }))).toMatchObject({ hint: 'Did you mean pay?' });
  });

  test.each<[what: string, input: Parameters<AppsApi['apps']['create']>[0], id: string]>([
    ['one character too many', { name: 'a'.repeat(21), space: 'pay', org: 'test' }, 'invalid_app_name'],
    ['a dash', { name: 'my-web', space: 'pay', org: 'test' }, 'invalid_app_name'],
    ['a digit first', { name: '1web', space: 'pay', org: 'test' }, 'invalid_app_name'],
    ['a name that is taken', { name: 'web', space: 'pay', org: 'test' }, 'exists'],
    ['no organization, of which there are several', { name: 'api', space: 'pay' }, 'org_missing'],
  ])('are not asked for with %s', async (_, input, id) => {
    akkeris.addApp('web', akkeris.addSpace('pay'));
    expect(await failure(api.apps.create(input))).toMatchObject({ id });
    expect(akkeris.changes).toEqual([]);
  });

  test('find each other by vars whose values nobody knows before', async () => {
    akkeris.addApp('web', akkeris.addSpace('pay'));
    expect(await api.spaces.discovery({ space: 'pay' })).toMatchObject({
      mode: 'kubernetes',
      apps: [{ name: 'web', host: null, port: null, web_url: 'https://web-pay.maru.example.test' }],
      bytes: null,
    });
  });
});

test.each([true, false])(
  'an answer that is cut at any byte is a failure, never half an answer (chunked: %s)',
  async (chunked) => {
    akkeris.addSpace('shop', ['socs', 'prod']);
    let cut = 0;
    let length = Number.POSITIVE_INFINITY;
    akkeris.fault = (_, response, answer) => {
      const whole = onTheWire(answer(), chunked);
      length = whole.length;
      response.socket?.end(whole.subarray(0, cut));
      return true;
    };
    const step = runsWhole('fuzz') ? 1 : 7;
    for (; cut < length; cut += step) {
      const { status } = await failure(api.spaces.get({ space: 'shop' }));
      expect([0, 502]).toContain(status);
    }
    cut = length;
    expect((await api.spaces.get({ space: 'shop' })).compliance).toEqual(['socs', 'prod']);
  },
);

test('a redacted value is not sent back: it would be stored in place of the secret', async () => {
  const { name } = akkeris.addApp('web', akkeris.addSpace('pay'), { KEY: 'secret' });
  const error = await failure(api.configVars.patch({ app: name, vars: { OTHER: 'x', KEY: '[redacted]' } }));
  expect(error).toMatchObject({ id: 'redacted_value', status: 409 });
  expect(akkeris.changes).toEqual([]);
});

describe('a check looks from outside', () => {
  test('and finds nothing wrong where nothing is', async () => {
    akkeris.addApp('web', akkeris.addSpace('pay', ['prod']), { LOG_LEVEL: 'info' });
    const { ok, promises } = await api.spaces.check({ space: 'pay' });
    expect(promises.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(ok).toBe(true);
  });

  test.each<[what: string, promise: string, make: () => void]>([
    ['compliance that is none', 'compliance_meant', () => akkeris.addSpace('pay', ['socsprod'])],
    ['compliance in another case', 'compliance_meant', () => akkeris.addSpace('pay', ['Internal'])],
    [
      'two of one name',
      'one_of_its_name',
      () => {
        akkeris.addSpace('pay');
        akkeris.addSpace('pay');
      },
    ],
    [
      'a var that no program can name',
      'discovery_names',
      () => akkeris.addApp('123', akkeris.addSpace('pay')),
    ],
    [
      'a secret in the clear',
      'redaction',
      () => akkeris.addApp('web', akkeris.addSpace('pay', ['socs']), { DB: 'postgres://a:hunter22@db/x' }),
    ],
    ['no audit events', 'audit_kept', () => akkeris.addSpace('pay', ['socs'])],
  ])('and finds %s', async (_, promise, make) => {
    make();
    expect((await verdicts('pay'))[promise]).toBe('failed');
    expect(JSON.stringify(await api.spaces.check({ space: 'pay' }))).not.toContain('hunter22');
  });

  test('and finds a name that no cluster takes, and one that leaves no room', async () => {
    akkeris.addSpace('g_under');
    akkeris.addSpace('a'.repeat(23));
    expect((await verdicts('g_under')).created_whole).toBe('failed');
    expect((await verdicts('a'.repeat(23))).room_for_apps).toBe('failed');
  });

  test('and finds two apps with one domain, in both of their spaces', async () => {
    akkeris.addApp('web2', akkeris.spaces.find(({ name }) => name === 'default') as never);
    akkeris.addApp('web', akkeris.addSpace('default2'));
    expect((await verdicts('default2')).domains).toBe('failed');
    expect((await verdicts('default')).domains).toBe('failed');
  });

  test('without changing anything', async () => {
    akkeris.addApp('web', akkeris.addSpace('pay', ['socs']));
    await api.spaces.check({ space: 'pay' });
    expect(akkeris.changes).toEqual([]);
  });
});

test('dynos of a space are those of its apps, and a platform that says nothing of itself runs', async () => {
  akkeris.addApp('web', akkeris.addSpace('pay'));
  expect(await api.dynos.inSpace({ space: 'pay' })).toEqual([]);
  expect(akkeris.requests.some((request) => request.endsWith('/dynos'))).toBe(true);
  expect((await api.platform.info()).running).toBeUndefined();
});
