import { describe, expect } from '@jest/globals';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

interface Service {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const servicesOf = (info: { discovery: { apps: Service[] } }): Record<string, string> =>
  Object.fromEntries(
    info.discovery.apps.flatMap(({ name, host, port }) => [
      [`${name.toUpperCase()}_SERVICE_HOST`, host],
      [`${name.toUpperCase()}_SERVICE_PORT`, String(port)],
    ]),
  );

describe('the apps of a space find each other', () => {
  scenario('by the same vars in every format, and a shell reads them', async (user) => {
    await settle(user);
    const info = (await user.does('spaces:info', 'demo', '--json')).json<{
      discovery: { apps: Service[] };
    }>();
    const vars = servicesOf(info);
    expect(Object.keys(vars).sort()).toEqual([
      'API_SERVICE_HOST',
      'API_SERVICE_PORT',
      'WEB_SERVICE_HOST',
      'WEB_SERVICE_PORT',
    ]);
    const printed = async (...argv: string[]) => (await user.does('spaces:env', 'demo', ...argv)).stdout;
    expect(JSON.parse(await printed('--json'))).toEqual(vars);
    expect(JSON.parse(await printed('--format', 'json'))).toEqual(vars);
    const pairs = Object.entries(vars).sort();
    expect((await printed()).trimEnd().split('\n').sort()).toEqual(pairs.map((pair) => pair.join('\t')));
    for (const line of [
      'eval "$(aka spaces:env demo --format shell)"; env',
      'set -a; aka spaces:env demo --format dotenv > .env; . ./.env; env',
    ]) {
      const { stdout } = await user.sh(line);
      for (const pair of pairs) expect(stdout.split('\n')).toContain(pair.join('='));
    }
  });

  scenario('at addresses that nobody else has and that stay when others go', async (user) => {
    await settle(user);
    const addresses = async (space: string) =>
      servicesOf(
        (await user.does('spaces:info', space, '--json')).json<{ discovery: { apps: Service[] } }>(),
      );
    const demo = await addresses('demo');
    const hosts = [demo, await addresses('vault'), await addresses('inside')].flatMap((vars) =>
      Object.entries(vars).flatMap(([name, value]) => (name.endsWith('_HOST') ? [value] : [])),
    );
    expect(new Set(hosts).size).toBe(4);
    await user.does('apps:destroy', '-a', 'web-demo', '--confirm', 'web-demo');
    await user.does('apps:create', 'shop', '--space', 'demo');
    const { API_SERVICE_HOST, WEB_SERVICE_HOST } = await addresses('demo');
    expect({ API_SERVICE_HOST, WEB_SERVICE_HOST }).toEqual({ API_SERVICE_HOST: demo.API_SERVICE_HOST });
  });

  scenario('which apps:create and spaces:info show, with the domains', async (user) => {
    await settle(user);
    const created = (await user.does('apps:create', 'shop', '--space', 'demo')).stdout;
    const shown = (await user.does('spaces:info', 'demo')).stdout;
    for (const text of [created, shown]) {
      expect(text).toMatch(/https:\/\/shop-demo\.local\.localhost:\d+/);
      for (const name of ['SHOP', 'WEB', 'API']) {
        expect(text).toMatch(new RegExp(`${name}_SERVICE_HOST[\\t=]10\\.\\d+\\.\\d+\\.\\d+`));
        expect(text).toMatch(new RegExp(`${name}_SERVICE_PORT[\\t=]80`));
      }
    }
    expect(shown).toContain('of 131072 bytes');
  });

  scenario.each(
    [
      ['in a space', 'web-demo', 'https://web-demo.local.localhost'],
      ['in an internal one', 'web-inside', 'https://web-inside.internal.local.localhost'],
      ['in space default', 'web-default', 'https://web.local.localhost'],
    ],
    async (user, app, domain) => {
      await settle(user);
      await user.does('apps:create', 'web', '--space', 'default');
      const { web_url: url } = (await user.does('apps:info', '-a', app, '--json')).json<{
        web_url: string;
      }>();
      expect(url.replace(/:\d+$/, '')).toBe(domain);
    },
  );
});

describe('spaces:diff', () => {
  scenario('answers 0 for spaces that are alike, and 1 and what differs for others', async (user) => {
    await settle(user);
    const same = await user.run(['spaces:diff', 'demo-staging', 'demo-production', '--json']);
    expect({ code: same.code, json: same.json() }).toMatchObject({ code: 0, json: { same: true } });
    const other = await user.run(['spaces:diff', 'demo', 'vault', '--json']);
    expect({ code: other.code, json: other.json() }).toMatchObject({
      code: 1,
      json: {
        same: false,
        compliance: [
          { name: 'prod', state: 'only_b' },
          { name: 'socs', state: 'only_b' },
        ],
        apps: [
          { name: 'api', state: 'only_a' },
          { name: 'web', state: 'equal' },
        ],
        config: expect.arrayContaining([
          { name: 'web DATABASE_URL', state: 'hidden' },
          { name: 'web LOG_LEVEL', state: 'different', a: 'debug', b: 'info' },
        ]),
      },
    });
  });

  scenario('shows that secrets differ and never which they are', async (user) => {
    await settle(user);
    for (const [space, secret] of [
      ['demo-staging', 'hunter44'],
      ['demo-production', 'hunter55'],
    ] as const) {
      await user.does('apps:create', 'web', '--space', space);
      await user.does(
        'config:set',
        `DB_PASSWORD=${secret}`,
        `URL=http://u:${secret}@h/`,
        '-a',
        `web-${space}`,
      );
    }
    for (const flags of [[], ['--json'], ['--debug']]) {
      const { code, stdout, stderr } = await user.run([
        'spaces:diff',
        'demo-staging',
        'demo-production',
        ...flags,
      ]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('web DB_PASSWORD') });
      expect(stdout + stderr).not.toMatch(/hunter/);
    }
  });
});

