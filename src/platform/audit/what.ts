import { type RedactionRules, redact, redactText, redactValue } from '../../model/redaction.js';
import { printable } from '../../model/rule.js';

/** How long what a record says may be, in characters. */
const LENGTH_MAX = 300;

/** Members that name something secret by its name, and never hold it. */
const NAMES: ReadonlySet<string> = new Set(['credential', 'token']);

/**
 * The details of an audit record in one line for people: `name: value; name: value`. They were redacted when they were
 * written, and are once more, for what is known to be secret by now, by `rules` of an administrator, too.
 */
export function whatText(details: Readonly<Record<string, unknown>>, rules?: RedactionRules): string {
  const { reason, ...others } = details;
  // Of a refusal the reason says it all.
  const facts = typeof reason === 'string' && 'id' in others ? [] : partsOf(others, rules);
  const said = typeof reason === 'string' ? [...facts, redactText(reason, rules)] : facts;
  const text = printable(said.join('; ')).replace(/\s+/g, ' ');
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}...` : text;
}

function partsOf(members: object, rules: RedactionRules | undefined): string[] {
  return Object.entries(members).map(
    ([name, value]) => `${redactText(name, rules)}: ${valueText(name, value, rules)}`,
  );
}

function valueText(name: string, value: unknown, rules: RedactionRules | undefined): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? 'none' : value.map((each) => valueText(name, each, rules)).join(', ');
  }
  if (typeof value === 'object' && value !== null) return `(${partsOf(value, rules).join('; ')})`;
  if (value === null || value === undefined) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return NAMES.has(name) ? redactValue(text, rules) : redact(name, text, rules);
}
