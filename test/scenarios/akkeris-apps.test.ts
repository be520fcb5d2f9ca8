import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { answered } from '../contract/akkeris/exchanges.js';
import { FakeAkkeris, TOKEN } from '../contract/akkeris/fake.js';
import type { User } from './aka.js';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';

/*
 * The built aka, and what runs on an Akkeris installation, which answers what was recorded of a real one. A change that it
 * made is never a failure, whatever it answers.
 */

interface Row {
  readonly id: string;
  readonly [member: string]: unknown;
}

let akkeris: FakeAkkeris;
let env: Record<string, string>;

const BUILT = 'e5e7463e-6db7-4029-af24-244ca7b104f7';
const STOPPED = '63d821f0-4111-46b6-841c-c5f0ee04cdf8';

beforeEach(async () => {
  akkeris = await FakeAkkeris.start();
  akkeris.addRecorded();
  const first = { ...answered<Row>('releases-one-pending'), status: 'succeeded', current: false };
  const { release: third } = answered<{ release: Row }>('relstatus-all-error');
  akkeris.answer('GET /apps/web-rone/releases', [first, third]);
  akkeris.answer(`GET /apps/web-rone/releases/${first.id}`, first);
  akkeris.answer(`GET /apps/web-rone/releases/${third.id}`, third);
  akkeris.answer(
    'GET /apps/web-rone/addon-attachments',
    answered<{ app: { name: string } }[]>('attachments-everywhere-before').filter(
      ({ app }) => app.name === 'web-rone',
    ),
  );
  env = { AKKERIS_API_HOST: akkeris.url, API_TOKEN: TOKEN };
});

afterEach(() => akkeris.close());

/** Runs a command there, in a line. */
function on(user: User, line: string) {
  return user.run(line.split(' '), { env });
}

