import { type Catalogue, COMPLIANCES, type Compliance, isCompliance } from './compliance.js';
import { nearest } from './nearest.js';
import { shown } from './rule.js';

/*
 * What spaces come to on an Akkeris installation. It stores any word as compliance, and compares it in two ways: some of
 * its code asks whether a tag begins with a word, other code whether it is that word; only domains ignore case.
 */

/** What a compliance does there, in sentences without full stops. It is less than what it promises here. */
const EFFECTS: Readonly<Record<Compliance, readonly string[]>> = {
  socs: [
    'config values that look like secrets are shown as [redacted], though not all of them are known for what they are',
    'deleting apps and addons, and builds that come from no repository, take an administrator',
    'nothing has builds wait for status checks, and nobody is mailed audit logs',
  ],
  prod: [
    'sizes of dynos get -prod, which sets memory aside for them; nothing else prefers them to others',
    'deleting apps and addons, and builds that come from no repository, take an administrator',
    'addons that require it are for such spaces only',
  ],
  internal: ['its apps have domains of the internal network, and are reached there only'],
};

/** What is to be known there before a compliance is chosen. */
export const AKKERIS_CATALOGUE: Catalogue = {
  socs: {
    name: 'socs',
    summary: 'hides config values that look like secrets',
    does: EFFECTS.socs,
    refuses: ['giving addons of its apps to apps of spaces that are not socs'],
    needs: [],
  },
  prod: {
    name: 'prod',
    summary: 'production: sets memory aside for dynos',
    does: EFFECTS.prod,
    refuses: [
      'a stack that is still in beta',
      'giving addons of its apps to apps of spaces that are not prod',
    ],
    needs: ['a stack that is generally available'],
  },
  internal: {
    name: 'internal',
    summary: 'reachable from internal networks only',
    does: EFFECTS.internal,
    refuses: ['a stack whose region has no internal network'],
    needs: ['a region that is internal capable'],
  },
};

/** What a tag does on an Akkeris installation, and what stands against it if that is not what it says. */
export interface TagFacts {
  readonly tag: string;
  readonly does: readonly string[];
  /** The compliance it looks like, or begins as, if it is none. */
  readonly meant?: readonly Compliance[];
  /** A sentence without a full stop; none for a tag that does all it says, or says nothing of compliance. */
  readonly broken?: string;
}

/** What a compliance tag of a space does on an Akkeris installation. */
export function tagFacts(tag: string): TagFacts {
  if (isCompliance(tag)) return { tag, does: EFFECTS[tag] };
  const meant = meantBy(tag);
  const half = (['socs', 'prod'] as const).find((each) => tag.startsWith(each));
  const word = shown(tag);
  if (half !== undefined) {
    const missed = meant.filter((each) => each !== half);
    const never = missed.length === 0 ? '' : `, and never ${missed.join(' or ')}`;
    return {
      tag,
      meant,
      does: [HALF[half]],
      broken: `${word} is not ${half}: it counts as that in part only${never}`,
    };
  }
  if (tag.toLowerCase() === 'internal') {
    return {
      tag,
      meant,
      does: ['domains say that its apps are internal, but they are on the public network'],
      broken: `${word} is not internal: domains say so, but its apps are on the public network`,
    };
  }
  const does = ['a tag without any effect'];
  return meant.length === 0
    ? { tag, does }
    : { tag, meant, does, broken: `${word} is not ${meant.join(',')}, and has no effect` };
}

/** What code that asks how a tag begins makes of one that begins as these. */
const HALF: Readonly<Record<Exclude<Compliance, 'internal'>, string>> = {
  socs: 'counts as socs for hiding secrets and for deletion, but not for addons',
  prod: 'counts as prod for sizes and for deletion, but not for addons',
};

/** The compliances that somebody had in mind who made this a tag. */
function meantBy(tag: string): readonly Compliance[] {
  const word = tag.toLowerCase();
  const within = COMPLIANCES.filter((each) => word.includes(each));
  if (within.length > 0) return within;
  const near = nearest(word, COMPLIANCES);
  return near === undefined ? [] : [near as Compliance];
}

/** The compliance that somebody had in mind who gave a space these tags. */
export function meantByAll(tags: readonly string[]): Compliance[] {
  const meant = tags.flatMap((tag) => (isCompliance(tag) ? [tag] : (tagFacts(tag).meant ?? [])));
  return COMPLIANCES.filter((each) => meant.includes(each));
}

/** What tags do not do that they say, and the command for a space that does: none of it can be changed where it is. */
export function tagConcerns(
  tags: readonly string[],
): { compliance: string; problem: string; remedy?: string }[] {
  if (tags.every(isCompliance)) return [];
  const remedy = `aka spaces:create NAME --compliance ${meantByAll(tags).join(',')}`;
  return tags.flatMap((tag) => {
    const { broken } = tagFacts(tag);
    return broken === undefined ? [] : [{ compliance: tag, problem: broken, remedy }];
  });
}

/** The tags in the form that apps show them in: `compliance=socs,compliance=prod`. */
export function tagsOfApp(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim().replace(/^compliance=/, ''))
    .filter((each) => each !== '');
}

/** The state of a space that is in the list and nowhere else. */
export const HALF_CREATED = 'half_created';

/** Names that the controller takes for a space, and its cluster does not. */
const CLUSTER_RESERVED: ReadonlySet<string> = new Set(['akkeris']);

/**
 * Why there can be no namespace of this name in a cluster; undefined if there can. A space of such a name is in the
 * list and nowhere else: the controller writes it down before it asks the cluster, and leaves it there.
 */
export function namespaceFault(space: string): string | undefined {
  if (space.length > 63) return `it has ${space.length} characters, more than 63`;
  if (/^-|-$/.test(space)) return 'it begins or ends with a dash';
  if (/[^a-z0-9-]/.test(space)) return 'it has characters other than lower case letters, digits and dashes';
  return CLUSTER_RESERVED.has(space) ? 'the cluster keeps it for itself' : undefined;
}

/** Whether the name of an app makes a discovery var that programs can read by its name, and a service of a cluster. */
export function isDiscoverable(app: string): boolean {
  return /^[a-z][a-z0-9]*$/.test(app);
}
