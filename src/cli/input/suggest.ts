import { editDistance } from '../../model/nearest.js';

/** The most edits between what was typed and what is suggested. */
const MOST_EDITS = 2;

/** Verbs that take something away. They are suggested only for their own spelling with a slip in it. */
const TAKES_AWAY: ReadonlySet<string> = new Set([
  'deny-host',
  'destroy',
  'detach',
  'disable',
  'logout',
  'overrule',
  'remove',
  'restore',
  'revoke',
  'rollback',
  'rotate',
  'rotate-key',
  'stop',
  'unset',
]);

/** Verbs that are spelt alike and mean the opposite. */
const OPPOSITES: readonly (readonly [string, string])[] = [
  ['attach', 'detach'],
  ['login', 'logout'],
  ['allow', 'deny'],
];

/** Beginnings that turn a verb into its opposite. */
const OPPOSITE = /^(?:un|de|dis|re|no)-?/;

/**
 * The commands that were probably meant, at most three: the verb is compared within its topic, and a word alone with
 * topics and with the verbs of all topics. Never a verb that takes away for another word, nor one of opposite meaning.
 */
export function suggestCommands(typed: string, ids: readonly string[]): readonly string[] {
  const name = typed.toLowerCase();
  const at = name.lastIndexOf(':');
  if (at === -1) return ofWord(name, ids);
  const topic = closest(name.slice(0, at), topicsOf(ids)) ?? '';
  const verb = name.slice(at + 1);
  if (ids.includes(`${topic}:${verb}`)) return [`${topic}:${verb}`];
  const verbs = ids.filter((id) => id.startsWith(`${topic}:`)).map((id) => id.slice(topic.length + 1));
  const near = closest(verb, verbs);
  // `apps:logs` for `logs`.
  return near === undefined ? ids.filter((id) => id === verb) : [`${topic}:${near}`];
}

function ofWord(word: string, ids: readonly string[]): readonly string[] {
  const near = closest(word, [...ids.filter((id) => !id.includes(':')), ...topicsOf(ids)]);
  if (near !== undefined) return ids.includes(near) ? [near] : [`help ${near}`];
  const same = ids.filter((id) => id.endsWith(`:${word}`));
  if (same.length > 0) return same.slice(0, 3);
  const verb = closest(word, [...new Set(ids.filter((id) => id.includes(':')).map(verbOf))]);
  return verb === undefined ? [] : ids.filter((id) => id.endsWith(`:${verb}`)).slice(0, 3);
}

function topicsOf(ids: readonly string[]): readonly string[] {
  return [...new Set(ids.flatMap((id) => (id.includes(':') ? [id.slice(0, id.lastIndexOf(':'))] : [])))];
}

function verbOf(id: string): string {
  return id.slice(id.lastIndexOf(':') + 1);
}

/** The candidate that a word is a slip of, or the beginning of. */
function closest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length < 2 || word.length > 40) return undefined;
  const edits = (candidate: string): number => {
    const takesAway = TAKES_AWAY.has(candidate);
    const most = takesAway || word.length < 5 ? 1 : MOST_EDITS;
    if (isOpposite(word, candidate)) return Infinity;
    if (!takesAway && word.length >= 3 && candidate.startsWith(word)) return 1;
    const far = editDistance(word, candidate, most + 1);
    return far > most ? Infinity : far;
  };
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const far = edits(candidate);
    if (far < least) [best, least] = [candidate, far];
  }
  return best;
}

function isOpposite(word: string, candidate: string): boolean {
  return (
    OPPOSITES.some((pair) => pair.includes(word) && pair.includes(candidate)) ||
    (OPPOSITE.test(word) && word.replace(OPPOSITE, '') === candidate) ||
    (OPPOSITE.test(candidate) && candidate.replace(OPPOSITE, '') === word)
  );
}
