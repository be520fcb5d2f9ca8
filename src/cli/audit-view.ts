import type { AuditEvent } from '../contract/wire.js';
import { isDigest } from '../model/digest.js';
import { quote } from '../model/rule.js';
import { parseSince } from '../model/since.js';
import { usage } from './failure.js';

/** From where, and what changed or why it was refused. A platform that doesn't say so has neither. */
export function eventDetails({ info }: AuditEvent): { readonly origin: string; readonly details: string } {
  const { origin, details } = membersOf(parsed(info));
  return { origin: typeof origin === 'string' ? origin : '', details: textOf(membersOf(details)) };
}

/** Since when, as an instant: whoever answers may have another clock. Throws a RuleError. */
export function sinceIn(flag: string | undefined): string | undefined {
  return flag === undefined ? undefined : parseSince(flag, new Date()).toISOString();
}

/** The hash that somebody kept. Throws where it can't be one. */
export function headIn(flag: string | undefined): string | undefined {
  const head = flag?.trim().toLowerCase();
  if (head === undefined || isDigest(head)) return head;
  throw usage(
    `--against takes the head of an audit log, and ${quote(head)} is none.`,
    'It is 64 hexadecimal digits, as audits:verify, an export or a digest says it.',
  );
}

/** `name: value` of each, what is empty left out; the reason of a refusal is a sentence already. */
function textOf(members: Readonly<Record<string, unknown>>): string {
  const { reason, ...others } = members;
  const facts = Object.entries(others)
    .filter(([name]) => !(name === 'id' && reason !== undefined))
    .map(([name, value]) => [name, valueText(value)])
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `${name}: ${text}`);
  return [...(typeof reason === 'string' ? [reason] : []), ...facts].join('; ');
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value === 'string') return value;
  return value === null ? 'none' : JSON.stringify(value);
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
