import type { AppsApi } from '../contract/apps-api.js';
import type { Caller } from './caller.js';
import type { Prober } from './services/checks.js';
import type { Session } from './services/session.js';

/** A platform on this machine, opened by this process. */
export interface Platform {
  /** The id of its data, which names its key in the config folder. */
  readonly id: string;
  /** The Apps API on behalf of somebody; closing one of these does not close the platform. */
  as(caller: Caller): AppsApi;
  /** What services work with, for what runs in this process and does more than the API. */
  session(caller: Caller): Session;
  /** Has spaces checked by what runs in this process, until it is told undefined. */
  probeWith(prober: Prober | undefined): void;
  /** Gives back the database. */
  close(): void;
}
