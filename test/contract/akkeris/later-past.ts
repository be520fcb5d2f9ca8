import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { conflict } from '../../../src/contract/errors.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { type Held, takeRole } from '../../../src/platform/files/process-lock.js';
import type { Here, Past } from './replay.js';

const WEB = 'web-rone';
const COMMIT = { repo: 'https://github.com/x/y', sha: '1234567' };

/** Has the platform look as if it ran. */
let running: Held | undefined;

/** What happened around the second recording, of builds, releases, process types, pipelines, hooks and addons. */
export const laterPast: Past = {
  async settle({ api, know }) {
    await api.spaces.create({ name: 'rone' });
    for (const [name, id] of [
      ['web', '17106071-6068-4520-a356-07ba49a178ba'],
      ['idle', '1bce6b87-3a0a-4478-8c5e-786c31d61705'],
      ['dev', '1fac2903-5259-435b-adf8-4fadfe1b4f9f'],
      ['prod1', '5013176e-868d-4526-a82c-1cee9f685b7c'],
      ['auto', '4dd6ca9e-3cec-4577-93f9-bd455823565f'],
    ] as const) {
      know(id, (await api.apps.create({ name, space: 'rone', org: 'test' })).id);
    }
  },

  async before(name, here) {
    await STEPS[name]?.(here);
  },

  end() {
    running?.release();
  },
};

