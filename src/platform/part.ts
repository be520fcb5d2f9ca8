import type { StatusSection } from '../contract/daemon.js';
import type { Logs } from './logs/logs.js';
import type { Platform } from './platform.js';
import type { Tunnels } from './server/tunnels.js';
import type { Folders } from './store/store.js';

/** What runs in the daemon besides the API, from when the data is open until before it is closed. */
export interface Part {
  /** For its log. */
  readonly name: string;
  /** Connections to dynos that it takes. */
  readonly tunnels?: Tunnels;
  /** What it has to say for `platform:status`. */
  status?(): Promise<StatusSection | StatusSection[]>;
  /** Ends it; what must not be waited for longer is left behind. */
  stop(): Promise<void>;
}

/** What parts are given. */
export interface Surroundings {
  readonly folders: Folders;
  readonly platform: Platform;
  readonly logs: Logs;
  /** Takes a line for the log of the daemon. */
  readonly note: (line: string) => void;
}

/** Starts a part. What it throws ends the start of the daemon, and is what whoever starts it is told. */
export type StartPart = (surroundings: Surroundings) => Part | Promise<Part>;
