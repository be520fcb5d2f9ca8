import { Readable } from 'node:stream';
import { afterEach, beforeEach } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import type { Space } from '../../../src/contract/wire.js';

/** A new platform, reached in some way. */
export interface Reached {
  readonly admin: AppsApi;
  /** On behalf of somebody who is no administrator. */
  readonly user: AppsApi;
  /** On behalf of somebody who may use these spaces only, under a name of their own. */
  guest(name: string, spaces: readonly string[]): Promise<AppsApi>;
  /** From where the administrator comes, as the audit log says it. */
  readonly origin: string;
  /** Builds and releases an app with these process types, `web` unless told. */
  built(app: string, processTypes?: Readonly<Record<string, string>>): Promise<string>;
  /** Where the platform keeps its data. */
  readonly dataDir: string;
  close(): Promise<void>;
  /** Closes the platform and returns its folder, for others to be copies of it. */
  keep(): Promise<string>;
}

/** Reaches a new platform: an empty one, or a copy of one that was kept in the folder `of`. */
export type Reach = (of?: string) => Promise<Reached>;

/** What a test has: a platform of its own, and what many tests do with one. */
export interface Given {
  /** On behalf of an administrator. */
  readonly api: AppsApi;
  /** On behalf of somebody who is none, by the name of ursula. */
  readonly user: AppsApi;
  /** On behalf of somebody who may use these spaces only. */
  guest: Reached['guest'];
  /** Creates a space, by default `shop` without compliance, with apps of these names. */
  spaceWith(apps: readonly string[], space?: SpaceCreate): Promise<Space>;
  /** Uploads the source of a build; answers its checksum. */
  uploaded(): Promise<string>;
  readonly dataDir: string;
  readonly origin: string;
  /** Builds and releases an app; answers its slug. */
  built: Reached['built'];
  spaceNames(filter?: Parameters<AppsApi['spaces']['list']>[0]): Promise<string[]>;
  /** How many audit records there are. */
  records(): Promise<number>;
}

type SpaceCreate = Parameters<AppsApi['spaces']['create']>[0];

/** Reaches a new platform before each test of the `describe` it is called in, and gives it back after it. */
export function givenBy(reach: Reach): Given {
  let reached: Reached;
  beforeEach(async () => {
    reached = await reach();
  });
  afterEach(() => reached.close());
  return {
    get api() {
      return reached.admin;
    },
    get user() {
      return reached.user;
    },
    guest: (name, spaces) => reached.guest(name, spaces),
    async spaceWith(apps, space = { name: 'shop' }) {
      const created = await reached.admin.spaces.create(space);
      for (const name of apps) await reached.admin.apps.create({ name, space: space.name });
      return created;
    },
    get origin() {
      return reached.origin;
    },
    get dataDir() {
      return reached.dataDir;
    },
    async uploaded() {
      return (await reached.user.sources.upload(Readable.from([Buffer.from('a source')]))).checksum;
    },
    built: (app, processTypes) => reached.built(app, processTypes),
    async spaceNames(filter = {}) {
      return (await reached.admin.spaces.list(filter)).items.map(({ name }) => name);
    },
    async records() {
      return (await reached.admin.audits.verify()).records;
    },
  };
}
