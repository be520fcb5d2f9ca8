import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An exchange with an Akkeris installation as it was recorded. */
export interface Exchange {
  readonly name: string;
  readonly request: {
    /** `controller-api`, or the gateway in front of it. */
    readonly via: string;
    readonly method: string;
    readonly path: string;
    /** null: it was left out, though clients send it. */
    readonly headers: Readonly<Record<string, string | null>>;
    /** Text is sent as it is, anything else as JSON. */
    readonly body: unknown;
  };
  /** Status 0: no answer ever came. */
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly bodyText: string;
  };
}

/** A deliberate difference: a line of differences.jsonl. */
export interface Difference {
  /** What it is about, for people. */
  readonly of: string;
  readonly why: string;
  /** The recorded exchanges that show it, and how: see compare.ts. A star at the end of a name stands for any rest. */
  readonly in?: readonly string[];
  readonly what?: readonly string[];
  /** Requests that are answered with 404 or 405. */
  readonly absent?: readonly string[];
  /** Values whose redaction shows it, by the names of their vars. */
  readonly vars?: readonly string[];
  /** Of what is not in the recording. */
  readonly theirs?: string;
  readonly ours?: string;
}

/** The redaction of a value by the controller, in the order in which they were tried. */
export interface Vector {
  readonly name: string;
  readonly value: string;
  readonly socs: string;
}

export const exchanges: readonly Exchange[] = lines('recorded-exchanges.jsonl');
/** Of builds, releases, process types, dynos, pipelines, hooks, addons and the rest. */
export const laterExchanges: readonly Exchange[] = lines('recorded-exchanges-2.jsonl');
export const listed: readonly Difference[] = lines('differences.jsonl');
export const vectors = JSON.parse(text('redaction-vectors.json')) as readonly Vector[];

/** The exchange of this name. Throws if there is none. */
export function recorded(name: string): Exchange {
  const found = [...exchanges, ...laterExchanges].find((each) => each.name === name);
  if (found === undefined) throw new Error(`No exchange named ${name} was recorded.`);
  return found;
}

/** What a recorded answer says, as JSON. */
export function answered<T>(name: string): T {
  return JSON.parse(recorded(name).response.bodyText) as T;
}

function lines<Line>(file: string): Line[] {
  return text(file)
    .split('\n')
    .flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line) as Line]));
}

function text(file: string): string {
  return readFileSync(join(import.meta.dirname, file), 'utf8');
}
