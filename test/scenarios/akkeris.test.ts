import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { FakeAkkeris, TOKEN } from '../contract/akkeris/fake.js';
import type { User } from './aka.js';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';

/*
 * The built aka against an Akkeris installation, which is none but answers as one.
 */

let akkeris: FakeAkkeris;
let env: Record<string, string>;

beforeEach(async () => {
  akkeris = await FakeAkkeris.start();
  env = { AKKERIS_API_HOST: akkeris.url, API_TOKEN: TOKEN };
});

afterEach(() => akkeris.close());

/** Runs a command there, in a line. */
function on(user: User, line: string) {
  return user.run(line.split(' '), { env });
}

describe('creating a space', () => {
  scenario('sends what was typed as what it means, and shows what was stored', async (user) => {
    const created = await on(user, 'spaces:create shop --compliance socs,prod --json');
    expect(created.code).toBe(0);
    expect(created.json()).toMatchObject({ name: 'shop', compliance: ['socs', 'prod'] });
    expect(akkeris.spaces.at(-1)).toMatchObject({ name: 'shop', compliance: ['socs', 'prod'] });
  });

  scenario('fails if something else was stored, says what, and that it is for ever', async (user) => {
    akkeris.stores = (compliance) => [compliance.join('')];
    const { id } = expectJsonFailure(await on(user, 'spaces:create shop -c socs,prod --json'), 5);
    expect(id).toBe('stored_otherwise');
    const again = await on(user, 'spaces:create store -c socs,prod');
    expectFailure(again, 5);
    expect(again.stderr).toContain('socsprod');
    expect(again.stderr).toContain("can't be changed");
  });

  scenario('that leaves half of one behind exits 6 with the truth, and is not tried again', async (user) => {
    akkeris.clusterFails = true;
    const { id, message } = expectJsonFailure(await on(user, 'spaces:create shop -c prod --json'), 6);
    expect(id).toBe('half_created');
    expect(message).toContain('left space shop behind half-created');
    expect(akkeris.changes).toEqual(['POST /spaces']);
    const again = await on(user, 'spaces:create shop -c prod');
    expectFailure(again, 5);
    expect(akkeris.changes).toHaveLength(1);
  });

  scenario('that is there already is as asked for, or it is said what is different', async (user) => {
    akkeris.addSpace('shop', ['prod']);
    expect(await on(user, 'spaces:create shop -c prod --if-not-exists')).toMatchObject({ code: 0 });
    expectFailure(await on(user, 'spaces:create shop -c socs --if-not-exists'), 5);
    expectFailure(await on(user, `spaces:create ${'a'.repeat(23)} --if-not-exists`), 2);
    expect(akkeris.changes).toEqual([]);
  });

  scenario('is explained as what it comes to there, which is less', async (user) => {
    for (const line of ['spaces:create --explain', 'compliance', 'compliance:explain socs,prod,internal']) {
      const explained = await on(user, line);
      expect(explained).toMatchObject({ code: 0, stderr: '' });
      expect(explained.stdout).toContain('socs\tdoes\tnothing has builds wait for status checks');
      expect(explained.stdout).not.toContain('hash-chained');
    }
    const facts = (await on(user, 'compliance:explain prod --json')).json<{ name: string }[]>();
    expect(facts).toMatchObject([{ name: 'prod', summary: expect.stringContaining('memory') }]);
    const unasked = await user.run(['compliance:explain', 'prod'], { env: { ...env, API_TOKEN: 'none' } });
    expect(unasked.code).toBe(0);
    expect(unasked.stderr).toContain('An Akkeris installation does less.');
  });

  scenario('can be tried without a change', async (user) => {
    const plan = await on(user, 'spaces:create shop -c socs,prod --dry-run --json');
    expect(plan.json()).toMatchObject({ dry_run: true, compliance: ['socs', 'prod'], stack: 'maru' });
    expectFailure(await on(user, `spaces:create ${'a'.repeat(23)} --dry-run`), 2);
    expect(akkeris.changes).toEqual([]);
  });
});

