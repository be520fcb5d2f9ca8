import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { bundledProgram } from '../../bundled-program.js';
import { temporaryPlatform } from '../../contract/platforms.js';
import { CHANGES, ground } from '../../contract/suite/changes.js';
import { temporaryFolder } from '../store/temporary.js';

const NAME =
  'a disk without room for the record of a change has none for the change: nothing happens, until there is room';

interface Said {
  id: string;
  status: number;
  message: string;
}

/** What became of every change and every refusal that was tried. */
interface Tried {
  readonly refused: Readonly<Record<string, Said>>;
  readonly done: Readonly<Record<string, unknown>>;
}

interface Outcomes {
  readonly full: Tried;
  readonly read: Said;
  readonly keyed: unknown;
  readonly unchanged: boolean;
  readonly whole: object;
  readonly again: unknown;
  readonly room: Tried;
  readonly after: object;
}

/** Whether a file system of any size can be had, in a namespace of its own. */
const canFillADisk =
  spawnSync('unshare', ['-Urm', '/bin/sh', '-c', 'mount -t tmpfs none /mnt'], { stdio: 'ignore' }).status ===
  0;

if (!canFillADisk) process.stderr.write(`NOT TESTED on this machine: ${NAME}\n`);

(canFillADisk ? test : test.skip)(
  NAME,
  async () => {
    const { full, read, keyed, unchanged, whole, again, room, after } = await onASmallDisk();
    const disk = { id: 'disk_full', status: 507, message: 'The disk is full. Nothing was changed.' };
    expect({ unchanged, whole }).toMatchObject({ unchanged: true, whole: { ok: true } });
    const names = Object.keys(CHANGES).filter((name) => !('unrecorded' in (CHANGES[name] ?? {})));
    for (const name of names) {
      expect({ name, done: full.done[name] }).toMatchObject({ name, done: disk });
    }
    // Refused it is all the same: by its own reason, and with what kept that from being recorded.
    for (const [name, { id, status, message }] of Object.entries(room.refused)) {
      const said = { id, status, message: `${message} That could not be recorded: ${disk.message}` };
      expect({ name, refused: full.refused[name] }).toMatchObject({ name, refused: said });
    }
    expect(read).toMatchObject({ id: 'not_your_space', status: 403 });
    expect(read.message).toContain(`That could not be recorded: ${disk.message}`);
    expect(keyed).toMatchObject(disk);
    expect(again).toBe('done');
    expect(room.done).toEqual(Object.fromEntries(names.map((name) => [name, 'done'])));
    expect(after).toMatchObject({ ok: true });
  },
  60_000,
);

async function onASmallDisk(): Promise<Outcomes> {
  const temporary = temporaryPlatform();
  const { platform, folder } = temporary;
  try {
    const admin = platform.as({ name: 'ann', role: 'admin', origin: 'cli' });
    const user = platform.as({ name: 'ursula', role: 'user', origin: 'cli' });
    await ground(admin, user, (app) => temporary.built(app));
    platform.session({ name: 'ann', role: 'admin', origin: 'cli' }).store.db.checkpoint();
    const disk = temporaryFolder();
    const script = 'mount -t tmpfs -o size=8m,mode=700 none "$1" && exec "$2" "$3" "$1" "$4"';
    const program = bundledProgram(join(import.meta.dirname, 'full-disk.ts'));
    const words = ['-Urm', '/bin/sh', '-c', script, 'sh', disk, process.execPath, program, folder];
    return JSON.parse(execFileSync('unshare', words, { encoding: 'utf8' })) as Outcomes;
  } finally {
    temporary.remove();
  }
}
