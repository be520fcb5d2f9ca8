import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { HOOK_EVENTS } from '../../../src/model/hooks.js';
import { beginBuild, failBuild, succeedBuild } from '../../../src/platform/services/builds.js';
import { change } from '../../../src/platform/services/change.js';
import { settleRelease } from '../../../src/platform/services/releases.js';
import { CANARIES, found } from '../../scenarios/canaries.js';
import { refusal } from '../store/temporary.js';
import { type World, world } from './world.js';

type Told = Record<string, unknown> & { readonly action: string };

/** All that a hook of an app which wants to hear of everything is to be called with. */
function toldOf({ session }: World, hook: string): Told[] {
  const rows = session.store.db.all<{ payload: string }>(
    'SELECT payload FROM hook_deliveries WHERE hook = ? ORDER BY number',
    hook,
  );
  return rows.map(({ payload }) => JSON.parse(payload) as Told);
}

const ALL = HOOK_EVENTS.map(({ type }) => type);
const COMMIT = {
  repo: 'https://github.com/acme/shop.git',
  sha: '7edbac4b6a5e09e1ef3a08084a904621aaaaaaaa',
  branch: 'main',
};

/** What a hook is called with because of something, whatever came before. */
async function told(there: World, work: () => Promise<unknown>, app = 'web-shop'): Promise<Told[]> {
  const [hook] = await there.api.hooks.list({ app });
  const id = hook?.id ?? (await there.hook('https://ci.example.com/', ALL, app)).id;
  const before = toldOf(there, id).length;
  await work();
  return toldOf(there, id).slice(before);
}

/** Asks for a build, as far as it goes without a daemon. */
async function build({ api }: World, app = 'web-shop'): Promise<string> {
  const { checksum } = await api.sources.upload(Readable.from([randomBytes(8)]));
  return (await api.builds.create({ app, checksum, ...COMMIT })).id;
}

/** Has it succeed; answers its release. */
function succeed({ session }: World, id: string): string {
  const digest = randomBytes(32).toString('hex');
  const slug = { digest, bytes: 1, processTypes: { web: 'serve', worker: 'work' }, path: [], folders: {} };
  beginBuild(session, id);
  const made = { slug: { ...slug, createdAt: session.now().toISOString() }, madeOf: digest };
  return succeedBuild(session, id, made)?.id ?? '';
}

async function runs(there: World, app = 'web-shop'): Promise<void> {
  settleRelease(there.session, succeed(there, await build(there, app)), undefined);
}

/** Asks for a build and overrules its checks. */
async function approved(there: World): Promise<string> {
  const { builds } = there.api;
  const id = await build(there);
  const { checks } = await builds.get({ app: 'web-shop', build: id });
  for (const { context } of checks)
    await builds.overrule({ app: 'web-shop', build: id, context, reason: 'This is a test' });
  return id;
}

const actions = (calls: readonly Told[]): string[] => calls.map(({ action }) => action);
const ABOUT = { app: { name: 'web', id: expect.any(String) }, space: { name: 'shop' }, key: 'web-shop' };

