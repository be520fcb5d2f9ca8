import { CONFIG_NAME_MAX } from '../config-vars.js';
import { redactText } from '../redaction.js';
import { quote, RuleError } from '../rule.js';
import type { RedactionRules } from './names.js';

/** So many of each. */
const RULES_MAX = 100;

/** One or several words, as they are in a name: `licence`, `connection_string`. Of one letter would be every name. */
const WORD = /^(?=.{2,40}$)[A-Za-z][A-Za-z0-9]*(?:[_.-][A-Za-z0-9]+)*$/;

/** A name as a config var has it. */
const NAME = new RegExp(`^[A-Za-z_][A-Za-z0-9_]{0,${CONFIG_NAME_MAX - 1}}$`);

/** Throws a {@link RuleError} if an administrator can't add these. What may be a secret itself is not shown. */
export function checkRedactionRules({ words = [], exceptions = [] }: RedactionRules): void {
  checkEach(
    words,
    WORD,
    'a word that tells a secret',
    'It is 2 to 40 letters and digits, as in a name: licence',
  );
  checkEach(
    exceptions,
    NAME,
    'the name of a config var',
    'An exception is one name, written as it is set: COOKIE_DOMAIN',
  );
}

function checkEach(all: readonly string[], form: RegExp, what: string, hint: string): void {
  if (all.length > RULES_MAX) {
    throw new RuleError(
      'invalid_setting',
      `${all.length} are more than the ${RULES_MAX} that can be set.`,
      hint,
    );
  }
  const wrong = all.find((each) => !form.test(each) || redactText(each) !== each);
  if (wrong === undefined) return;
  const named = /^[A-Za-z0-9_.-]{1,20}$/.test(wrong) && redactText(wrong) === wrong;
  throw new RuleError('invalid_setting', `${named ? quote(wrong) : 'One of them'} is not ${what}.`, hint);
}
