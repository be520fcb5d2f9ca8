import type { AppsApi, CallOptions, Page } from '../../contract/apps-api.js';
import { AppsApiError, conflict, notFound } from '../../contract/errors.js';
import type * as wire from '../../contract/wire.js';
import { HALF_CREATED, namespaceFault, tagConcerns, tagFacts } from '../../model/akkeris.js';
import { AKKERIS_APP_KEY_MAX, isId, parseAppName } from '../../model/names.js';
import { nearest } from '../../model/nearest.js';
import { shown } from '../../model/rule.js';
import { checkSpace } from './check.js';
import { refuseHarmful } from './config-vars.js';
import { createSpace } from './create-space.js';
import { isMissing, ruled, severalOf } from './faults.js';
import { fewAtATime } from './few-at-a-time.js';

type Input<Call extends (input: never, options?: CallOptions) => unknown> = NonNullable<Parameters<Call>[0]>;

/**
 * An Akkeris installation: what it lacks is put together from what it has, what it says wrong is said right, and what it
 * would do by half is not asked of it. `at` is its host, for people.
 */
export class Installation {
  readonly #api: AppsApi;
  readonly #at: string;
  #spaces: Promise<readonly wire.Space[]> | undefined;
  #apps: Promise<readonly wire.App[]> | undefined;
  /** The one that was found last. */
  #known: wire.Space | undefined;

  constructor(api: AppsApi, at: string) {
    this.#api = api;
    this.#at = at;
  }