describe('what is there is read', () => {
  scenario.each<[line: string, text: RegExp]>(
    [
      ['builds', 'builds -a web-rone', /^2\tsucceeded\tv1\.0\t123456/m],
      ['a build by its number', 'builds:info 2 -a web-rone', /^Build\t2 of web-rone$/m],
      ['what a build printed', 'builds:output 2 -a web-rone', /^Successfully built$/m],
      ['releases', 'releases -a web-rone', /^v3\tsucceeded\tcurrent/m],
      ['a release by its version', 'releases:info v3 -a web-rone', /^tests\/error\t/m],
      ['process types and dynos', 'ps -a web-rone', /^web\.3175521927-cd531\tup/m],
      ['dynos that are up', 'ps:wait -a web-rone', /^web\.3175521927-cd531\tup/m],
      ['dynos of a space', 'spaces:wait rone', /^web-rone\tweb\.3175521927-cd531\tup/m],
      ['pipelines', 'pipelines', /^rpipe\t\tdev-rone\tweb-rone\tprod1-rone/m],
      ['a pipeline', 'pipelines:info rpipe', /^staging\tweb-rone\tv3\t123456/m],
      ['an app of a pipeline', 'apps:info -a web-rone', /^Pipelines\trpipe at staging$/m],
      ['sizes', 'sizes', /^gp2-prod\t512 MiB\t512MB RAM/m],
      ['a config var of an addon', 'config:why REDIS_URL -a web-rone', /^From\tcredential$/m],
    ],
    async (user, line, text) => {
      const shown = await on(user, line);
      expect(shown).toMatchObject({ code: 0, stderr: '' });
      expect(shown.stdout).toMatch(text);
      const json = await on(user, `${line} --json`);
      expect(json.code).toBe(0);
      expect(json.stdout).not.toMatch(/^\s*\{?\s*"error": \{/);
      expect(akkeris.changes).toEqual([]);
    },
  );

  scenario.each<[line: string, message: string]>(
    [
      ['a build that is not there', 'builds:info 99 -a web-rone', 'There is no build 99.'],
      ['a release that is not there', 'releases:info v9 -a web-rone', 'There is no release v9.'],
      ['a pipeline that is not there', 'pipelines:info nope', 'There is no pipeline nope.'],
    ],
    async (user, line, message) => {
      expect(expectJsonFailure(await on(user, `${line} --json`), 4).message).toBe(message);
    },
  );

  scenario('audit events of an app are asked for by its name and its space', async (user) => {
    akkeris.answer('GET /audits?size=20&app=web&space=rone', answered('audits-app-and-space-size'));
    akkeris.answer('GET /audits?size=20&app=web-rone', []);
    const events = (await on(user, 'audits -a web-rone --json')).json<unknown[]>();
    expect(events.length).toBeGreaterThan(0);
  });
});

describe('what is changed is changed once, and told', () => {
  scenario.each<[line: string, text: RegExp, change: string, body: unknown]>(
    [
      [
        'a rollback',
        'releases:rollback v1 -a web-rone',
        /^Release\tv\d of web-rone$/m,
        'POST /apps/web-rone/releases',
        { release: '09451e8f-163e-45d0-a4e5-1c1de0c1d608' },
      ],
      [
        'a process type',
        'ps:update web --port 8282 -a web-rone',
        /^Type\tweb of web-rone$/m,
        'PATCH /apps/web-rone/formation/web',
        { port: 8282 },
      ],
      [
        'a restart of all',
        'ps:restart -a web-rone',
        /^Restarting web\.3175521927-cd531 of web-rone\.$/m,
        'DELETE /apps/web-rone/dynos',
        undefined,
      ],
      [
        'a restart of one',
        'ps:restart web.3175521927-cd531 -a web-rone',
        /^Restarting web\.3175521927-cd531 of web-rone\.$/m,
        'DELETE /apps/web-rone/dynos/web.3175521927-cd531',
        undefined,
      ],
      [
        'a stopped build',
        `builds:stop ${STOPPED} -a web-rone`,
        /^Status\tfailed$/m,
        `DELETE /apps/web-rone/builds/${STOPPED}`,
        undefined,
      ],
      [
        'an app in a pipeline',
        'pipelines:add rpipe -a web-rone --stage staging',
        /^Stage\tstaging$/m,
        'POST /pipeline-couplings',
        { app: 'web-rone', pipeline: 'rpipe', stage: 'staging' },
      ],
      [
        'an addon that is given to an app',
        'credentials:attach MY_CACHE -a api-rone --as SHARED_CACHE',
        /^api-rone gets .* from SHARED_CACHE\.$/m,
        'POST /addon-attachments',
        { app: 'api-rone', addon: '34ec4c33-7469-4481-a976-984ad5a9cc3a', name: 'SHARED_CACHE' },
      ],
      [
        'an addon that is taken from an app',
        'credentials:detach akkeris-postgresql-hobbies-224 -a api-rone',
        /^Took akkeris-postgresql-hobbies-224 from api-rone\.$/m,
        'DELETE /addon-attachments/bb75e129-b035-4d3c-9f05-fab1ad799f7e',
        undefined,
      ],
      [
        'a promotion',
        'pipelines:promote rpipe --from web-rone',
        /^prod1-rone\tproduction\treleased/m,
        'POST /pipeline-promotions',
        {
          pipeline: { id: '89a32bef-c45b-4ec3-a532-92fd57d2f31f' },
          source: { app: { id: '17106071-6068-4520-a356-07ba49a178ba' } },
          targets: [{ app: { id: '5013176e-868d-4526-a82c-1cee9f685b7c' } }],
        },
      ],
    ],
    async (user, line, text, change, body) => {
      const { code, stdout } = await on(user, line);
      expect(code).toBe(0);
      expect(stdout).toMatch(text);
      expect(akkeris.changes).toEqual([change]);
      expect(akkeris.bodies).toEqual([body]);
    },
  );

  scenario('a deploy, with the release that the installation makes by itself', async (user) => {
    const [build] = answered<Row[]>('builds-all');
    akkeris.answer('POST /apps/web-rone/builds', { ...build, status: 'queued', slug: { id: BUILT } }, 201);
    akkeris.answer(`GET /apps/web-rone/builds/${BUILT}`, build);
    akkeris.answer('GET /apps/web-rone/features/auto-release', {
      ...answered<Row>('features-set-off'),
      enabled: true,
    });
    const digest = 'a'.repeat(64);
    const deploy = `deploy https://example.com/a.tar.gz --checksum sha256:${digest} -a web-rone`;
    const { code, stdout, stderr } = await on(user, deploy);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Release\tv1$/m)]);
    expect(stderr).toContain('Successfully built');
    expect(akkeris.changes).toEqual(['POST /apps/web-rone/builds']);
  });

  scenario('a process type that is not web, with its command', async (user) => {
    const worker = answered<Row[]>('formations-all-kinds').find(({ type }) => type === 'worker');
    akkeris.answer('GET /apps/api-rone/formation/worker', worker);
    akkeris.answer('PATCH /apps/api-rone/formation/worker', {
      ...worker,
      quantity: 0,
      app: { id: worker?.id },
    });
    const { code, stdout } = await on(user, 'ps:update worker -q 0 -a api-rone');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Dynos\t0$/m)]);
    expect(akkeris.bodies).toEqual([{ command: 'node w.js', quantity: 0 }]);
  });

  scenario('a process type without dynos, which the installation makes one of', async (user) => {
    const made = { ...answered<Row>('formations-new-oneoff'), type: 'clock', command: 'x', quantity: 1 };
    akkeris.answer('POST /apps/api-rone/formation', made, 201);
    akkeris.answer('PATCH /apps/api-rone/formation/clock', { ...made, quantity: 0 });
    const { code, stdout } = await on(user, 'ps:create clock -q 0 --command x -a api-rone');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Dynos\t0$/m)]);
    expect(akkeris.changes).toHaveLength(2);
    akkeris.answers.delete('PATCH /apps/api-rone/formation/clock');
    const { message } = expectJsonFailure(
      await on(user, 'ps:create clock -q 0 --command x -a api-rone --json'),
      5,
    );
    expect(message).toContain('was created with 1 dyno');
  });

  scenario('an app, also if what is looked at afterwards can not be', async (user) => {
    akkeris.fault = ({ method, path }, response) => {
      if (method !== 'GET' || path !== '/apps') return undefined;
      response.writeHead(500).end('Internal Server Error');
      return true;
    };
    const created = await on(user, 'apps:create blog --space rone --org test');
    expect([created.code, created.stdout]).toEqual([0, expect.stringMatching(/^App\tblog-rone$/m)]);
    expect(created.stderr).toContain('warning: App blog-rone was created');
  });

  scenario('an app that leaves a pipeline', async (user) => {
    const id = '8f93279d-c4c5-4c79-a732-c79fc7268efa';
    akkeris.answer(`DELETE /pipeline-couplings/${id}`, answered('couplings-drop-elevated'));
    const { code, stdout } = await on(user, 'pipelines:remove rpipe -a prod1-rone');
    expect([code, stdout]).toEqual([0, 'Removed prod1-rone from stage production.\n']);
  });
});

