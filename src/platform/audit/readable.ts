import type { AuditRecord, ChainLink } from './chain.js';

type Members = Partial<Record<keyof AuditRecord, unknown>>;

/** What a record says, as far as it can be read: one that somebody damaged must not keep the others from being told. */
export function membersOf({ record }: Pick<ChainLink, 'record'>): Members {
  try {
    const value: unknown = JSON.parse(record);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** The space that a record is about; null also where that can't be read, so that its text is told to nobody. */
export function spaceIn(link: Pick<ChainLink, 'record'>): string | null {
  return textOrNull(membersOf(link).space);
}

/** A member of a record that is a text; null for any other. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Whether a value is an object with members. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
