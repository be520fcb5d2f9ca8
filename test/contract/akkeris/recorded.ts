import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A request to an Akkeris installation, and what it answered: byte for byte, but for the time that it took. */
export interface Exchange {
  readonly name: string;
  /** What is remarkable about it. */
  readonly note?: string;
  readonly request: {
    /** The controller itself, or the gateway that people's programs talk to. */
    readonly via: string;
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    /** As JSON, or as text that is none. */
    readonly body: unknown;
  };
  readonly response: {
    /** 0 if there was no answer. */
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly bodyText?: string;
  };
}

const FILE = join(import.meta.dirname, 'recorded-exchanges.jsonl');

/** Every exchange that was recorded, in its order. */
export const EXCHANGES: readonly Exchange[] = readFileSync(FILE, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Exchange);

/** The exchange of this name. Throws if there is none. */
export function recorded(name: string): Exchange {
  const found = EXCHANGES.find((each) => each.name === name);
  if (found === undefined) throw new Error(`No exchange named ${name} was recorded.`);
  return found;
}

/** What a recorded answer says, as JSON. */
export function answered<T>(name: string): T {
  return JSON.parse(recorded(name).response.bodyText ?? '') as T;
}
