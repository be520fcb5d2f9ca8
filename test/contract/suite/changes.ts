import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { AppsApi } from '../../../src/contract/apps-api.js';

/** How an operation that changes something is done, and how it is refused, on what {@link ground} makes. */
export interface Change {
  /** What its records call it. */
  readonly action: string;
  readonly space?: string;
  readonly app?: string;
  readonly done: (api: AppsApi) => Promise<unknown>;
  /** Refused by a policy or by what is there; as somebody who is no administrator, if that is why. */
  readonly refused: ((api: AppsApi, user: AppsApi) => Promise<unknown>) | { readonly never: string };
}

/** An operation that leaves no record of its own. */
export interface Unrecorded {
  readonly unrecorded: string;
}

const source = (content: string): Readable => Readable.from([Buffer.from(content)]);
const checksum = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

/**
 * What changes are made to: space `shop` (socs) with app `web`, its process type `worker`, two builds of which one is
 * over, a release, and a port of the machine; and space `empty`. `built` builds and releases an app.
 */
export async function ground(api: AppsApi, built: (app: string) => Promise<unknown>): Promise<void> {
  await api.spaces.create({ name: 'shop', compliance: ['socs'] });
  await api.spaces.create({ name: 'empty', compliance: ['socs'] });
  await api.apps.create({ name: 'web', space: 'shop' });
  await built('web-shop');
  await api.formations.create({ app: 'web-shop', type: 'worker', command: 'work' });
  await api.hosts.allow({ space: 'shop', port: 5432 });
  await api.sources.upload(source('a source'));
  await api.builds.create({ app: 'web-shop', checksum: checksum('a source') });
}

/** Sets a mail server that is not there, so that what is mailed stays in the outbox. */
const nowhere = (api: AppsApi) =>
  api.platform.configure({
    smtp_host: '127.0.0.1',
    smtp_port: 1,
    smtp_tls: 'none',
    mail_from: 'aka@example.com',
    mail_to: ['ann@example.com'],
  });

const web = { space: 'shop', app: 'web' } as const;
const app = 'web-shop';

/**
 * Every operation of the contract that changes something. One that is missing here fails the suite: whoever adds an
 * operation says what its records are.
 */
export const CHANGES: Readonly<Record<string, Change | Unrecorded>> = {
  'platform.configure': {
    action: 'platform.configure',
    done: (api) => api.platform.configure({ egress: 'sealed' }),
    refused: (_, user) => user.platform.configure({ egress: 'sealed' }),
  },
  'platform.testMail': {
    action: 'mail.test',
    done: async (api) => {
      await nowhere(api);
      return api.platform.testMail();
    },
    refused: (_, user) => user.platform.testMail(),
  },
  'digests.send': {
    action: 'digest.send',
    space: 'shop',
    done: async (api) => {
      await nowhere(api);
      return api.digests.send({ space: 'shop' });
    },
    refused: (_, user) => user.digests.send({ space: 'shop' }),
  },
  'spaces.create': {
    action: 'space.create',
    space: 'empty',
    done: async (api) => {
      await api.spaces.destroy({ space: 'empty' });
      return api.spaces.create({ name: 'empty', compliance: ['socs'] });
    },
    refused: (api) => api.spaces.create({ name: 'empty' }),
  },
  'spaces.update': {
    action: 'space.update',
    space: 'shop',
    done: (api) => api.spaces.update({ space: 'shop', description: 'Sells things' }),
    refused: (api) => api.spaces.update({ space: 'shop', compliance: ['prod'] }),
  },
  'spaces.destroy': {
    action: 'space.destroy',
    space: 'empty',
    done: (api) => api.spaces.destroy({ space: 'empty' }),
    refused: (_, user) => user.spaces.destroy({ space: 'empty' }),
  },
  'apps.create': {
    action: 'app.create',
    ...web,
    done: async (api) => {
      await api.apps.destroy({ app });
      return api.apps.create({ name: 'web', space: 'shop' });
    },
    refused: (api) => api.apps.create({ name: 'web', space: 'shop' }),
  },
  'apps.update': {
    action: 'app.update',
    ...web,
    done: (api) => api.apps.update({ app, description: 'front' }),
    refused: (api) => api.apps.update({ app, space: 'empty' }),
  },
  'apps.destroy': {
    action: 'app.destroy',
    ...web,
    done: (api) => api.apps.destroy({ app }),
    refused: (_, user) => user.apps.destroy({ app }),
  },
  'configVars.patch': {
    action: 'config.change',
    ...web,
    done: (api) => api.configVars.patch({ app, vars: { COLOUR: 'red' } }),
    refused: (api) => api.configVars.patch({ app, vars: { COLOUR: null } }),
  },
  'formations.create': {
    action: 'formation.create',
    ...web,
    done: (api) => api.formations.create({ app, type: 'clock', command: 'tick' }),
    refused: (api) => api.formations.create({ app, type: 'worker', command: 'work' }),
  },
  'formations.update': {
    action: 'formation.update',
    ...web,
    done: (api) => api.formations.update({ app, type: 'worker', quantity: 2 }),
    refused: (api) => api.formations.update({ app, type: 'clock', quantity: 2 }),
  },
  'formations.destroy': {
    action: 'formation.destroy',
    ...web,
    done: (api) => api.formations.destroy({ app, type: 'worker' }),
    refused: (api) => api.formations.destroy({ app, type: 'clock' }),
  },
  'dynos.restartAll': {
    action: 'dyno.restart',
    ...web,
    done: (api) => api.dynos.restartAll({ app }),
    refused: { never: 'an app that is there may always be restarted' },
  },
  'dynos.restart': {
    action: 'dyno.restart',
    ...web,
    done: (api) => api.dynos.restart({ app, dyno: 'worker' }),
    refused: (api) => api.dynos.restart({ app, dyno: 'clock' }),
  },
  'hosts.allow': {
    action: 'host.allow',
    space: 'shop',
    done: (api) => api.hosts.allow({ space: 'shop', port: 6379 }),
    refused: (_, user) => user.hosts.allow({ space: 'shop', port: 6379 }),
  },
  'hosts.deny': {
    action: 'host.deny',
    space: 'shop',
    done: (api) => api.hosts.deny({ space: 'shop', port: '5432' }),
    refused: (_, user) => user.hosts.deny({ space: 'shop', port: '5432' }),
  },
  'builds.create': {
    action: 'build.create',
    ...web,
    done: (api) => api.builds.create({ app, checksum: checksum('a source') }),
    refused: (api) => api.builds.create({ app, checksum: checksum('no source') }),
  },
  'builds.stop': {
    action: 'build.stop',
    ...web,
    done: (api) => api.builds.stop({ app, build: '2' }),
    refused: (api) => api.builds.stop({ app, build: '1' }),
  },
  'releases.create': {
    action: 'release.create',
    ...web,
    done: (api) => api.releases.create({ app, release: '1' }),
    refused: (api) => api.releases.create({ app, release: '99' }),
  },
  'sources.upload': {
    unrecorded: 'bytes that are of no app: the record of the build that is made of them has their checksum',
  },
};