describe('spaces and apps', () => {
  scenario('are listed by what they have', async (user) => {
    await settle(user);
    const names = async (...argv: string[]) =>
      (await user.does(...argv, '--json')).json<{ name: string }[]>().map(({ name }) => name);
    expect(await names('spaces', '-c', 'socs')).toEqual(['vault']);
    expect(await names('spaces', '-c', 'socs,internal')).toEqual([]);
    expect(await names('spaces', '-s', 'local')).toEqual([
      'default',
      'demo',
      'demo-production',
      'demo-staging',
      'inside',
      'vault',
    ]);
    expect(await names('apps', '-s', 'demo')).toEqual(['api-demo', 'web-demo']);
    expect(await names('apps')).toHaveLength(4);
  });

  scenario('that are in use are not destroyed, and the apps in the way are named', async (user) => {
    await settle(user);
    const ended = await user.run(['spaces:destroy', 'demo', '--confirm', 'demo', '--json']);
    expect(expectJsonFailure(ended, 5).message).toMatch(/api.*web/);
    await user.does('apps:destroy', '-a', 'api-demo', '--confirm', 'api-demo');
    await user.does('apps:destroy', '-a', 'web-demo', '--confirm', 'web-demo');
    await user.does('spaces:destroy', 'demo', '--confirm', 'demo');
    expectFailure(await user.run(['spaces:info', 'demo']), 4);
    expectFailure(await user.run(['spaces:destroy', 'default', '--confirm', 'default']), 5);
  });

  scenario('leave an audit trail that is whole, refusals included', async (user) => {
    await settle(user);
    await user.run(['spaces:create', 'demo']);
    await user.run(['spaces:destroy', 'demo', '--confirm', 'demo']);
    const trail = (await user.does('audits', '--space', 'demo', '--json')).json<
      { action: string; outcome: string }[]
    >();
    expect(trail.slice(0, 2)).toMatchObject([
      { action: 'space.destroy', outcome: 'refused' },
      { action: 'space.create', outcome: 'refused' },
    ]);
    expect((await user.does('audits:verify', '--json')).json()).toMatchObject({ ok: true });
  });

  scenario('made by several commands at once are each made once', async (user) => {
    const twins = await Promise.all(
      ['shop', 'shop', 'shop', 'shop'].map((name) => user.run(['spaces:create', name])),
    );
    expect(twins.map(({ code }) => code).sort()).toEqual([0, 5, 5, 5]);
    expect((await user.does('audits:verify', '--json')).json()).toMatchObject({ ok: true });
  });
});