describe('the log of an app', () => {
  const at = '2026-11-30T21:25:00Z web-rone';

  scenario('comes by a log session, of one dyno if that is named', async (user) => {
    const text = `${at} app[web.3175521927-cd531]: hello\n${at} akkeris/router: status=200\nodd\n`;
    akkeris.logs.push(text, text, text);
    const all = await on(user, 'logs -a web-rone');
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout).toMatch(
      /^2026-11-30T21:25:00Z web\.3175521927-cd531 \| hello\n\S+ router \| status=200\n\S+ platform \| odd\n$/,
    );
    const some = await on(user, 'logs -a web-rone --dyno web -n 5 --json');
    expect(some.json()).toMatchObject({ app: 'web-rone', dyno: 'web.3175521927-cd531', line: 'hello' });
    expect(akkeris.bodies).toEqual([
      { lines: 100, tail: false },
      // Whether there is such a dyno, where no process type has its name.
      { lines: 1, tail: false },
      { lines: 5, tail: false },
    ]);
  });

  scenario('is followed from one session to the next, each line once', async (user) => {
    const [one, two, three] = ['one', 'two', 'three'].map((word) => `${at} app[web.a-b]: ${word}\n`);
    akkeris.logs.push(`${one}${two}`, `${two}${three}`);
    const { child, ended } = user.start(['logs', '-t', '-a', 'web-rone'], { env });
    let seen = '';
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        seen += String(chunk);
        if (seen.includes('three')) resolve();
      });
    });
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(seen.match(/one|two|three/g)).toEqual(['one', 'two', 'three']);
  });

  scenario('has so many lines and no more', async (user) => {
    expectFailure(await on(user, 'logs -a web-rone -n 251'), 2);
    expect(akkeris.changes).toEqual([]);
  });
});

