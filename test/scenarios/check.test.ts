import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { SpaceCheck, Topology } from '../../src/contract/wire.js';
import type { User } from './aka.js';
import { Daemon } from './daemon.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

const SERVER = `require('node:http').createServer((q, s) => s.end('hello')).listen(process.env.PORT);`;

/** Those of the platform that scenarios start from. */
const SPACES = ['default', 'demo', 'demo-production', 'demo-staging', 'inside', 'vault'];

/** Has an app run. */
async function deploy(user: User, app: string): Promise<void> {
  const folder = join(user.cwd, app);
  mkdirSync(folder);
  writeFileSync(join(folder, 'server.js'), SERVER);
  writeFileSync(join(folder, 'Procfile'), 'web: node server.js\n');
  await user.does('deploy', folder, '-a', app);
}

scenario('spaces are checked where their apps run, and seen whether they run or not', async (user) => {
  await user.does('spaces:create', 'demo');
  await user.does('spaces:create', 'inside', '--internal');
  for (const key of ['api demo', 'web demo', 'web inside']) {
    const [app = '', space = ''] = key.split(' ');
    await user.does('apps:create', app, '--space', space);
  }
  const down = await user.run(['spaces:check', 'demo', '--json']);
  expect(down.code).toBe(6);
  expect(down.json()).toMatchObject({ error: { id: 'not_running', hint: 'Start it: aka platform:start' } });
  const daemon = await Daemon.start(user);
  try {
    await deploy(user, 'web-demo');
    await deploy(user, 'web-inside');
    for (const space of ['demo', 'inside']) {
      const ended = await user.run(['spaces:check', space, '--json']);
      const { ok, promises } = ended.json<SpaceCheck>();
      expect(promises.filter(({ state }) => state === 'failed')).toEqual([]);
      expect([ended.code, ok]).toEqual([0, true]);
      const states = Object.fromEntries(promises.map(({ promise, state }) => [promise, state]));
      expect(states).toMatchObject({ discovery: 'ok', domains_outside: 'ok', listeners: 'ok', audit: 'ok' });
    }
    const plain = await user.does('spaces:check', 'demo');
    expect(plain.stdout).toMatch(/^audit\tok\tall \d+ records follow from each other\t$/m);
    const info = await user.does('spaces:info', 'demo');
    expect(info.stdout).toMatch(/^Dynos\tapi 0\/0, web 1\/1 up$/m);
    const topology = (await user.does('spaces:topology', 'demo', '--json')).json<Topology>();
    const [api, web] = topology.apps;
    expect(api).toMatchObject({ name: 'api', dynos: [] });
    expect(web?.dynos).toMatchObject([{ name: 'web.1', state: 'up', host: expect.stringMatching(/^\d/) }]);
    expect(topology.reach).toMatchObject({ spaces: [], hosts: [], egress: 'open' });
    expect(topology.reach.clients).toMatchObject({ listener: 'public', networks: null });
  } finally {
    await daemon.stop();
  }
  const stopped = await user.does('spaces:topology', 'demo');
  expect(stopped.stdout).toMatch(/^dyno\tweb\tweb\.1\tdown\t/m);
});

scenario('what a machine can not hold is said, at creation too, and fails nothing', async (user) => {
  await settle(user);
  await user.does('platform:configure', '--network', 'loopback');
  const daemon = await Daemon.start(user);
  try {
    const all = await user.run(['spaces:check', '--all', '--json']);
    const checks = all.json<SpaceCheck[]>();
    expect(checks.map(({ space }) => space.name)).toEqual([...SPACES].sort());
    // Mail is not set: the socs space does not keep all that it promises.
    expect(checks.filter(({ ok }) => !ok).map(({ space }) => space.name)).toEqual(['vault']);
    expect(all.code).toBe(1);
    const check = await user.does('spaces:check', 'demo');
    expect(check.stdout).toMatch(/^isolation\tnot enforced here\tevery app can be reached from every other/m);
    expect(check.stdout).toMatch(/^broadcast\tnot enforced here\t/m);
    expect(check.stdout).toMatch(/^listeners\tok\t/m);
    const created = await user.does('spaces:create', 'hidden', '--internal');
    expect(created.stderr).toContain('Space hidden is internal by the router alone');
    expect((await user.does('spaces:create', 'open')).stderr).toBe('');
    const topology = await user.does('spaces:topology', 'demo');
    expect(topology.stdout).toMatch(/^not enforced\tisolation\tevery app can be reached/m);
  } finally {
    await daemon.stop();
  }
});

scenario('a space that does not keep what it promises is told, with exit code 1', async (user) => {
  await settle(user);
  const { Database } = await import('../../src/platform/store/database.js');
  const db = new Database(user.database);
  const guard = db.get<{ sql: string }>(`SELECT sql FROM sqlite_schema WHERE name = 'audit_is_append_only'`);
  db.exec('DROP TRIGGER audit_is_append_only');
  db.run(`UPDATE audit SET record = replace(record, 'demo', 'dome') WHERE seq = 2`);
  // Without its guard, the database would not even be opened.
  db.exec(guard?.sql ?? '');
  db.close();
  const daemon = await Daemon.start(user);
  try {
    const check = await user.run(['spaces:check', 'demo']);
    expect(check.code).toBe(1);
    expect(check.stdout).toMatch(/^audit\tfailed\trecord 2 does not fit: .+\taka audits:verify$/m);
    const json = await user.run(['spaces:check', 'demo', '--json']);
    expect(json.json()).toMatchObject({ ok: false });
  } finally {
    await daemon.stop();
  }
});