describe('a hook is told', () => {
  test('of every event, whose and where it was', async () => {
    const there = await world();
    await told(there, async () => {});
    const [call] = await told(there, () => there.api.apps.update({ app: 'web-shop', maintenance: true }));
    expect(call).toEqual({
      action: 'updated',
      app: { ...ABOUT.app, maintenance: true },
      space: ABOUT.space,
      key: 'web-shop',
    });
  });

  test('of a build when it is asked for and when it is over, and of its release, and when that runs', async () => {
    const there = await world();
    await there.api.formations.create({ app: 'web-shop', type: 'worker', command: 'work' });
    const calls = await told(there, () => runs(there));
    expect(actions(calls)).toEqual(['build', 'build', 'release', 'released', 'released']);
    const facts = { repo: COMMIT.repo, commit: COMMIT.sha, branch: 'main', id: expect.any(String) };
    expect(calls[0]).toMatchObject({ ...ABOUT, build: { result: 'pending', ...facts, number: 1 } });
    expect(calls[1]).toMatchObject({ build: { result: 'succeeded', ...facts } });
    expect(calls[2]).toMatchObject({
      release: { result: 'succeeded', version: 1, description: 'Build 1 of 7edbac4', id: expect.any(String) },
      build: { result: 'succeeded', ...facts },
    });
    expect(calls[3]).toMatchObject({
      dyno: { type: 'web' },
      release: { version: 1 },
      slug: { source_blob: { commit: COMMIT.sha, repo: COMMIT.repo, branch: 'main' } },
      released_at: expect.any(String),
    });
    expect(calls[4]).toMatchObject({ dyno: { type: 'worker' } });
  });

  test('of builds that fail or are stopped, and of releases that never get well', async () => {
    const there = await world();
    const failed = await told(there, async () => failBuild(there.session, await begun(there), 'npm failed'));
    expect(failed.at(-1)).toMatchObject({
      action: 'build',
      build: { result: 'failed', reason: 'npm failed' },
    });
    const stopped = await told(there, async () =>
      there.api.builds.stop({ app: 'web-shop', build: await build(there) }),
    );
    expect(stopped.at(-1)).toMatchObject({ action: 'build', build: { result: 'failed' } });
    const ill = await told(there, async () =>
      settleRelease(there.session, succeed(there, await build(there)), 'web.1 ended with code 1'),
    );
    expect(actions(ill)).toEqual(['build', 'build', 'release', 'release']);
    expect(ill.at(-1)).toMatchObject({ release: { result: 'failed', reason: 'web.1 ended with code 1' } });
  });

  test('of config vars by what became of each, and of the release that this makes', async () => {
    const there = await world();
    const { api } = there;
    const first = await told(there, () =>
      api.configVars.patch({ app: 'web-shop', vars: { LOG_LEVEL: 'info', OLD: '1' } }),
    );
    // Nothing was built, so nothing begins.
    expect(actions(first)).toEqual(['config_change']);
    await runs(there);
    const calls = await told(there, () =>
      api.configVars.patch({ app: 'web-shop', vars: { LOG_LEVEL: 'debug', NEW: 'x', OLD: null } }),
    );
    expect(calls[0]).toEqual({
      action: 'config_change',
      ...ABOUT,
      changes: [
        { type: 'update', name: 'LOG_LEVEL' },
        { type: 'create', name: 'NEW' },
        { type: 'delete', name: 'OLD' },
      ],
      config_vars: { LOG_LEVEL: 'debug', NEW: 'x' },
    });
    expect(calls[1]).toMatchObject({ action: 'release', release: { version: 3 } });
  });

  test('of process types', async () => {
    const there = await world();
    const { formations } = there.api;
    const type = { app: 'web-shop', type: 'worker' };
    const calls = await told(there, async () => {
      await formations.create({ ...type, command: 'work' });
      await formations.update({ ...type, quantity: 3 });
      await formations.destroy(type);
    });
    expect(calls).toMatchObject([
      { change: 'create', changes: [{ type: 'worker', quantity: 1, size: 'gp1', command: 'work' }] },
      { change: 'update', changes: [{ type: 'worker', quantity: 3 }] },
      { change: 'delete', changes: [{ type: 'worker', quantity: 0 }] },
    ]);
  });

  test('of credentials that are its own, and not of those that it gets', async () => {
    const there = await world();
    const { addons, addonAttachments } = there.api;
    const credential = { plan: 'credentials:general', config: { TOKEN: 'hunter22' } };
    await addons.create({ ...credential, name: 'mail' });
    const calls = await told(there, async () => {
      await addons.createInApp({ app: 'web-shop', ...credential, name: 'pay' });
      await addonAttachments.create({ app: 'web-shop', addon: 'mail' });
      await addons.destroyInApp({ app: 'web-shop', addon: 'pay' });
    });
    const service = { name: 'credentials' };
    expect(calls).toMatchObject([
      {
        action: 'addon_change',
        change: 'create',
        changes: [{ name: 'pay', addon_service: service, plan: { name: 'credentials:general' } }],
      },
      { action: 'addon_change', change: 'delete', changes: [{ name: 'pay', addon_service: service }] },
    ]);
    expect(JSON.stringify(calls)).not.toContain('hunter22');
  });

  test('of the release that a rotated credential makes of every app that gets it', async () => {
    const there = await world();
    const { addons, addonAttachments } = there.api;
    await addons.create({ plan: 'credentials:general', name: 'mail', config: { TOKEN: 'hunter22' } });
    await addonAttachments.create({ app: 'web-shop', addon: 'mail' });
    await runs(there);
    const calls = await told(there, () => addons.update({ addon: 'mail', config: { TOKEN: 'hunter33' } }));
    expect(calls).toMatchObject([{ action: 'release', release: { description: 'Rotated mail' } }]);
  });

  test('of what is promoted to it, and its source of nothing', async () => {
    const there = await world();
    const { api } = there;
    await api.apps.create({ name: 'api', space: 'shop' });
    await runs(there, 'api-shop');
    await there.hook('https://ci.example.com/source', ALL, 'api-shop');
    await api.pipelines.create({ name: 'stair' });
    await api.pipelineCouplings.create({ app: 'api-shop', pipeline: 'stair', stage: 'development' });
    await api.pipelineCouplings.create({ app: 'web-shop', pipeline: 'stair', stage: 'staging' });
    let ofSource: Told[] = [];
    const calls = await told(there, async () => {
      ofSource = await told(
        there,
        () =>
          api.pipelinePromotions.create({ pipeline: { id: 'stair' }, source: { app: { id: 'api-shop' } } }),
        'api-shop',
      );
    });
    expect(ofSource).toEqual([]);
    expect(actions(calls)).toEqual(['pipeline_promotion', 'release']);
    expect(calls[0]).toMatchObject({
      ...ABOUT,
      promoted_from: { app: { name: 'api', id: expect.any(String) }, space: { name: 'shop' } },
      build: { id: expect.any(String) },
      release: { status: 'pending', description: 'Promotion of v1 of api-shop' },
    });
  });

  test.each([
    ['ended with code 1', 'H10', 'App crashed: ended with code 1'],
    ['took more memory than its size allows', 'R14', /^Memory quota exceeded: /],
  ])('of a dyno that %s', async (reason, code, description) => {
    const there = await world();
    const calls = await told(there, async () =>
      change(
        there.session,
        { action: 'dyno.crash', input: {}, about: { app: 'web', space: 'shop' } },
        (draft) => {
          draft.details = { dyno: 'web.1', app: 'web-shop', reason };
        },
      ),
    );
    expect(calls).toEqual([
      {
        action: 'crashed',
        ...ABOUT,
        code,
        description: expect.stringMatching(description),
        restarts: 0,
        dynos: [{ type: 'web', dyno: 'web.1' }],
        crashed_at: expect.any(String),
      },
    ]);
  });

  test('of nothing that was refused, that another app did, or that it did not ask for', async () => {
    const there = await world();
    const { api } = there;
    const hook = await there.hook('https://ci.example.com/', ['build', 'preview']);
    expect(hook.warnings).toEqual(['preview never happens on this platform']);
    await refusal(api.apps.update({ app: 'web-shop', space: 'default' }));
    await refusal(api.builds.stop({ app: 'web-shop', build: '1' }));
    await api.apps.create({ name: 'api', space: 'shop' });
    await build(there, 'api-shop');
    await api.configVars.patch({ app: 'web-shop', vars: { A: '1' } });
    expect(toldOf(there, hook.id)).toEqual([]);
  });

  test('of a build in a socs space when it is asked for, and not of each check that is well', async () => {
    const there = await world({ compliance: ['socs'] });
    const { api } = there;
    const id = await build(there);
    await told(there, async () => {});
    for (const context of ['source/github.com/acme/shop', 'app/web-shop']) {
      const calls = await told(there, () =>
        api.builds.overrule({ app: 'web-shop', build: id, context, reason: 'This is a test' }),
      );
      expect(calls).toEqual([]);
    }
    expect(actions(await told(there, () => build(there)))).toEqual(['build']);
  });

  test('of very many config vars no more than fits', async () => {
    const there = await world();
    const vars = Object.fromEntries(
      Array.from({ length: 900 }, (_, n) => [`VAR_${n}`, `${n} `.repeat(200)] as const),
    );
    const [call] = await told(there, () => there.api.configVars.patch({ app: 'web-shop', vars }));
    expect(JSON.stringify(call).length).toBeLessThan(65_536);
    expect(call).toMatchObject({ more_changes: 800, config_vars: {} });
  });
});

