import { join } from 'node:path';
import * as z from 'zod/mini';

/*
 * What the process that serves the platform of a machine says of itself to its own user: over its unix socket, and
 * nowhere else. It is no part of the Apps API.
 */

/** GET answers the status; POST to `/daemon/stop` has it end in order, and answers before it does (202). */
export const DAEMON_PATH = '/daemon';
export const DAEMON_STOP_PATH = '/daemon/stop';

/** The unix socket of the platform with this data folder. */
export function socketOf(dataDir: string): string {
  return join(dataDir, 'aka.sock');
}

/** A TCP address as it is typed: HOST:PORT. */
export function listenText({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * What a part of the daemon has to say for `platform:status`. The name of a fact says its unit: `_bytes` are shown to
 * people in larger ones.
 */
export const StatusSection = z.looseObject({
  name: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
});
export type StatusSection = z.infer<typeof StatusSection>;

export const DaemonStatus = z.looseObject({
  pid: z.int(),
  version: z.string(),
  /** The process that restarts this one when it dies; null if there is none. */
  supervisor: z.optional(z.nullable(z.int())),
  /** How many times the supervisor restarted the daemon. */
  restarts: z.optional(z.int()),
  /** Why and when it did so last, such as `killed by SIGKILL`; null if it never did. */
  last_death: z.optional(z.nullable(z.object({ how: z.string(), at: z.string() }))),
  /** ISO 8601, UTC. */
  started_at: z.string(),
  /** Resident, in bytes. */
  memory_bytes: z.number(),
  /** For `--api`. */
  addresses: z.array(z.string()),
  /** What it was told to listen on besides the socket, as HOST:PORT. */
  listen: z.nullable(z.string()),
  /** The file of the token for TCP; null if the token was handed over, or none is needed. */
  token_file: z.nullable(z.string()),
  sections: z.array(StatusSection),
});
export type DaemonStatus = z.infer<typeof DaemonStatus>;
