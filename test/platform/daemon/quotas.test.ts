import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import type { Digest } from '../../../src/model/digest.js';
import { isDigest } from '../../../src/model/digest.js';
import { Slugs } from '../../../src/platform/builds/slugs.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { keepQuotas } from '../../../src/platform/daemon/quotas.js';
import { openPlatform } from '../../../src/platform/embedded.js';
import { type Logs, openLogs } from '../../../src/platform/logs/logs.js';
import { logsFolder } from '../../../src/platform/logs/segments.js';
import type { Part } from '../../../src/platform/part.js';
import { beginBuild, succeedBuild } from '../../../src/platform/services/builds.js';
import { settleRelease } from '../../../src/platform/services/releases.js';
import type { Session } from '../../../src/platform/services/session.js';
import { ADMIN, refusal, temporaryFolder, temporaryFolders } from '../store/temporary.js';

const MIB = 1024 ** 2;
const APP = 'web-default';
/** Long enough ago that nobody can be about to use it. */
const AGES_AGO = new Date(Date.now() - 86_400_000);

/** A platform whose disk is looked after, with an app. */
interface Kept {
  readonly api: AppsApi;
  readonly session: Session;
  readonly dataDir: string;
  readonly logs: Logs;
  readonly part: Part;
}

/** Lets `prepare` fill the disk first, so that what is found at the start is looked after, too. */
async function withQuotas(
  prepare: (kept: Omit<Kept, 'part'>) => Promise<void>,
  act: (kept: Kept) => Promise<void>,
) {
  const folders = temporaryFolders();
  const platform = openPlatform(folders);
  const logs = openLogs({ dir: logsFolder(folders.dataDir) });
  const notes: string[] = [];
  const base = { api: platform.as(ADMIN), session: platform.session(DAEMON), dataDir: folders.dataDir, logs };
  try {
    await base.api.apps.create({ name: 'web', space: 'default' });
    await prepare(base);
    const part = await keepQuotas({ folders, platform, logs, note: (line) => notes.push(line) });
    try {
      await act({ ...base, part });
    } finally {
      await part.stop();
    }
    expect(notes).toEqual([]);
  } finally {
    await logs.close();
    platform.close();
  }
}

/** Waits until something is so; a test that waits in vain ends at its bound. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Sends a source of so many bytes, and makes it look as if that was long ago. */
async function upload(
  { api, dataDir }: Pick<Kept, 'api' | 'dataDir'>,
  bytes: number,
  at = AGES_AGO,
): Promise<Digest> {
  const content = randomBytes(bytes);
  await api.sources.upload(chunks(content));
  const digest = createHash('sha256').update(content).digest('hex') as Digest;
  utimesSync(join(dataDir, 'uploads', digest), at, at);
  return digest;
}

/** Builds and releases a slug of so many MiB, that a dyno was last started from a day and `age` minutes ago. */
async function release(
  { api, session, dataDir }: Omit<Kept, 'part'>,
  mib: number,
  age: number,
): Promise<Digest> {
  const source = await upload({ api, dataDir }, 10);
  const { id } = await api.builds.create({ app: APP, checksum: `sha256:${source}` });
  beginBuild(session, id);
  const slug = await keep(dataDir, mib, age);
  const made = succeedBuild(session, id, { slug, madeOf: slug.digest });
  settleRelease(session, made?.id ?? '', undefined);
  return slug.digest;
}

async function keep(dataDir: string, mib: number, age: number) {
  const slugs = await Slugs.open(join(dataDir, 'slugs'));
  const app = join(temporaryFolder(), 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'data'), randomBytes(mib * MIB));
  const slug = await slugs.keep(app, { processTypes: { web: './data' }, path: [], folders: {} });
  const at = new Date(AGES_AGO.getTime() - age * 60_000);
  utimesSync(join(dataDir, 'slugs', slug.digest, 'slug.json'), at, at);
  return slug;
}

/** What is on its way out is no slug any more. */
const kept = (dataDir: string): string[] =>
  readdirSync(join(dataDir, 'slugs'))
    .filter((name) => isDigest(name))
    .sort();

test('what builds and dynos left is removed while the platform runs, however deep it is', async () => {
  const nest = 'd=$(printf "%0110d" 0); while mkdir "$d" && cd "$d"; do :; done 2>/dev/null';
  const left = [
    'builds/x-1.999999999.draft',
    'builds/caches/x-1.0.trash',
    'slugs/x-1.0.trash',
    'x-1.0.trash',
  ];
  await withQuotas(
    async ({ dataDir }) => {
      for (const name of left) {
        mkdirSync(join(dataDir, name), { recursive: true });
        execFileSync('/bin/sh', ['-c', nest], { cwd: join(dataDir, name), stdio: 'ignore' });
      }
    },
    async ({ dataDir }) => {
      await until(() => !left.some((name) => existsSync(join(dataDir, name))));
    },
  );
});

