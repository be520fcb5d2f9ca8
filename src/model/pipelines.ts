import { nearest } from './nearest.js';
import { quote, RuleError } from './rule.js';

/** The stages of a pipeline; what is promoted goes from left to right only. */
export const STAGES = ['review', 'development', 'staging', 'production'] as const;
export type Stage = (typeof STAGES)[number];

/** A pipeline's name that follows the rules; made by {@link parsePipelineName} only. */
export type PipelineName = string & { readonly __rule: 'PipelineName' };

/** So many apps a pipeline may have, in all of its stages. */
export const PIPELINE_APPS_MAX = 100;
/** So many contexts may be required before something is promoted to an app. */
export const REQUIRED_MAX = 20;
const CONTEXT_MAX = 255;

/** Parses the name of a new pipeline, as Akkeris allows it; upper case is folded. Throws a {@link RuleError}. */
export function parsePipelineName(input: string): PipelineName {
  // Tested as it is: there are other characters that fold to letters.
  if (/^[A-Za-z][A-Za-z0-9-]{2,29}$/.test(input)) return input.toLowerCase() as PipelineName;
  throw new RuleError(
    'invalid_pipeline_name',
    `${quote(input)} is not a name for a pipeline.`,
    'It has 3 to 30 letters, digits and dashes, a letter first.',
  );
}

/** Parses the name of a stage, in any case. Throws a {@link RuleError} that names the stages. */
export function parseStage(input: string): Stage {
  const folded = input.toLowerCase();
  const stage = STAGES.find((each) => each === folded);
  if (stage !== undefined) return stage;
  const near = nearest(folded, STAGES);
  throw new RuleError(
    'invalid_stage',
    `${quote(input)} is not a stage.`,
    `The stages are ${STAGES.join(', ')}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
  );
}

/** The stage after one; undefined after the last. */
export function stageAfter(stage: Stage): Stage | undefined {
  return STAGES[STAGES.indexOf(stage) + 1];
}

/** Whether something may be promoted from one stage to another: only to a later one. */
export function isForward(from: Stage, to: Stage): boolean {
  return STAGES.indexOf(from) < STAGES.indexOf(to);
}

/**
 * Parses the contexts that must be well before something is promoted to an app of a stage: each once, in the order
 * given. Nothing is promoted to the first stage, so nothing can be required there. Throws a {@link RuleError}.
 */
export function parseRequired(contexts: readonly string[], stage: Stage): string[] {
  const required = [...new Set(contexts)];
  for (const context of required) checkContext(context);
  if (required.length > 0 && stage === STAGES[0]) {
    throw new RuleError(
      'nothing_to_require',
      `Nothing is promoted to ${stage}, so no check can be required there.`,
      'Require it at the stage that is promoted to.',
    );
  }
  if (required.length > REQUIRED_MAX) {
    throw new RuleError(
      'too_many_contexts',
      `${required.length} contexts are required, the limit is ${REQUIRED_MAX}.`,
      'Let one check report for several.',
    );
  }
  return required;
}

/** Throws a {@link RuleError} if a text can't be the context of a status check. */
export function checkContext(context: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._:/\\+-]*$/.test(context) && context.length <= CONTEXT_MAX) return;
  throw new RuleError(
    'invalid_context',
    `${quote(context)} is not the context of a check.`,
    `It has letters, digits and . _ : / \\ + -, at most ${CONTEXT_MAX} of them: ci/tests, source/github.com/ann/shop.`,
  );
}
