import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll } from '@jest/globals';
import { DAEMON } from '../../src/platform/caller.js';
import { openPlatform } from '../../src/platform/embedded.js';
import { inSession } from '../../src/platform/in-session.js';
import type { Platform } from '../../src/platform/platform.js';
import { beginBuild, succeedBuild } from '../../src/platform/services/builds.js';
import { settleRelease } from '../../src/platform/services/releases.js';

export interface TemporaryPlatform {
  readonly platform: Platform;
  /** A folder of its own, removed with it. */
  readonly folder: string;
  readonly dataDir: string;
  /**
   * Builds and releases an app as bob, of a source of which this may be known, without its checks in a socs space;
   * answers the slug.
   */
  built(
    app: string,
    processTypes?: Readonly<Record<string, string>>,
    source?: { readonly repo?: string; readonly sha?: string },
  ): Promise<string>;
  remove(): void;
  /** Closes it, and leaves its folder for copies. */
  keep(): void;
}

let template: string | undefined;

afterAll(() => {
  if (template !== undefined) rmSync(template, { recursive: true });
  template = undefined;
});

/**
 * A new platform in a new folder: a copy of one that is made once, which takes a tenth of the time; or of one in the folder
 * `of`, that was kept.
 */
export function temporaryPlatform(of?: string): TemporaryPlatform {
  template ??= newPlatform();
  const folder = newFolder();
  cpSync(of ?? template, folder, { recursive: true });
  const platform = openPlatform(foldersIn(folder));
  return {
    platform,
    folder,
    dataDir: foldersIn(folder).dataDir,
    async built(app, processTypes = { web: 'serve' }, source = {}) {
      const api = platform.as({ name: 'bob', role: 'user', origin: 'cli' });
      const { checksum } = await api.sources.upload(Readable.from([randomBytes(32)]));
      const commit = { repo: 'https://github.com/acme/shop', sha: digestOf(checksum).slice(0, 40) };
      const inSocs = (await api.apps.get({ app })).space.compliance.includes('socs');
      const { id, checks } = await api.builds.create({ app, checksum, ...(inSocs && commit), ...source });
      const admin = platform.as({ name: 'adam', role: 'admin', origin: 'cli' });
      for (const { context } of checks)
        await admin.builds.overrule({ app, build: id, context, reason: 'This is a test' });
      const digest = digestOf(checksum);
      inSession(foldersIn(folder), DAEMON, (session) => {
        const slug = {
          digest,
          bytes: 1,
          processTypes,
          path: [],
          folders: {},
          createdAt: session.now().toISOString(),
        };
        beginBuild(session, id);
        const release = succeedBuild(session, id, { slug, madeOf: digest });
        if (release === undefined) throw new Error(`Build ${id} was not wanted.`);
        settleRelease(session, release.id, undefined);
      });
      return digest;
    },
    remove() {
      platform.close();
      rmSync(folder, { recursive: true });
    },
    keep() {
      platform.close();
    },
  };
}

function digestOf(checksum: string): string {
  return checksum.replace('sha256:', '');
}

function newPlatform(): string {
  const folder = newFolder();
  openPlatform(foldersIn(folder)).close();
  return folder;
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'aka-'));
}

function foldersIn(folder: string): { dataDir: string; configDir: string } {
  return { dataDir: join(folder, 'data'), configDir: join(folder, 'config') };
}