  info(): wire.PlatformInfo {
    return { name: this.#at, version: 'Akkeris', capabilities: [], app_key_max: AKKERIS_APP_KEY_MAX };
  }

  /** It takes no filters: what it has is filtered here, whole. */
  async listSpaces(
    { compliance, stack }: Input<AppsApi['spaces']['list']> = {},
    outcome: Promise<Page<wire.Space>>,
  ): Promise<Page<wire.Space>> {
    const filtered = compliance !== undefined || stack !== undefined;
    const items = filtered ? await this.spaces() : (await outcome).items;
    const wanted = compliance?.split(',') ?? [];
    const found = items.filter(
      (space) =>
        wanted.every((word) => space.compliance.includes(word)) &&
        (stack === undefined || [space.stack.name, space.stack.id].includes(stack)),
    );
    // What tags do is said of one space at a time: of thousands it would be more than the list.
    return { items: found.map((space) => withConcerns(space)) };
  }

  /** Throws also if several spaces have that name: such an installation then finds none of them by it. */
  async getSpace(key: string, outcome: Promise<wire.Space>): Promise<wire.Space> {
    return described(await this.#found(key, outcome));
  }

  createSpace(
    input: Input<AppsApi['spaces']['create']>,
    options: CallOptions | undefined,
    found: Promise<wire.Space>,
  ): Promise<wire.Space> {
    return createSpace({ api: this.#api, at: this.#at, missing: (name) => this.missing(name) }, input, {
      options,
      found,
    }).then(described);
  }

  /** Which apps there are, and by which vars they find each other; not with which values, which it never says. */
  async discovery(key: string): Promise<wire.Discovery> {
    const [space, apps] = await Promise.all([this.#space(key), this.apps()]);
    return {
      space: { id: space.id, name: space.name },
      mode: 'kubernetes',
      apps: apps
        .filter((app) => app.space.id === space.id)
        .map(({ id, simple_name: name, web_url }) => ({ id, name, host: null, port: null, web_url })),
      bytes: null,
      bytes_max: null,
    };
  }

  async check(key: string): Promise<wire.SpaceCheck> {
    const [spaces, apps] = await Promise.all([this.spaces(), this.apps()]);
    const space = spaces.find(({ id, name }) => id === key || name === key);
    if (space === undefined) throw await this.missing(key);
    return checkSpace(this.#api, space, { spaces, apps });
  }

  /** It takes `space` in a query, and lists all apps the same. */
  async listApps(
    { space }: Input<AppsApi['apps']['list']> = {},
    outcome: Promise<Page<wire.App>>,
  ): Promise<Page<wire.App>> {
    const { items } = await outcome;
    if (space === undefined) return { items };
    const { id } = await this.#space(space);
    return { items: items.filter((app) => app.space.id === id) };
  }

  /** Throws for what it would refuse or could never run, before anything is sent. */
  async createApp(
    input: Input<AppsApi['apps']['create']>,
    options: CallOptions | undefined,
    found: Promise<wire.App>,
  ): Promise<wire.App> {
    const space = isId(input.space) ? (await this.#space(input.space)).name : input.space.toLowerCase();
    const name = ruled(() => parseAppName(input.name, space, AKKERIS_APP_KEY_MAX));
    const existing = await found.catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (existing !== undefined) {
      throw conflict(
        'exists',
        `App ${existing.name} exists already.`,
        `Show it: aka apps:info -a ${existing.name}`,
      );
    }
    const org = input.org ?? (await this.#organization());
    try {
      return await this.#api.apps.create({ ...input, name, space, org }, options);
    } catch (error) {
      if (!isMissing(error) || !error.message.includes('space')) throw error;
      throw await this.missing(space);
    }
  }

  /** Throws for what it would store although it should not. */
  async patchConfig(input: Input<AppsApi['configVars']['patch']>): Promise<wire.ConfigVars> {
    refuseHarmful(input.vars);
    return this.#api.configVars.patch(input);
  }

  async dynosIn(key: string): Promise<wire.Dyno[]> {
    const { space, apps } = await this.discovery(key);
    const dynos = await fewAtATime(apps, ({ name }) =>
      this.#api.dynos.list({ app: `${name}-${space.name}` }),
    );
    return dynos.flat();
  }

  /** All of them, once for a command. */
  async spaces(): Promise<readonly wire.Space[]> {
    this.#spaces ??= this.#api.spaces.list().then(({ items }) => items);
    return this.#spaces;
  }

  async apps(): Promise<readonly wire.App[]> {
    this.#apps ??= this.#api.apps.list().then(({ items }) => items);
    return this.#apps;
  }

  /** The error for a space that is not found by this name: there are several, or none, and then one is near. */
  async missing(key: string): Promise<AppsApiError> {
    // Without a list it is not there all the same; only which one was meant can't be said.
    const { items: spaces } = await this.#api.spaces.list().catch(() => ({ items: [] }));
    const same = spaces.filter(({ name }) => name === key);
    if (same.length > 1) return severalOf(key, same, this.#at);
    const names = spaces.map(({ name }) => name);
    return notFound('space', key, nearest(key, names), 'Every space: aka spaces');
  }

  /** The space of that name or id, which is asked for once for a command. */
  async #space(key: string): Promise<wire.Space> {
    const known = this.#known?.id === key || this.#known?.name === key ? this.#known : undefined;
    return known ?? this.#found(key, this.#api.spaces.get({ space: key }));
  }

  async #found(key: string, outcome: Promise<wire.Space>): Promise<wire.Space> {
    try {
      this.#known = await outcome;
      return this.#known;
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw await this.missing(key);
    }
  }

  /** The organization of an app that names none, which such an installation has no default for. */
  async #organization(): Promise<string> {
    const all = await this.#api.organizations.list();
    const chosen = all.length === 1 ? all[0] : all.find(({ default: isDefault }) => isDefault === true);
    if (chosen !== undefined) return chosen.name;
    throw new AppsApiError({
      id: 'org_missing',
      status: 422,
      message: `${this.#at} wants to know which organization the app belongs to.`,
      hint: `Name it: --org ${all.map(({ name }) => shown(name)).join('|') || 'ORG'}`,
    });
  }
}

/** A space with what its tags do there, and what they don't. */
function described(space: wire.Space): wire.Space {
  const effects = space.compliance.map((tag) => ({ compliance: tag, does: [...tagFacts(tag).does] }));
  return { ...withConcerns(space), effects };
}

/** A space with what its tags say and don't do, and whether it can be more than an entry of the list. */
function withConcerns(space: wire.Space): wire.Space {
  const concerns = tagConcerns(space.compliance);
  const isHalf = namespaceFault(space.name) !== undefined;
  return {
    ...space,
    ...(isHalf && { state: HALF_CREATED }),
    ...(concerns.length > 0 && { concerns }),
  };
}
