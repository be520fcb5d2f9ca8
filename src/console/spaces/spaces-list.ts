import type { Dyno, Space } from '../../contract/wire.js';
import { COMPLIANCES } from '../../model/compliance.js';

/** What the list of spaces is narrowed to. */
export interface SpaceListFilter {
  /** In name, description or stack. */
  readonly text: string;
  /** A compliance, `none`, or empty for all. */
  readonly compliance: string;
  /** Only spaces with something that is not as it should be. */
  readonly attention: boolean;
  /** From 1. */
  readonly page: number;
}

export const PAGE_SIZE = 50;

/** The choices of the compliance filter. */
export const COMPLIANCE_FILTERS = ['', ...COMPLIANCES, 'none'] as const;

/** Reads the filter in the address of the page. */
export function filterIn(query: URLSearchParams): SpaceListFilter {
  const page = Number(query.get('page') ?? 1);
  const compliance = query.get('compliance') ?? '';
  return {
    text: query.get('q') ?? '',
    compliance: (COMPLIANCE_FILTERS as readonly string[]).includes(compliance) ? compliance : '',
    attention: query.get('attention') === '1',
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

/** The filter as the address of the page has it. */
export function queryOf({ text, compliance, attention, page }: SpaceListFilter): Record<string, string> {
  return { q: text, compliance, attention: attention ? '1' : '', page: page === 1 ? '' : String(page) };
}

/** The spaces that pass a filter, whatever the page. */
export function matching(spaces: readonly Space[], filter: SpaceListFilter): Space[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return spaces.filter((space) => {
    if (filter.compliance === 'none' && space.compliance.length > 0) return false;
    if (!['', 'none'].includes(filter.compliance) && !space.compliance.includes(filter.compliance))
      return false;
    if (filter.attention && issuesOf(space).length === 0) return false;
    const text = `${space.name} ${space.description ?? ''} ${space.stack.name}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Something about a space that is not as its compliance or the platform promises. */
export interface Issue {
  readonly problem: string;
  /** The command that fixes it; undefined if nothing does. */
  readonly remedy: string | undefined;
  readonly kind: 'concern' | 'not enforced';
}

/** What is not enforced in a space, and what about it its compliance would have otherwise. */
export function issuesOf({ network, concerns = [] }: Space): Issue[] {
  const open = network?.not_enforced ?? [];
  return [
    ...open.map(
      ({ promise, how }): Issue => ({
        problem: `${promise}: ${how}`,
        remedy: undefined,
        kind: 'not enforced',
      }),
    ),
    ...concerns.map(({ problem, remedy }): Issue => ({ problem, remedy, kind: 'concern' })),
  ];
}

/** How many dynos are up, of how many; `state` is the worst of theirs. */
export function dynosUp(dynos: readonly Pick<Dyno, 'state'>[]): { up: number; all: number; state: string } {
  const states = dynos.map(({ state }) => state);
  return {
    up: states.filter((state) => state === 'up').length,
    all: states.length,
    state: WORST_FIRST.find((state) => states.includes(state)) ?? 'up',
  };
}

const WORST_FIRST = ['crashed', 'down', 'evicted', 'waiting', 'starting', 'stopping'];
