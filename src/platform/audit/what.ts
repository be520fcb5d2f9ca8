import { redactText } from '../../model/redaction.js';
import { printable } from '../../model/rule.js';

/** How long what a record says may be, in characters. */
const LENGTH_MAX = 300;

/**
 * The details of an audit record in one line for people: `name: value, name: value`. They were redacted when they were
 * written, and are once more, for what is known to be secret by now.
 */
export function whatText(details: Readonly<Record<string, unknown>>): string {
  // Of a refusal the reason says it all.
  const said = typeof details.reason === 'string' && 'id' in details ? [details.reason] : partsOf(details);
  const text = printable(redactText(said.join(', '))).replace(/\s+/g, ' ');
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}...` : text;
}

function partsOf(details: object): string[] {
  return Object.entries(details).map(([name, value]) => `${name.replaceAll('_', ' ')}: ${valueText(value)}`);
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueText).join(' ');
  if (typeof value === 'object' && value !== null) {
    return `(${partsOf(value).join(', ')})`;
  }
  return value === null ? 'none' : (JSON.stringify(value) ?? '');
}
