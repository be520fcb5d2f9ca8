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
  readonly response: { readonly status: number; readonly bodyText: string };
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

const HERE = 'test/contract/akkeris';

export const exchanges: readonly Exchange[] = lines('recorded-exchanges.jsonl');
export const listed: readonly Difference[] = lines('differences.jsonl');
export const vectors = JSON.parse(text('redaction-vectors.json')) as readonly Vector[];

function lines<Line>(file: string): Line[] {
  return text(file)
    .split('\n')
    .flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line) as Line]));
}

function text(file: string): string {
  return readFileSync(join(HERE, file), 'utf8');
}
