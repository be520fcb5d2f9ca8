import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { User } from './aka.js';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';
import { serve } from './server.js';

/** A port that nothing listens on. */
const NOWHERE = 'http://127.0.0.1:9';

const SETTINGS = '.config/aka/settings.json';
const OLD_CONFIG = '.akkeris/config.json';

function write(user: User, file: string, content: string): void {
  const path = join(user.home, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode: 0o600 });
}

describe('what names a platform, however badly, is never answered by the one on this machine', () => {
  scenario.each<[env: Record<string, string>, file: string | undefined, content: string, argv: string[]]>(
    [
      ['AKKERIS_API_HOST, unreachable', { AKKERIS_API_HOST: NOWHERE }, undefined, '', []],
      ['AKKERIS_API_HOST, empty', { AKKERIS_API_HOST: '' }, undefined, '', []],
      ['AKKERIS_API_HOST, nonsense', { AKKERIS_API_HOST: 'ht tp://[' }, undefined, '', []],
      ['AKA_API, empty', { AKA_API: '' }, undefined, '', []],
      ['AKA_API, a socket that is not there', { AKA_API: 'unix:/nowhere/aka.sock' }, undefined, '', []],
      ['AKKERIS_PLATFORM, unknown', { AKKERIS_PLATFORM: 'prod' }, undefined, '', []],
      ['AKKERIS_PLATFORM, empty', { AKKERIS_PLATFORM: '' }, undefined, '', []],
      ['AKKERIS_AUTH_HOST alone', { AKKERIS_AUTH_HOST: 'auth.example.com' }, undefined, '', []],
      ['AKA_TOKEN alone', { AKA_TOKEN: 'token' }, undefined, '', []],
      ['--platform, unknown', {}, undefined, '', ['--platform', 'prod']],
      ['--api, unreachable', {}, undefined, '', ['--api', NOWHERE]],
      ['--api, nonsense', {}, undefined, '', ['--api', 'nonsense']],
      ['--api with --platform', {}, undefined, '', ['--api', NOWHERE, '--platform', 'embedded']],
      ['settings that are no JSON', {}, SETTINGS, '{"platform":', []],
      ['settings that are empty', {}, SETTINGS, '', []],
      ['settings of another form', {}, SETTINGS, '{"platforms":[]}', []],
      ['settings that name a platform they lack', {}, SETTINGS, '{"platform":"prod"}', []],
      ['settings that choose none', {}, SETTINGS, '{"platforms":{"prod":{"api":"https://h"}}}', []],
      [
        'settings of an unreachable one',
        {},
        SETTINGS,
        `{"platform":"p","platforms":{"p":{"api":"${NOWHERE}"}}}`,
        [],
      ],
      ['the config of the older aka, broken', {}, OLD_CONFIG, '{', []],
      ['the config of the older aka, without a host', {}, OLD_CONFIG, '{}', []],
      ['the config of the older aka, unreachable', {}, OLD_CONFIG, `{"apps":"${NOWHERE}"}`, []],
    ],
    async (user, env, file, content, flags) => {
      if (file !== undefined) write(user, file, content);
      for (const argv of [['spaces'], ['spaces:create', 'shop', '-c', 'prod']]) {
        const ended = await user.run([...argv, ...flags, '--json'], { env });
        expect([2, 6]).toContain(ended.code);
        expectJsonFailure(ended, ended.code ?? -1);
        expectFailure(await user.run([...argv, ...flags], { env }), ended.code ?? -1);
      }
      expect((await user.sh(`ls "${user.dataDir}"`)).code).not.toBe(0);
    },
  );
});

describe('the first of flag, environment, settings and older config decides', () => {
  scenario('and whoever decides, --platform embedded stays possible', async (user) => {
    const env = { AKKERIS_API_HOST: NOWHERE };
    write(user, OLD_CONFIG, '{');
    expect(await user.run(['spaces', '--platform', 'embedded'], { env })).toMatchObject({ code: 0 });
    expect(await user.run(['spaces'], { env: { AKKERIS_PLATFORM: 'embedded' } })).toMatchObject({ code: 0 });
  });

  scenario('each of them reaches the platform it names', async (user, newcomer) => {
    const platform = await serve((_, response) =>
      response.setHeader('content-type', 'application/json').end('[]'),
    );
    try {
      const reaches = async (who: User, argv: string[], env: Record<string, string>) => {
        const before = platform.requests.length;
        const ended = await who.run(['spaces', '--json', ...argv], { env });
        expect({ code: ended.code, json: ended.json() }).toEqual({ code: 0, json: [] });
        expect(platform.requests.slice(before)).toEqual(['GET /spaces']);
      };
      await reaches(user, ['--api', platform.url], { AKKERIS_API_HOST: NOWHERE });
      await reaches(user, [], { AKA_API: platform.url, AKKERIS_API_HOST: NOWHERE });
      await reaches(user, [], { AKKERIS_API_HOST: platform.url });
      write(user, OLD_CONFIG, JSON.stringify({ apps: platform.url }));
      await reaches(user, [], {});
      const settled = newcomer();
      write(settled, OLD_CONFIG, JSON.stringify({ apps: NOWHERE }));
      write(settled, SETTINGS, JSON.stringify({ platform: 'p', platforms: { p: { api: platform.url } } }));
      await reaches(settled, [], {});
      await reaches(settled, ['--platform', 'p'], { AKKERIS_API_HOST: NOWHERE });
    } finally {
      platform.close();
    }
  });
});

describe('a platform elsewhere', () => {
  scenario.each<[status: number, body: string, exit: number]>(
    [
      ['that wants a login', 401, '', 3],
      ['that forbids', 403, '{"id":"forbidden","message":"No."}', 3],
      ['that has no such space', 404, 'Not Found', 4],
      ['that refuses', 409, '{"message":"It is there."}', 5],
      ['that fails', 500, '<html><body>nginx</body></html>', 6],
      ['that can not do it', 501, '', 7],
      ['that answers nonsense', 200, '<html>', 6],
    ],
    async (user, status, body, exit) => {
      const platform = await serve((_, response) => response.writeHead(status).end(body));
      try {
        const argv = ['spaces:update', 'shop', '-d', 'x', '--api', platform.url];
        expectFailure(await user.run(argv), exit);
        expectJsonFailure(await user.run([...argv, '--json']), exit);
      } finally {
        platform.close();
      }
    },
  );
});

scenario('a platform that stores another compliance than was asked for is told on once', async (user) => {
  const platform = await serve((request, response) => {
    const space = {
      id: 'ca1f8a0e-3f4b-4d0e-8f5b-2f6e0a3a8c11',
      name: 'shop',
      compliance: ['socsprod'],
      description: 'another',
      region: { id: 'r', name: 'us' },
      stack: { id: 's', name: 'maru' },
      state: 'created',
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
    };
    response.writeHead(request.method === 'POST' ? 201 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(space));
  });
  try {
    const argv = ['spaces:create', 'shop', '-c', 'socs,prod', '-d', 'x', '--api', platform.url];
    const { id, message } = expectJsonFailure(await user.run([...argv, '--json']), 5);
    expect(id).toBe('stored_otherwise');
    const { stderr } = await user.run(argv);
    expect(stderr).toContain(message);
    expect(stderr.match(/socsprod/g)).toHaveLength(1);
    // What it is no failure for is still warned of.
    expect(stderr).toContain('description "another" was stored');
  } finally {
    platform.close();
  }
});
