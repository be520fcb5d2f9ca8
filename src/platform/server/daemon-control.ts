import type { DaemonStatus } from '../../contract/daemon.js';

/** What the user of the daemon may ask of the process itself, over the unix socket. */
export interface DaemonControl {
  status(): Promise<DaemonStatus>;
  /** Has the process end in order. It returns before anything of that happens, so that the answer gets out. */
  stop(): void;
}