describe('what is there', () => {
  scenario('is shown with what its tags do, and how its apps are found', async (user) => {
    const space = akkeris.addSpace('legacy', ['socsprod']);
    const { name } = akkeris.addApp('web', space);
    const info = await on(user, 'spaces:info legacy');
    expect(info).toMatchObject({ code: 0, stderr: '' });
    expect(info.stdout).toContain('WEB_SERVICE_HOST\tWEB_SERVICE_PORT');
    expect(info.stdout).toContain('https://web-legacy.maru.example.test');
    expect(info.stdout).toContain('never prod');
    const app = await on(user, `apps:info -a ${name}`);
    expect(app.stdout).toContain('WEB_SERVICE_HOST\tset when a dyno starts');
    expect(app.stdout).toContain('Mend it: aka spaces:create NAME --compliance socs,prod');
  });

  scenario('is the same for programs, one document', async (user) => {
    akkeris.addApp('web', akkeris.addSpace('pay', ['prod']));
    expect((await on(user, 'spaces:info pay --json')).json()).toMatchObject({
      name: 'pay',
      apps: 1,
      dynos: null,
      discovery: { mode: 'kubernetes', apps: [{ name: 'web', host: null, port: null }] },
    });
    expect((await on(user, 'apps --space pay --json')).json<unknown[]>()).toHaveLength(1);
    expect((await on(user, 'spaces --compliance prod --json')).json()).toMatchObject([{ name: 'pay' }]);
  });

  scenario('and what it can not do exits 7 and says what to do instead', async (user) => {
    akkeris.addApp('web', akkeris.addSpace('pay'));
    for (const line of [
      'spaces:update pay -d text',
      'spaces:destroy pay --confirm pay',
      'spaces:destroy pay',
      'spaces:env pay',
      'audits',
      'audits --app web-pay',
      'logs --space pay',
      'checks',
      'platform:tokens',
      'spaces:topology pay',
    ]) {
      const ended = await on(user, line);
      expectFailure(ended, 7);
      expect(ended.stderr.trim().split('\n').length).toBeGreaterThan(1);
      expect(ended.stderr).not.toMatch(/Check that the address|take no filters/);
    }
    expect(akkeris.changes.filter((request) => request.startsWith('POST'))).toEqual([]);
  });
});

scenario('running a program there fails as run does, and says that nothing is run by hand', async (user) => {
  akkeris.addApp('web', akkeris.addSpace('pay'));
  const ended = await on(user, 'run -a web-pay -- ls');
  expectFailure(ended, 125);
  expect(ended.stderr).toContain('nothing can be run by hand');
});

describe('what is not there', () => {
  scenario.each<[line: string, list: string]>(
    [
      ['an app', 'apps:info -a web-pay', 'aka apps'],
      ['the app of config vars', 'config -a web-pay', 'aka apps'],
      ['a stack', 'stacks:info muru', 'aka stacks'],
      ['a region', 'regions:info mars', 'aka regions'],
      ['a space', 'spaces:info pay', 'aka spaces'],
    ],
    async (user, line, list) => {
      const { hint } = expectJsonFailure(await on(user, `${line} --json`), 4);
      expect(hint).toMatch(new RegExp(`${list}$`));
    },
  );

  scenario('of config vars is refused, one that is there goes', async (user) => {
    akkeris.addApp('web', akkeris.addSpace('pay'), { LOG_LEVEL: 'info' });
    expect(await on(user, 'config:unset LOG_LEVEL -a web-pay')).toMatchObject({ code: 0 });
    expectFailure(await on(user, 'config:unset LOG_LEVEL -a web-pay'), 5);
    expect((await on(user, 'config -a web-pay --json')).json()).toEqual({ PORT: '9000' });
  });
});

describe('spaces:check', () => {
  scenario('exits 0 where nothing can be seen to be wrong, 1 otherwise', async (user) => {
    akkeris.addApp('web', akkeris.addSpace('pay', ['prod']));
    expect(await on(user, 'spaces:check pay')).toMatchObject({ code: 0, stderr: '' });
    akkeris.addSpace('legacy', ['production']);
    const bad = await on(user, 'spaces:check legacy');
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain('compliance_meant\tfailed');
  });

  scenario('of all tells on each in one document, also on those of one name', async (user) => {
    akkeris.addSpace('twin');
    akkeris.addSpace('twin');
    const { code, stdout, stderr } = await on(user, 'spaces:check --all --json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const checks = JSON.parse(stdout) as { space: { name: string }; ok: boolean }[];
    expect(checks).toHaveLength(akkeris.spaces.length);
    expect(checks.filter(({ ok, space }) => !ok && space.name === 'twin')).toHaveLength(2);
    expect((await on(user, 'spaces:check twin')).code).toBe(1);
  });

  scenario('wants one space or all of them', async (user) => {
    expectFailure(await on(user, 'spaces:check'), 2);
    expectFailure(await on(user, 'spaces:check pay --all'), 2);
  });
});

describe('at a terminal', () => {
  scenario('a check of all shows what is wrong, space by space', async (user) => {
    akkeris.addSpace('legacy', ['socsprod']);
    const { code, screen } = await user.atTerminal(['spaces:check', '--all'], undefined, {
      columns: 100,
      env,
    });
    expect(code).toBe(1);
    expect(screen).toContain('legacy');
    expect(screen).toMatch(/\d+ of \d+ spaces do not keep what they promise\./);
  });
});