describe('what would go wrong is not asked for', () => {
  scenario.each<[line: string, exit: number, id: string]>(
    [
      ['a dyno that is not there', 'ps:restart web.9 -a web-rone', 4, 'not_found'],
      ['a process type that is not there', 'ps:update nope -q 1 -a web-rone', 4, 'not_found'],
      ['a discovery var', 'config:set API_SERVICE_HOST=x -a web-rone', 5, 'shadows_discovery'],
      ['an empty config var', 'config:set EMPTY= -a web-rone', 5, 'empty_value'],
      ['a grace time', 'ps:update web --grace 30 -a web-rone', 7, 'unsupported'],
      [
        'a promotion from the last stage',
        'pipelines:promote rpipe --from prod1-rone',
        5,
        'nowhere_to_promote',
      ],
    ],
    async (user, line, exit, id) => {
      expect(expectJsonFailure(await on(user, `${line} --json`), exit).id).toBe(id);
      expectFailure(await on(user, line), exit);
      expect(akkeris.changes).toEqual([]);
    },
  );

  scenario('a dry run of a promotion says what it lacks', async (user) => {
    const { code, stdout } = await on(user, 'pipelines:promote rpipe --from web-rone --dry-run');
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/^prod1-rone\tproduction\tblocked\t\ttests\/pending \(pending\)$/m),
    ]);
    expect(akkeris.changes).toEqual([]);
  });
});

scenario('a discovery var that was set by hand is told as such', async (user) => {
  const app = akkeris.addApp('blog', akkeris.addSpace('pay'), { API_SERVICE_HOST: 'elsewhere' });
  const why = (await on(user, `config:why API_SERVICE_HOST -a ${app.name} --json`)).json();
  expect(why).toMatchObject({ from: 'user', set: true, value: 'elsewhere' });
  const own = (await on(user, `config:why BLOG_SERVICE_HOST -a ${app.name} --json`)).json();
  expect(own).toMatchObject({ from: 'discovery', why: expect.stringContaining('start after') });
});

scenario('a space whose compliance is broken is warned of when an app comes into it', async (user) => {
  akkeris.addSpace('legacy', ['socsprod']);
  const created = await on(user, 'apps:create web --space legacy --org test');
  expect(created.code).toBe(0);
  expect(created.stderr).toContain('warning: Space legacy: socsprod is not socs');
});

describe('spaces:create --if-not-exists', () => {
  scenario('is no success for a space that no cluster takes', async (user) => {
    akkeris.addSpace('akkeris');
    expectFailure(await on(user, 'spaces:create akkeris --if-not-exists'), 5);
  });

  scenario('is no success for a space that its cluster failed to make before', async (user) => {
    akkeris.clusterFails = true;
    const create = 'spaces:create shop -c prod --if-not-exists --json';
    expect(expectJsonFailure(await on(user, create), 6).id).toBe('half_created');
    akkeris.clusterFails = false;
    expect(expectJsonFailure(await on(user, create), 5).id).toBe('half_created');
    expect(akkeris.changes).toEqual(['POST /spaces']);
    const row = akkeris.spaces.find(({ name }) => name === 'shop');
    akkeris.spaces.splice(akkeris.spaces.indexOf(row as never), 1);
    expect((await on(user, create)).code).toBe(0);
    expect((await on(user, create)).code).toBe(0);
  });

  scenario('says that a space without apps may be there by name only', async (user) => {
    akkeris.addSpace('shop', ['prod']);
    const again = await on(user, 'spaces:create shop -c prod --if-not-exists');
    expect(again.code).toBe(0);
    expect(again.stderr).toContain('warning: Space shop has no apps');
  });
});
