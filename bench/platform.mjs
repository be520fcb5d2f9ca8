// What the platform on this machine costs when it holds 10,000 spaces and 100,000 apps. Figures of one process; those
// of whole commands are in ratio to the start-up time.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { byTurns, sized, timed } from './measure.mjs';
import { heading, judged, remark, stated } from './report.mjs';
import { inFolder, Sandbox } from './sandbox.mjs';
import { sources } from './sources.mjs';

/** Blocks of addresses, as many as a space has at most. */
const BLOCKS_PER_SPACE = 8;
const SPACES = sized(10_000, 200);
const APPS_PER_SPACE = 10;
const PAGE = sized(100, 20);
const TURNS = 200;
const PROCESS_TURNS = 20;
const WHO = { name: 'bench', role: 'admin', origin: 'cli' };

const { openPlatform, openStore, databaseFile } = await sources(
  'src/platform/embedded.ts',
  'src/platform/store/store.ts',
);

await inFolder(async (folder) => {
  const alone = new Sandbox(join(folder, 'alone'));
  const full = new Sandbox(join(folder, 'full'));
  fill(alone.folders, 1);
  const filling = await timed(() => fill(full.folders, SPACES));
  heading(`The platform with ${SPACES} spaces and ${SPACES * APPS_PER_SPACE} apps`);
  remark(`filled in ${(filling / 1000).toFixed(1)} s, the audit record of each included`);
  const few = openPlatform(alone.folders);
  const many = openPlatform(full.folders);
  try {
    await info(few.as(WHO), many.as(WHO));
    await pages(many.as(WHO));
    await creates(many.as(WHO), databaseFile(full.folders.dataDir));
  } finally {
    few.close();
    many.close();
  }
  await environment(alone);
});

/** Spaces with apps, each with its audit record, straight into the store: `space0` with `app0`, `app1` ... */
function fill(folders, spaces) {
  const store = openStore(folders);
  const at = new Date().toISOString();
  const times = { createdAt: at, updatedAt: at };
  const record = (action, space, app) => {
    const { name: username, role, origin } = WHO;
    const facts = { at, action, outcome: 'done', username, role, origin, space, app, details: {} };
    store.audit.append(store.meta.dataId, facts);
  };
  store.db.transaction(() => {
    for (let number = 0; number < spaces; number++) {
      const space = `space${number}`;
      const compliance = number % 2 === 0 ? ['socs', 'prod'] : [];
      store.spaces.insert({
        id: randomUUID(),
        name: space,
        compliance,
        stack: 'local',
        description: '',
        ...times,
      });
      // The first blocks are those of the space `default`; hosts from 2 on are for apps.
      const block = BLOCKS_PER_SPACE + number;
      store.blocks.give(block, space);
      record('space.create', space, null);
      for (let app = 0; app < APPS_PER_SPACE; app++) {
        store.apps.insert({
          id: randomUUID(),
          name: `app${app}`,
          space,
          organization: 'main',
          address: block * 256 + 2 + app,
          description: '',
          labels: '',
          maintenance: false,
          ...times,
        });
        record('app.create', space, `app${app}`);
      }
    }
  });
  store.db.close();
}

async function info(few, many) {
  const middle = `space${SPACES >> 1}`;
  const took = await byTurns(TURNS, { few: () => show(few, 'space0'), many: () => show(many, middle) });
  stated('spaces:info in a platform of one', took.few, 'ms');
  judged('spaces:info against that', took.many / took.few, 1.2);
}

/** What `aka spaces:info` asks for. */
function show(api, space) {
  return timed(async () => {
    await api.spaces.get({ space });
    await api.spaces.discovery({ space });
  });
}

/** Walks each list once, and then measures its first, middle and last page. */
async function pages(api) {
  const lists = {
    spaces: (cursor) => api.spaces.list({ limit: PAGE, ...cursor }),
    'spaces of a compliance': (cursor) => api.spaces.list({ limit: PAGE, compliance: 'prod', ...cursor }),
    apps: (cursor) => api.apps.list({ limit: PAGE, ...cursor }),
  };
  for (const [name, list] of Object.entries(lists)) {
    const cursors = [{}];
    for (let page = await list({}); page.next !== undefined; page = await list(cursors.at(-1))) {
      cursors.push({ cursor: page.next });
    }
    // The last full one.
    const places = { first: cursors[0], middle: cursors[cursors.length >> 1], last: cursors.at(-2) };
    const took = await byTurns(
      TURNS / 4,
      Object.fromEntries(
        Object.entries(places).map(([place, cursor]) => [place, () => timed(() => list(cursor))]),
      ),
    );
    stated(`${name}, first of ${cursors.length} pages`, took.first, 'ms');
    judged('the middle one against that', took.middle / took.first, 1.2);
    judged('the last full one', took.last / took.first, 1.2);
  }
}

/** Against a row put into the same file with nothing around it, as durably. */
async function creates(api, file) {
  const bare = new DatabaseSync(file, { timeout: 30_000 });
  bare.exec('PRAGMA synchronous = FULL; CREATE TABLE bench (number INTEGER PRIMARY KEY, text TEXT)');
  const insert = bare.prepare('INSERT INTO bench (text) VALUES (?)');
  let number = 0;
  const took = await byTurns(TURNS, {
    bare: () => timed(() => insert.run('a row')),
    'spaces.create': () => timed(() => api.spaces.create({ name: `new${++number}`, compliance: ['socs'] })),
    'apps.create, into a space of 10': () =>
      timed(() => api.apps.create({ name: 'new', space: `space${number}` })),
    'configVars.patch': () =>
      timed(() => api.configVars.patch({ app: `app0-space${number}`, vars: { LEVEL: 'info' } })),
  });
  bare.close();
  stated('a bare durable commit', took.bare, 'ms');
  for (const [name, ms] of Object.entries(took)) {
    if (name !== 'bare') judged(`${name} against that`, ms / took.bare, 3);
  }
}

/** `aka spaces:env` of a space as large as they get. */
async function environment(sandbox) {
  const APPS = sized(1000, 10);
  const platform = openPlatform(sandbox.folders);
  const { spaces, apps } = platform.as(WHO);
  await spaces.create({ name: 'large' });
  for (let app = 0; app < APPS; app++) await apps.create({ name: `application${app}`, space: 'large' });
  platform.close();
  const took = await byTurns(PROCESS_TURNS, {
    version: () => sandbox.timeOf('--version'),
    small: () => sandbox.timeOf('spaces:env', 'default'),
    large: () => sandbox.timeOf('spaces:env', 'large'),
  });
  heading(`aka spaces:env of ${APPS} apps, ${took.large.toFixed(0)} ms`);
  judged('against the same of a space without apps', took.large / took.small, 2);
  stated('against aka --version', took.large / took.version, 'x');
  stated('peak memory', sandbox.peakOf('spaces:env', 'large'), 'MB');
}
