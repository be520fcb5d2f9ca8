import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeEngines, until } from '../engine/engines.js';
import { type Machinery, openMachinery, SERVER } from './machinery.js';

const types = (release: string) => ({ release, web: 'node server.js' });

describeEngines('the release command of a Procfile', (identity) => {
  let m: Machinery;
  beforeEach(async () => {
    m = await openMachinery(identity);
  });
  afterEach(() => m.close());

  test('runs once before the dynos, with the slug and the config of its release', async () => {
    const files = { 'server.js': SERVER, schema: 'new' };
    const app = await m.app('web', files, types('echo "$(cat schema) schema for $STAGE on $DYNO"'));
    await until('its output', () => m.lines.includes('release.1 stdout: new schema for  on release.1'));
    expect(m.lines).toContain('release.1 system: It ended with code 0');
    expect((await m.api.dynos.list({ app })).map(({ name }) => name)).toEqual(['web.1']);
    expect((await m.api.formations.list({ app })).map(({ type }) => type)).toEqual(['web']);
    await m.api.configVars.patch({ app, vars: { STAGE: 'live' } });
    expect(await m.settled(app, 2)).toMatchObject({ status: 'succeeded' });
    expect(m.lines.filter((line) => line.includes('schema for'))).toEqual([
      'release.1 stdout: new schema for  on release.1',
      'release.2 stdout: new schema for live on release.2',
    ]);
  });

  test('fails its release when it fails, with its last lines, and what ran goes on', async () => {
    const app = await m.app('web');
    const before = await m.api.dynos.list({ app });
    const broken = { 'server.js': SERVER.replace('hello', 'new') };
    const { version } = await m.release(
      app,
      broken,
      types('for n in $(seq 12); do echo "step $n"; done; exit 3'),
    );
    const { status, reason } = await m.settled(app, version);
    expect(status).toBe('failed');
    const last = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((n) => `\n  step ${n}`).join('');
    expect(reason).toBe(`release.2 ended with code 3. It printed last:${last}`);
    const after = await m.api.dynos.list({ app });
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(await m.ask(app)).toBe('hello');
  });

  test('runs again when the platform ended while it ran', async () => {
    const app = await m.app('web');
    const { version } = await m.release(
      app,
      { 'server.js': SERVER, 'wait.js': 'console.log("migrating"); setInterval(() => {}, 1000)' },
      types('node wait.js'),
    );
    const begun = () => m.lines.filter((line) => line === 'release.2 stdout: migrating').length;
    await until('it runs', () => begun() === 1);
    await m.restart();
    await until('it runs again', () => begun() === 2);
    expect(m.lines.filter((line) => line.startsWith('release.2 system:'))).toEqual([
      'release.2 system: Running the release command of v2',
      'release.2 system: It was stopped before it was done',
      'release.2 system: Running the release command of v2',
    ]);
    expect(await m.api.releases.get({ app, release: String(version) })).toMatchObject({ status: 'pending' });
  });

  test('ends when a newer release takes its place, before that one runs its own', async () => {
    const app = await m.app('web');
    const held = `trap 'echo ending; sleep 0.3; echo over; exit' TERM; echo begun; while :; do sleep 0.05; done`;
    await m.release(app, { 'server.js': SERVER }, types(held));
    await until('it runs', () => m.lines.includes('release.2 stdout: begun'));
    const { version } = await m.release(app, { 'server.js': SERVER }, types('echo mine'));
    expect(await m.settled(app, version)).toMatchObject({ status: 'succeeded' });
    const said = m.lines.filter((line) => /stdout: (over|mine)/.test(line));
    expect(said).toEqual(['release.2 stdout: over', 'release.3 stdout: mine']);
  });

  test('is ended when it takes too long', async () => {
    await m.close();
    m = await openMachinery(identity, { release: 300 });
    const app = await m.app('web');
    const { version } = await m.release(app, { 'server.js': SERVER }, types('sleep 60'));
    expect((await m.settled(app, version)).reason).toBe('release.2 took longer than 0.005 minutes');
  });

  test('can not be scaled', async () => {
    const app = await m.app('web', undefined, types('true'));
    const refused = { id: 'release_not_scaled' };
    await expect(m.api.formations.update({ app, type: 'release', quantity: 1 })).rejects.toMatchObject(
      refused,
    );
    await expect(m.api.formations.create({ app, type: 'release' })).rejects.toMatchObject(refused);
  });
});
