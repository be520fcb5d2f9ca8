import type { AppsApi } from '../../contract/apps-api.js';
import { Unsupported } from '../../contract/errors.js';
import { holdsRedacted } from '../../model/redaction.js';
import type { Installation } from './installation.js';

/** What is known of who answers: whether it is an Akkeris installation, or nothing before the first answer. */
export type IsAkkeris = () => boolean | undefined;

/**
 * An Apps API that may be that of an Akkeris installation: it is asked as any other, and once it has answered as one, what
 * it can't do, or says wrong, is made good. What it takes for that is loaded then.
 */
export function adapted(plain: AppsApi, at: string, isAkkeris: IsAkkeris): AppsApi {
  let loaded: Promise<Installation> | undefined;
  const installation = (): Promise<Installation> => {
    loaded ??= import('./installation.js').then((it) => new it.Installation(plain, at));
    return loaded;
  };
  /** Asks, and has an installation make of the outcome, be it a failure, what it should be. */
  async function asked<R>(
    ask: () => Promise<R>,
    adapt: (akkeris: Installation, outcome: Promise<R>) => Promise<R>,
  ): Promise<R> {
    const outcome = ask();
    await outcome.catch(() => undefined);
    return isAkkeris() === true ? adapt(await installation(), outcome) : outcome;
  }
  /** Looks what is there before a change, unless it is known that an installation's defects need not be feared. */
  async function before<Found, R>(
    look: () => Promise<Found>,
    change: (akkeris: Installation, found: Promise<Found>) => Promise<R>,
    plainly: () => Promise<R>,
  ): Promise<R> {
    if (isAkkeris() === false) return plainly();
    const found = look();
    await found.catch(() => undefined);
    if (isAkkeris() === true) return change(await installation(), found);
    // Who did not even answer that is not asked for more.
    if (isAkkeris() === undefined) await found;
    return plainly();
  }
  /** Asks whoever has such an endpoint, and an installation in another way. */
  async function instead<R>(
    ask: () => Promise<R>,
    other: (akkeris: Installation) => Promise<R> | R,
  ): Promise<R> {
    if (isAkkeris() !== true) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof Unsupported) || isAkkeris() !== true) throw error;
      }
    }
    return other(await installation());
  }
  return {
    ...plain,
    platform: {
      ...plain.platform,
      info: () =>
        instead(
          () => plain.platform.info(),
          (akkeris) => akkeris.info(),
        ),
    },
    spaces: {
      ...plain.spaces,
      list: (filter) =>
        asked(
          () => plain.spaces.list(filter),
          (akkeris, outcome) => akkeris.listSpaces(filter, outcome),
        ),
      get: (key) =>
        asked(
          () => plain.spaces.get(key),
          (akkeris, outcome) => akkeris.getSpace(key.space, outcome),
        ),
      create: (input, options) =>
        before(
          () => plain.spaces.get({ space: input.name }),
          (akkeris, found) => akkeris.createSpace(input, options, found),
          () => plain.spaces.create(input, options),
        ),
      discovery: (key) =>
        instead(
          () => plain.spaces.discovery(key),
          (akkeris) => akkeris.discovery(key.space),
        ),
      check: (key) =>
        instead(
          () => plain.spaces.check(key),
          (akkeris) => akkeris.check(key.space),
        ),
    },
    apps: {
      ...plain.apps,
      list: (filter) =>
        asked(
          () => plain.apps.list(filter),
          (akkeris, outcome) => akkeris.listApps(filter, outcome),
        ),
      create: (input, options) =>
        before(
          () => plain.apps.get({ app: `${input.name}-${input.space}`.toLowerCase() }),
          (akkeris, found) => akkeris.createApp(input, options, found),
          () => plain.apps.create(input, options),
        ),
    },
    configVars: {
      ...plain.configVars,
      patch: (input) =>
        Object.values(input.vars).some((value) => typeof value === 'string' && holdsRedacted(value))
          ? before(
              () => plain.apps.get({ app: input.app }),
              (akkeris) => akkeris.refuseRedacted(input.vars),
              () => plain.configVars.patch(input),
            )
          : plain.configVars.patch(input),
    },
    dynos: {
      ...plain.dynos,
      inSpace: (filter) =>
        instead(
          () => plain.dynos.inSpace(filter),
          (akkeris) => akkeris.dynosIn(filter.space),
        ),
    },
  };
}
