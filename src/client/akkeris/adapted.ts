import type { AppsApi } from '../../contract/apps-api.js';
import type { HttpPlatform } from '../http-api.js';
import { adaptedRunning } from './adapted-running.js';
import { isHarmful } from './config-vars.js';
import { type IsAkkeris, Ways } from './ways.js';

/**
 * An Apps API that may be that of an Akkeris installation: it is asked as any other, and once it has answered as one, what
 * it can't do, or says wrong, is made good. What it takes for that is loaded then.
 */
export function adapted(platform: HttpPlatform, at: string, isAkkeris: IsAkkeris): AppsApi {
  const { api: plain } = platform;
  const ways = new Ways(plain, at, isAkkeris);
  return {
    ...plain,
    platform: {
      ...plain.platform,
      info: () =>
        ways.instead(
          () => plain.platform.info(),
          (akkeris) => akkeris.info(),
        ),
    },
    spaces: {
      ...plain.spaces,
      list: (filter) =>
        ways.asked(
          () => plain.spaces.list(filter),
          (akkeris, outcome) => akkeris.listSpaces(filter, outcome),
        ),
      get: (key) =>
        ways.asked(
          () => plain.spaces.get(key),
          (akkeris, outcome) => akkeris.getSpace(key.space, outcome),
        ),
      create: (input, options) =>
        ways.before(
          () => plain.spaces.get({ space: input.name }),
          (akkeris, found) => akkeris.createSpace(input, options, found),
          () => plain.spaces.create(input, options),
        ),
      discovery: (key) =>
        ways.instead(
          () => plain.spaces.discovery(key),
          (akkeris) => akkeris.discovery(key.space),
        ),
      check: (key) =>
        ways.instead(
          () => plain.spaces.check(key),
          (akkeris) => akkeris.check(key.space),
        ),
    },
    apps: {
      ...plain.apps,
      list: (filter) =>
        ways.asked(
          () => plain.apps.list(filter),
          (akkeris, outcome) => akkeris.listApps(filter, outcome),
        ),
      create: (input, options) =>
        ways.before(
          () => plain.apps.get({ app: `${input.name}-${input.space}`.toLowerCase() }),
          (akkeris, found) => akkeris.createApp(input, options, found),
          () => plain.apps.create(input, options),
        ),
    },
    configVars: {
      ...plain.configVars,
      patch: (input) =>
        isHarmful(input.vars)
          ? ways.before(
              () => plain.apps.get({ app: input.app }),
              async (akkeris) => akkeris.patchConfig(input),
              () => plain.configVars.patch(input),
            )
          : plain.configVars.patch(input),
    },
    audits: {
      ...plain.audits,
      list: (filter = {}) => {
        const { app } = filter;
        if (app === undefined) return plain.audits.list(filter);
        return ways.instead(
          () => plain.audits.list(filter),
          async () => (await import('./audits.js')).auditsOfApp(plain, { ...filter, app }),
        );
      },
    },
    addonAttachments: {
      ...plain.addonAttachments,
      list: (key) =>
        ways.asked(
          () => plain.addonAttachments.list(key),
          async (_, outcome) => (await import('./attachments.js')).withVars(platform, key, await outcome),
        ),
      create: (input, options) =>
        ways.before(
          () => plain.apps.get({ app: input.app }),
          async () => (await import('./attachments.js')).attach(platform, input),
          () => plain.addonAttachments.create(input, options),
        ),
      destroy: (key) =>
        ways.before(
          () => plain.apps.get({ app: key.app }),
          async () => (await import('./attachments.js')).detach(platform, key),
          () => plain.addonAttachments.destroy(key),
        ),
    },
    ...adaptedRunning(platform, ways),
  };
}
