import type { Build, Dyno, Promotion, Release, ReleaseStatuses } from './wire.js';

/**
 * How the result of an operation is written for clients of Akkeris, where we have it otherwise. What ours has and theirs
 * hasn't goes along in a member of its own, from which our client has it back; an Akkeris installation sends none.
 */
export interface WireForm {
  readonly toWire: (result: never) => unknown;
  readonly fromWire: (sent: never) => unknown;
}

/** The slug of a release is sent by the id of the build that made it; without a build, by the release's own. */
const release = {
  toWire: (one: Release): Release => ({
    ...one,
    slug: { id: one.build?.id ?? one.id, digest: one.slug?.id ?? null },
  }),
  fromWire: withOwnSlug<Release>,
};

/** The slug of a build has its id, also while there is none; its author is who asked for it. */
const build = {
  toWire: ({ source_blob: blob, number, user, ...rest }: Build): Build => ({
    ...rest,
    ...(number !== undefined && { number }),
    ...(user !== undefined && { user }),
    ...(blob !== undefined && { source_blob: { ...blob, author: user?.email ?? null, message: null } }),
    slug: { id: rest.id, digest: rest.slug?.id ?? null, number: String(number ?? 0) },
  }),
  fromWire: (sent: Build): Build => {
    if (sent.slug?.digest === undefined || sent.source_blob === undefined) return withOwnSlug(sent);
    const { author: _author, message: _message, ...source_blob } = sent.source_blob;
    return withOwnSlug({ ...sent, source_blob });
  },
};

/** The name of a dyno is sent without its type, which clients of Akkeris put before it. */
const dyno = {
  toWire: (one: Dyno) => ({
    ...one,
    name: one.name.slice(one.type.length + 1),
    key: one.name,
    attach_url: '',
    additional_info: one.reason ?? '',
  }),
  fromWire: (sent: Dyno): Dyno => {
    const { key, attach_url: _url, additional_info: _info, ...rest } = sent;
    return typeof key === 'string' ? { ...rest, name: key } : sent;
  },
};

export const wireForms = {
  build,
  builds: listOf(build),
  release,
  releases: listOf(release),
  releaseStatuses: {
    toWire: (result: ReleaseStatuses) => ({
      ...result,
      ...(result.release !== undefined && { release: release.toWire(result.release) }),
    }),
    fromWire: (sent: ReleaseStatuses): ReleaseStatuses => ({
      ...sent,
      ...(sent.release !== undefined && { release: release.fromWire(sent.release) }),
    }),
  },
  dynos: listOf(dyno),
  /** Akkeris has one status only, and the app's name without its space. */
  promotion: {
    toWire: ({ source, status, ...rest }: Promotion) => {
      const { name = '' } = source.app;
      const simple = name.slice(0, name.length - 1 - (source.space?.name.length ?? -1));
      return {
        ...rest,
        source: { ...source, app: { ...source.app, name: simple, key: name } },
        status: 'successful',
        progress: status,
      };
    },
    fromWire: ({ progress, ...sent }: Promotion & { progress?: string }): Promotion => {
      const { key, ...app } = sent.source.app as Promotion['source']['app'] & { key?: string };
      return {
        ...sent,
        source: { ...sent.source, app: { ...app, ...(key !== undefined && { name: key }) } },
        status: progress ?? sent.status,
      };
    },
  },
} satisfies Record<string, WireForm>;

function withOwnSlug<Sent extends Pick<Release, 'slug'>>(sent: Sent): Sent {
  const digest = sent.slug?.digest as string | null | undefined;
  return digest === undefined ? sent : { ...sent, slug: digest === null ? null : { id: digest } };
}

function listOf<Item, Sent>(form: { toWire: (item: Item) => Sent; fromWire: (sent: Sent) => Item }) {
  return {
    toWire: (items: Item[]) => items.map((item) => form.toWire(item)),
    fromWire: (sent: Sent[]) => sent.map((item) => form.fromWire(item)),
  };
}
