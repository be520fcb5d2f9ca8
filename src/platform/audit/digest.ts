import type { RedactionRules } from '../../model/redaction.js';
import { printable } from '../../model/rule.js';
import type { AuditRecord, ChainLink, ChainState } from './chain.js';
import { isObject, membersOf } from './readable.js';
import { whatText } from './what.js';

/** So many of a kind are told one by one. */
export const TOLD_MOST = 300;

/** How long a name in one may be, in characters; none that the platform writes is longer. */
const NAME_MAX = 256;

/** A change or a refusal, as a digest tells it. */
export interface DigestEntry {
  readonly seq: number;
  readonly at: string;
  /** Who, and from where. */
  readonly username: string;
  readonly origin: string;
  readonly app: string | null;
  readonly action: string;
  /** What changed, or why it was refused, in a line; redacted. */
  readonly what: string;
}

/** Those of a kind that are told, the oldest first, and how many more there are. */
export interface Told {
  readonly entries: readonly DigestEntry[];
  readonly more: number;
}

/** What happened in a space in a time. */
export interface Digest {
  readonly space: string;
  readonly since: string;
  readonly until: string;
  /** The audit log of the whole platform at the end of that time. */
  readonly chain: ChainState;
  /** How many records there are: those of the space and, for administrators, those of the whole platform. */
  readonly records: number;
  /** By action, in the order of their names. */
  readonly counts: readonly { readonly action: string; readonly done: number; readonly refused: number }[];
  readonly changes: Told;
  readonly refusals: Told;
  /** Checks of builds that an administrator overruled; they are among the changes, too. */
  readonly overruled: Told;
}

export type DigestFrame = Pick<Digest, 'space' | 'since' | 'until' | 'chain'>;

/**
 * Makes a digest of records, however many there are: those beyond {@link TOLD_MOST} of a kind are only counted. What is
 * told follows the rules that administrators added.
 */
export function makeDigest(frame: DigestFrame, links: Iterable<ChainLink>, rules?: RedactionRules): Digest {
  const counts = new Map<string, { done: number; refused: number }>();
  const changes = new Telling(rules);
  const refusals = new Telling(rules);
  const overruled = new Telling(rules);
  let records = 0;
  for (const link of links) {
    const entry = readRecord(link);
    records += 1;
    const count = counts.get(entry.action) ?? { done: 0, refused: 0 };
    counts.set(entry.action, count);
    count[entry.outcome] += 1;
    (entry.outcome === 'done' ? changes : refusals).take(entry);
    if (entry.action === 'build.overrule' && entry.outcome === 'done') overruled.take(entry);
  }
  const { space, since, until, chain } = frame;
  return {
    space,
    since,
    until,
    chain,
    records,
    counts: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([action, count]) => ({ action, ...count })),
    changes: changes.told,
    refusals: refusals.told,
    overruled: overruled.told,
  };
}

class Telling {
  readonly #entries: DigestEntry[] = [];
  #more = 0;

  constructor(private readonly rules: RedactionRules | undefined) {}

  take({ seq, at, username, origin, app, action, details }: Readable): void {
    if (this.#entries.length === TOLD_MOST) this.#more += 1;
    else this.#entries.push({ seq, at, username, origin, app, action, what: whatText(details, this.rules) });
  }

  get told(): Told {
    return { entries: this.#entries, more: this.#more };
  }
}

type Readable = Pick<
  AuditRecord,
  'seq' | 'at' | 'username' | 'origin' | 'app' | 'action' | 'outcome' | 'details'
>;

function readRecord({ seq, record }: ChainLink): Readable {
  const said = membersOf({ record });
  const text = (name: keyof AuditRecord): string => {
    const value = said[name];
    return typeof value === 'string' ? printable(value).replace(/\s+/g, ' ').slice(0, NAME_MAX) : '';
  };
  const { details } = said;
  return {
    seq,
    at: text('at'),
    username: text('username'),
    origin: text('origin'),
    app: text('app') || null,
    action: (text('action') || 'unreadable') as AuditRecord['action'],
    outcome: said.outcome === 'refused' ? 'refused' : 'done',
    details: isObject(details) ? details : {},
  };
}
