import { nearest } from './nearest.js';
import { SPIKE_TEXT } from './ranks.js';
import { quote, Refusal, RuleError } from './rule.js';

/** Every compliance there is, in the order in which a set of them is stored and shown. */
export const COMPLIANCES = ['socs', 'prod', 'internal'] as const;
export type Compliance = (typeof COMPLIANCES)[number];

export interface ComplianceFacts {
  readonly name: Compliance;
  /** What it is, in a line. */
  readonly summary: string;
  /** What the platform does because of it. */
  readonly does: readonly string[];
  /** What it refuses from then on. */
  readonly refuses: readonly string[];
  /** What must be there before a space can be created with it. */
  readonly needs: readonly string[];
}

/** Said wherever a compliance can be chosen or is shown. */
export const FOR_EVER = 'Compliance is chosen when a space is created and can never be changed afterwards.';

export type Catalogue = { readonly [C in Compliance]: ComplianceFacts & { readonly name: C } };

export const CATALOGUE: Catalogue = {
  socs: {
    name: 'socs',
    summary: 'audited and redacted, for systems under SOC controls',
    does: [
      'every change and every refusal is recorded in a hash-chained audit log',
      'a digest of them is mailed to the administrators, each week unless told otherwise',
      'sensitive config values are shown as [redacted] to everybody and masked in logs; dynos get the real ones',
      'a build waits until its checks are well: of its repository, its app, and each pipeline of the app',
      'what is promoted into it waits for the same checks, and so does a new command of a process type',
      'an administrator can overrule a check, for a reason that stands in the audit log and in the digest',
    ],
    refuses: [
      '[redacted] written back as a value',
      'a build that names no repository and commit, or whose check failed; and a report by the one who asked for it',
      'config vars by which a runtime loads code, such as NODE_OPTIONS, except by an administrator',
      'giving credentials of its apps to apps of spaces that are not socs',
      'taking an app out of a pipeline, or what is required before a promotion, except by an administrator',
      'deleting an app, its credentials or the space, except by an administrator',
    ],
    needs: [],
  },
  prod: {
    name: 'prod',
    summary: 'production: comes first when resources are short',
    does: [
      'its dynos come first: those of other spaces give way to them, the newest first, and come back by themselves',
      'when CPU is short they get about four times the share of others, and when memory is, the kernel is told to end others first',
      `its dynos may go over the memory of their size: ${SPIKE_TEXT}`,
      'production credentials go to apps of prod spaces only',
      'fewer than two web dynos are warned of, and that one machine is never highly available is said',
    ],
    refuses: [
      'a stack that is still in beta',
      'giving credentials of its apps to apps of spaces that are not prod',
      'taking an app out of a pipeline, or what is required before a promotion, except by an administrator',
      'deleting an app, its credentials or the space, except by an administrator',
    ],
    needs: ['a stack that is generally available'],
  },
  internal: {
    name: 'internal',
    summary: 'reachable from internal networks only',
    does: [
      'domains are [app]-[space].internal.[stack].[base]',
      'apps are on the internal listener only; the public one answers as for an unknown name',
      'of clients there, only those in the networks that an administrator allows are let in',
      'dynos of other spaces, internal ones too, reach its apps only if an administrator opens the internal listener to their space: aka platform:allow-host INTERNAL-PORT --space SPACE',
    ],
    refuses: ['a stack whose region has no internal network'],
    needs: ['a region that is internal capable'],
  },
};

/** Whether a word is exactly one of the compliances (no other case, no substring). */
export function isCompliance(word: string): word is Compliance {
  return (COMPLIANCES as readonly string[]).includes(word);
}

/**
 * Parses compliance as people write it: `socs,prod`, in any order and case, blanks round the words, repeated, over
 * several values. Answers the set in the stored order.
 *
 * Throws a {@link RuleError} for an empty part or for any other word, with the nearest one: what can never be
 * changed is never guessed.
 */
export function parseCompliance(values: readonly string[]): Compliance[] {
  const words = values.flatMap((value) => value.split(',')).map((word) => word.trim());
  // Shown as it was typed: in another case, a secret in the wrong place would not be known for one.
  for (const word of words) if (!isCompliance(word.toLowerCase())) throw unknownCompliance(word);
  return checkCompliance(words.map((word) => word.toLowerCase()));
}

/**
 * Checks compliance as programs send it: each word exactly one of the three, in lower case. Answers the set in the
 * stored order; throws as {@link parseCompliance} does.
 */
export function checkCompliance(words: readonly string[]): Compliance[] {
  for (const word of words) if (!isCompliance(word)) throw unknownCompliance(word);
  return orderCompliance(words.filter(isCompliance));
}

function unknownCompliance(word: string): RuleError {
  if (word === '') {
    return new RuleError(
      'invalid_compliance',
      'A compliance is empty.',
      `Name one or more of ${COMPLIANCES.join(', ')}, with commas between them, or leave it out.`,
    );
  }
  const several = word
    .toLowerCase()
    .split(/[\s,;+|]+/)
    .filter(isCompliance);
  if (several.length > 1) {
    return new RuleError(
      'unknown_compliance',
      `${quote(word)} is not a compliance.`,
      `These are several, with commas between them: --compliance ${several.join(',')}`,
    );
  }
  const near = nearest(word, COMPLIANCES);
  return new RuleError(
    'unknown_compliance',
    `${quote(word)} is not a compliance.`,
    `${near === undefined ? '' : `Did you mean ${near}? `}There are ${COMPLIANCES.join(', ')}.`,
  );
}

/** The set of some compliances in the stored order, without repetitions. */
export function orderCompliance(compliance: Iterable<Compliance>): Compliance[] {
  const chosen = new Set(compliance);
  return COMPLIANCES.filter((each) => chosen.has(each));
}

/** Whether two sets of compliance are the same, whatever their order. */
export function sameCompliance(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [new Set(a), new Set(b)];
  return left.size === right.size && [...left].every((each) => right.has(each));
}

/** What a stack offers, as far as a compliance asks for it. */
export interface StackOffer {
  readonly name: string;
  readonly state: string;
  readonly region: { readonly name: string; readonly internalCapable: boolean };
}

/** Throws a {@link RuleError} if a space with this compliance can't be on that stack. */
export function checkStackFor(compliance: readonly Compliance[], stack: StackOffer): void {
  if (stack.state === 'deprecated') {
    throw new Refusal('deprecated_stack', `Stack ${stack.name} is deprecated.`, 'Choose another: aka stacks');
  }
  if (compliance.includes('internal') && !stack.region.internalCapable) {
    throw new Refusal(
      'internal_not_capable',
      `Region ${stack.region.name} of stack ${stack.name} has no internal network, which internal needs.`,
      'Choose a stack in a region that is internal capable: aka regions',
    );
  }
  if (compliance.includes('prod') && stack.state === 'beta') {
    throw new Refusal(
      'prod_on_beta',
      `Stack ${stack.name} is in beta; a prod space needs one that is generally available.`,
      'Choose another stack: aka stacks',
    );
  }
}