describe.each([[[]], [['socs']]])('in a space with compliance %j', (compliance) => {
  test('no secret is told, in whatever it stands', async () => {
    const there = await world({ compliance });
    const { api, session } = there;
    const vars = Object.fromEntries(CANARIES.map(({ name, value }) => [name, value]));
    // In a socs space, commands take code that passed the checks.
    settleRelease(session, succeed(there, await approved(there)), undefined);
    const calls = await told(there, async () => {
      await api.configVars.patch({ app: 'web-shop', vars });
      await api.addons.createInApp({
        app: 'web-shop',
        plan: 'credentials:general',
        name: 'canaries',
        config: { ...vars },
        attachment: { name: 'SHARED' },
      });
      const id = await approved(there);
      settleRelease(
        session,
        succeed(there, id),
        `web.1 said ${CANARIES.map(({ value }) => value).join(' ')}`,
      );
      // What is known for a secret, wherever somebody repeats it.
      for (const { value } of CANARIES) {
        await api.apps.update({ app: 'web-shop', description: `it is ${value}`.slice(0, 500) });
        await api.configVars.patch({ app: 'web-shop', vars: { NOTE: `see ${value}` } });
        const command = `serve --with '${value.replaceAll('\n', ' ')}'`;
        const { command_waits: waits } = await api.formations.create({
          app: 'web-shop',
          type: 'clock',
          command,
        });
        if (waits != null) await api.builds.stop({ app: 'web-shop', build: waits.build.id });
        await api.formations.destroy({ app: 'web-shop', type: 'clock' });
      }
    });
    expect(calls.length).toBeGreaterThan(150);
    for (const call of calls)
      expect({ call, found: found(JSON.stringify(call)) }).toMatchObject({ found: [] });
  });
});