const STEPS: Readonly<Record<string, (here: Here) => Promise<void>>> = {
  // It is refused here for a member that nobody knows.
  async 'apps-new-extra-size-no-name'({ api, know }) {
    const app = await api.apps.create({ name: 'api', space: 'rone', org: 'test', description: 'an api' });
    know('cf98a50f-1e11-4525-88f9-e5eea79a6bfe', app.id);
  },
  async 'hooks-all'({ api, know }) {
    for (const [id, url] of [
      ['b3782c02-3b79-418e-a179-725d20f3deb9', 'http://127.0.0.1:5905/ok?token=abc'],
      ['f300d2d7-4bdf-4c38-a9b8-a25cb7353661', 'https://hooks.example.test/x'],
      ['8658173a-f60c-451c-844f-39e6543d6816', 'http://127.0.0.1:5905/500'],
      ['3baf05bc-3876-478c-bd69-7275bfdea1e9', 'http://127.0.0.1:9/'],
    ] as const) {
      know(id, (await api.hooks.create({ app: WEB, url, events: ['release'], secret: 'a secret' })).id);
    }
    const hook = (await api.hooks.list({ app: WEB }))[0]?.id ?? '';
    const { id } = await api.hooks.test({ app: WEB, hook });
    know('26172359-fe06-4f9a-99f1-ef28838b6b85', id);
  },
  async 'formations-new-worker-without-command'({ api }) {
    for (const type of ['worker', 'zero', 'clock'])
      await api.formations.create({ app: 'api-rone', type, command: 'x' });
  },
  async 'builds-stop-queued'(here) {
    await queued(here, '63d821f0-4111-46b6-841c-c5f0ee04cdf8');
  },
  // It can be stopped here while it is queued.
  async 'builds-stop-pending'(here) {
    await queued(here, '63d821f0-4111-46b6-841c-c5f0ee04cdf8');
  },
  async 'builds-one-failed'(here) {
    const build = await queued(here, 'ca67db88-60d7-4786-a030-7bb99ecbddfb');
    await here.api.builds.stop({ app: WEB, build });
    await here.temporary.built(WEB, { web: 'serve' }, COMMIT);
    here.know('e5e7463e-6db7-4029-af24-244ca7b104f7', await newest(here.api.builds, WEB));
    here.know('09451e8f-163e-45d0-a4e5-1c1de0c1d608', await newest(here.api.releases, WEB));
    for (const app of ['idle-rone', 'auto-rone', 'dev-rone']) await here.temporary.built(app);
    here.know('9bb1482c-cc86-4927-85a5-ba2c80089f6d', await newest(here.api.releases, 'idle-rone'));
  },
  async 'dynos-of-released'({ api, temporary, know }) {
    const app = (await api.apps.get({ app: WEB })).id;
    running = takeRole(temporary.dataDir, 'server', () => conflict('taken', 'It runs already.'));
    const at = new Date().toISOString();
    temporary.platform.session(DAEMON).store.dynos.put({
      id: randomUUID(),
      app,
      release: await newest(api.releases, WEB),
      type: 'web',
      number: 1,
      state: 'up',
      reason: null,
      address: 1,
      port: 5000,
      size: 'gp1',
      command: 'serve',
      restarts: 0,
      knowsUntil: at,
      environmentSeq: 0,
      createdAt: at,
      updatedAt: at,
    });
    know('3175521927-cd531', '1');
  },
  async 'couplings-all'({ api, know }) {
    await api.pipelines.create({ name: 'rpipe2' });
    for (const [id, app, stage, contexts] of [
      ['5617d6f3-7935-4135-9922-ee13d6b170f6', 'dev-rone', 'development', []],
      [
        '8f93279d-c4c5-4c79-a732-c79fc7268efa',
        'prod1-rone',
        'production',
        ['tests/success', 'tests/pending'],
      ],
    ] as const) {
      const required_status_checks = { contexts: [...contexts] };
      const coupling = { app, pipeline: 'rpipe', stage, required_status_checks };
      know(id, (await api.pipelineCouplings.create(coupling)).id);
    }
  },
  // A user may remove it here.
  async 'couplings-drop-elevated'({ api, know }) {
    const coupling = { app: 'dev-rone', pipeline: 'rpipe', stage: 'development' };
    know('5617d6f3-7935-4135-9922-ee13d6b170f6', (await api.pipelineCouplings.create(coupling)).id);
  },
  async 'hooks-drop-again'({ api }) {
    const { id = '' } = (await api.hooks.list({ app: WEB })).find(({ url }) => url.includes('hooks.')) ?? {};
    await api.hooks.destroy({ app: WEB, hook: id });
  },
  async 'confnotes-remove-required'({ api }) {
    const names = ['COLOUR', 'ONLY_SRC', 'REDIS_URL', 'OCT_VAULT_DB_PERF_HOSTNAME'];
    const more = ['OCT_VAULT_DB_PERF_USERNAME', 'OCT_VAULT_DB_PERF_PASSWORD'];
    const vars = Object.fromEntries([...names, ...more].map((name) => [name, 'x']));
    await api.configVars.patch({ app: WEB, vars });
  },
  // Those are refused here for a member that nobody knows.
  async 'stacks-new-as-user'({ api }) {
    for (const name of ['rstack', 'rstack3']) await api.stacks.create({ name, region: { id: 'us-seattle' } });
  },
  async 'regions-new-as-user'({ api }) {
    await api.regions.create({ name: 'rregion', country: '', description: '', locale: '' });
  },
  async 'addons-of-app'({ api, know }) {
    for (const [name, id] of [
      ['cache', '34ec4c33-7469-4481-a976-984ad5a9cc3a'],
      ['database', 'd37db8eb-ced8-4b6f-b301-f7cb36932cae'],
      ['other', 'e3b16b86-b07c-4b90-994e-b7735e96b04c'],
      ['key', 'cc5a3922-abb3-485d-94e3-1aea5626a9b0'],
    ] as const) {
      const credential = { plan: 'credentials:general', name, config: { URL: 'x' } };
      know(id, (await api.addons.createInApp({ app: WEB, ...credential })).id);
    }
  },
  async 'attachments-of-app'({ api, know }) {
    const attachment = await api.addonAttachments.create({ app: 'api-rone', addon: 'database' });
    know('bb75e129-b035-4d3c-9f05-fab1ad799f7e', attachment.id);
  },
};

/** Queues a build that nothing is to come of, and says that this id of the recording is its; returns its id. */
async function queued({ api, know }: Here, theirs: string): Promise<string> {
  const { checksum } = await api.sources.upload(Readable.from([Buffer.from(theirs)]));
  const { id } = await api.builds.create({ app: WEB, checksum, ...COMMIT });
  know(theirs, id);
  return id;
}

/** The id of the newest build or release of an app. */
async function newest(
  of: Pick<AppsApi['builds'] | AppsApi['releases'], 'list'>,
  app: string,
): Promise<string> {
  const [first] = await of.list({ app });
  if (first === undefined) throw new Error(`${app} has none.`);
  return first.id;
}
