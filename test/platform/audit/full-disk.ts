import { closeSync, cpSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AppsApiError } from '../../../src/contract/errors.js';
import { openPlatform } from '../../../src/platform/embedded.js';
import { CHANGES } from '../../contract/suite/changes.js';

/*
 * A process of its own with a small disk: takes the platform in FOLDER there, fills the disk, tries every change and every
 * refusal, makes room again and does them. Writes as JSON what came of it: `DISK FOLDER`.
 */
const [disk = '', folder = ''] = process.argv.slice(2);
cpSync(folder, disk, { recursive: true });
const platform = openPlatform({ dataDir: join(disk, 'data'), configDir: join(disk, 'config') });
const api = platform.as({ name: 'ann', role: 'admin', origin: 'cli' });
const user = platform.as({ name: 'ursula', role: 'user', origin: 'cli' });
const stranger = platform.as({ name: 'stella', role: 'user', spaces: ['other'], origin: 'cli' });
const { store } = platform.session({ name: 'ann', role: 'admin', origin: 'cli' });

/** What takes away what others are about comes last. */
const LAST = [
  'formations.destroy',
  'hosts.deny',
  'apps.create',
  'apps.destroy',
  'spaces.create',
  'spaces.destroy',
];

const changes = Object.entries(CHANGES)
  .flatMap(([name, change]) => ('unrecorded' in change ? [] : [{ name, change }]))
  .toSorted((a, b) => LAST.indexOf(a.name) - LAST.indexOf(b.name));

async function outcomeOf(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
    return 'done';
  } catch (error) {
    if (!(error instanceof AppsApiError)) return String(error);
    const { id, status, message, hint } = error;
    return { id, status, message, hint };
  }
}

type Outcomes = Record<string, unknown>;

/** What becomes of every refusal, and then of every change, by its name. */
async function tryAll(): Promise<{ refused: Outcomes; done: Outcomes }> {
  const [refused, done]: [Outcomes, Outcomes] = [{}, {}];
  for (const { name, change } of changes) {
    const { refused: refuse } = change;
    if (typeof refuse === 'function') refused[name] = await outcomeOf(() => refuse(api, user));
  }
  for (const { name, change } of changes) done[name] = await outcomeOf(() => change.done(api));
  return { refused, done };
}

/** Everything that is kept. */
function content(): string {
  return JSON.stringify(
    store.db
      .all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .map(({ name }) => store.db.all(`SELECT * FROM "${String(name)}"`)),
    (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value),
  );
}

const before = content();
const { head } = await api.audits.verify();
// The log of the database is empty then: nothing can be written into what it has already.
store.db.checkpoint();
const ballast = openSync(join(disk, 'ballast'), 'w');
try {
  for (;;) writeSync(ballast, Buffer.alloc(4096));
} catch {
  closeSync(ballast);
}
const key = { idempotencyKey: 'late' };
const full = await tryAll();
const read = await outcomeOf(() => stranger.spaces.get({ space: 'shop' }));
const keyed = await outcomeOf(() => api.spaces.create({ name: 'late' }, key));
const unchanged = content() === before;
const whole = await api.audits.verify({ against: head });
rmSync(join(disk, 'ballast'));
const again = await outcomeOf(() => api.spaces.create({ name: 'late' }, key));
const room = await tryAll();
const after = await api.audits.verify({ against: head });
platform.close();
process.stdout.write(JSON.stringify({ full, read, keyed, unchanged, whole, again, room, after }));