describe('slugs beyond their quota', () => {
  test('go, those first that ran the longest time ago, though releases name them; never what runs', async () => {
    const slugs: Digest[] = [];
    await withQuotas(
      async (base) => {
        for (const age of [4, 3, 2, 1]) slugs.push(await release(base, 2, age));
      },
      async ({ api, dataDir }) => {
        const [first = '', second = '', third = '', last = ''] = slugs;
        await api.platform.configure({ slug_bytes: 7 * MIB });
        await until(() => !existsSync(join(dataDir, 'slugs', first)));
        expect(kept(dataDir)).toEqual([second, third, last].sort());
        await api.platform.configure({ slug_bytes: MIB });
        await until(() => kept(dataDir).length < 2);
        expect(kept(dataDir)).toEqual([last]);
        expect((await api.releases.list({ app: APP })).map(({ slug }) => slug?.id)).toEqual(
          slugs.toReversed(),
        );
      },
    );
  });

  test('stay while a release of them is under way, or they are too new to be known of', async () => {
    let [old, last, current, fresh]: string[] = [];
    await withQuotas(
      async (base) => {
        old = await release(base, 2, 2);
        last = await release(base, 2, 1);
        current = await release(base, 2, 0);
        // To go back to a release is to need its slug.
        await base.api.releases.create({ app: APP, release: 'v1' });
        fresh = (await keep(base.dataDir, 2, -24 * 60)).digest;
      },
      async ({ api, dataDir }) => {
        await api.platform.configure({ slug_bytes: MIB });
        await until(() => kept(dataDir).length < 4);
        expect(kept(dataDir)).toEqual([old, current, fresh].sort());
        expect(kept(dataDir)).not.toContain(last);
      },
    );
  });

  test('go with their app', async () => {
    await withQuotas(
      async (base) => {
        await release(base, 2, 1);
        await base.api.platform.configure({ slug_bytes: MIB });
      },
      async ({ api, dataDir }) => {
        expect(kept(dataDir)).toHaveLength(1);
        await api.apps.destroy({ app: APP });
        await until(() => kept(dataDir).length === 0);
      },
    );
  });
});

describe('sources beyond their quota', () => {
  test('go, the oldest first, but for what is to be built', async () => {
    let wanted: string | undefined;
    await withQuotas(
      async ({ api, dataDir }) => {
        wanted = await upload({ api, dataDir }, MIB, new Date(0));
        await api.builds.create({ app: APP, checksum: `sha256:${wanted}` });
        for (let each = 0; each < 3; each++) await upload({ api, dataDir }, MIB);
      },
      async ({ api, dataDir, part }) => {
        await api.platform.configure({ upload_bytes: 2 * MIB });
        await until(() => readdirSync(join(dataDir, 'uploads')).length <= 2);
        expect(readdirSync(join(dataDir, 'uploads'))).toContain(wanted);
        const [section] = [await part.status?.()].flat();
        expect(section?.facts).toMatchObject({
          uploads_bytes: 2 * MIB,
          uploads_quota_bytes: 2 * MIB,
        });
      },
    );
  });

  test('make room for the next, or else that is refused', async () => {
    await withQuotas(
      async ({ api, dataDir }) => {
        await api.platform.configure({ upload_bytes: 2 * MIB });
        await upload({ api, dataDir }, 2 * MIB);
        const next = await upload({ api, dataDir }, 2 * MIB, new Date());
        expect(readdirSync(join(dataDir, 'uploads'))).toEqual([next]);
        expect(await refusal(api.sources.upload(chunks(randomBytes(10))))).toMatchObject({
          id: 'no_room',
          status: 507,
        });
      },
      async ({ dataDir }) => {
        expect(readdirSync(join(dataDir, 'uploads'))).toHaveLength(1);
      },
    );
  });
});

test('logs beyond their quota go at once, and later ones stay within it', async () => {
  const line = `${'x'.repeat(8000)}\n`;
  await withQuotas(
    async ({ logs }) => {
      for (let each = 0; each < 600; each++)
        await logs.write({ app: 'a', dyno: 'web.1', stream: 'stdout' }, line);
      await logs.flush();
    },
    async ({ api, logs }) => {
      expect(await logs.usage()).toBeGreaterThan(4 * MIB);
      await api.platform.configure({ log_bytes: 2 * MIB });
      await until(async () => (await logs.usage()) <= 2 * MIB);
      for (let each = 0; each < 600; each++)
        await logs.write({ app: 'b', dyno: 'web.1', stream: 'stdout' }, line);
      await logs.flush();
      // A file that is still written to may be on top of it.
      expect(await logs.usage()).toBeLessThanOrEqual(3.1 * MIB);
    },
  );
});
