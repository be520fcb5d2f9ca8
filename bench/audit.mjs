// What the audit log costs: its record as a share of the change it is written with, and following its chain against
// hashing the same records and nothing else.
import { hash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { byTurns, sized, timed } from './measure.mjs';
import { heading, judged, remark, stated } from './report.mjs';
import { inFolder, Sandbox } from './sandbox.mjs';
import { sources } from './sources.mjs';

const TURNS = 200;
const RECORDS = sized(100_000, 1000);
const CHAIN_TURNS = 7;
const WHO = { name: 'bench', role: 'admin', origin: 'cli' };

const { openPlatform, openStore, verifyExport, auditLineText } = await sources(
  'src/platform/embedded.ts',
  'src/platform/store/store.ts',
  'src/platform/audit/exported.ts',
  'src/model/audit-line.ts',
);

await inFolder(async (folder) => {
  await recordOfAChange(join(folder, 'recorded'), join(folder, 'silent'));
  await chain(new Sandbox(join(folder, 'long')).folders);
});

/** The same changes on two platforms, of which one writes no records. */
async function recordOfAChange(...homes) {
  const platforms = homes.map((home) => openPlatform(new Sandbox(home).folders));
  const [recorded, silent] = platforms;
  silent.session(WHO).store.audit.append = () => {};
  const number = { recorded: 0, silent: 0 };
  const changes = {
    'spaces.create': (api, n) => api.spaces.create({ name: `space${n}`, compliance: ['socs'] }),
    'spaces.update': (api, n) => api.spaces.update({ space: 'default', description: `of turn ${n}` }),
    'apps.create': (api, n) => api.apps.create({ name: `app${n}`, space: 'default' }),
    'configVars.patch': (api, n) =>
      api.configVars.patch({ app: 'web-default', vars: { LEVEL: `of turn ${n}` } }),
  };
  for (const { as } of platforms) await as(WHO).apps.create({ name: 'web', space: 'default' });
  heading('The audit record of a change');
  for (const [name, change] of Object.entries(changes)) {
    const took = await byTurns(TURNS, {
      recorded: () => timed(() => change(recorded.as(WHO), ++number.recorded)),
      silent: () => timed(() => change(silent.as(WHO), ++number.silent)),
    });
    stated(`${name} without it`, took.silent, 'ms');
    judged('the record against that', took.recorded / took.silent - 1, 0.5);
  }
  for (const platform of platforms) platform.close();
}

async function chain(folders) {
  fill(folders);
  const platform = openPlatform(folders);
  const { audits } = platform.as(WHO);
  const texts = [];
  const lines = [];
  for await (const line of await audits.export()) {
    texts.push(line.record);
    lines.push(auditLineText(line));
  }
  const file = Buffer.from(`${lines.join('\n')}\n`);
  heading(`The chain of ${texts.length} audit records, ${(file.length / 1e6).toFixed(0)} MB as an export`);
  const took = await byTurns(CHAIN_TURNS, {
    bare: () =>
      timed(() => {
        for (const text of texts) hash('sha256', text, 'hex');
      }),
    verify: () => timed(() => audits.verify()),
    export: () => timed(() => drain(audits.export())),
    'of a space': () => timed(() => drain(audits.export({ space: 'space1' }))),
    file: () => timed(() => verifyExport(chunksOf(file))),
  });
  platform.close();
  stated('hashing them bare', took.bare, 'ms');
  judged('verifying them against that', took.verify / took.bare, 10);
  judged('verifying their export', took.file / took.bare, 10);
  stated('exporting them', took.export, 'ms');
  stated('exporting those of one space', took['of a space'], 'ms');
  remark(`peak memory of all this: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
}

async function drain(lines) {
  for await (const _ of await lines);
}

async function* chunksOf(bytes) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** Records as changes write them, straight into the store. */
function fill(folders) {
  const store = openStore(folders);
  const { name: username, role, origin } = WHO;
  store.db.transaction(() => {
    const { dataId } = store.meta;
    for (let n = 1; n < RECORDS; n++) {
      store.audit.append(dataId, {
        at: new Date().toISOString(),
        action: 'app.create',
        outcome: 'done',
        username,
        role,
        origin,
        space: `space${n % 100}`,
        app: 'web',
        details: { id: randomUUID(), organization: 'main', host: '10.64.1.2', port: 80 },
      });
    }
  });
  store.db.close();
}