test('no secret is told that only its form gives away', async () => {
  const there = await world();
  const { api } = there;
  await runs(there);
  const calls = await told(there, async () => {
    for (const { value } of CANARIES.filter(({ telling }) => telling)) {
      const text = value.replaceAll('\n', ' ');
      await api.formations.create({ app: 'web-shop', type: 'clock', command: `work '${text}'` });
      await api.formations.destroy({ app: 'web-shop', type: 'clock' });
      await api.releases.create({ app: 'web-shop', release: '1', description: `with ${text}` });
    }
  });
  expect(calls.length).toBeGreaterThan(60);
  for (const call of calls) expect({ call, found: found(JSON.stringify(call)) }).toMatchObject({ found: [] });
});

test('no secret of a credential is told, though the app has it from elsewhere', async () => {
  const there = await world();
  const { api } = there;
  await api.addons.create({
    plan: 'credentials:general',
    name: 'mail',
    config: { LOGIN: 'hunter22hunter22' },
  });
  await api.addonAttachments.create({ app: 'web-shop', addon: 'mail' });
  const calls = await told(there, () =>
    api.formations.create({ app: 'web-shop', type: 'worker', command: 'work hunter22hunter22' }),
  );
  expect(calls).toMatchObject([{ changes: [{ command: 'work [redacted]' }] }]);
});

async function begun(there: World): Promise<string> {
  const id = await build(there);
  beginBuild(there.session, id);
  return id;
}
