import type { Compliance } from '../../model/compliance.js';
import type { AppName, SpaceName } from '../../model/names.js';
import type { Size } from '../../model/sizes.js';

/** Which app. */
export interface AppRef {
  readonly space: SpaceName;
  readonly name: AppName;
}

/** Which dyno; `dyno` is its name within the app, such as `web.1`. */
export interface DynoRef {
  readonly app: AppRef;
  readonly dyno: string;
}

/** An app as it should be: plain values from one snapshot of the store. */
export interface DesiredApp {
  readonly app: AppRef;
  /** That of its space. */
  readonly compliance: readonly Compliance[];
  /** The release that runs; undefined before the first one succeeded. */
  readonly current: DesiredRelease | undefined;
  /** The release that replaces it once its dynos are ready. */
  readonly pending: DesiredRelease | undefined;
  readonly processes: readonly DesiredProcess[];
  /** Config vars of attached credentials as they are now; they win over those of the release. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly domains: readonly string[];
  readonly maintenance: boolean;
}

export interface DesiredRelease {
  readonly id: string;
  /** Counts from 1 within its app. */
  readonly version: number;
  readonly artifact: Artifact;
  /** By process type. */
  readonly commands: Readonly<Record<string, string>>;
  /** Config vars, without DYNO, PORT and discovery vars. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a release runs. */
export type Artifact =
  | {
      readonly kind: 'slug';
      /** Where dynos download it, with a token that is good for this slug only. */
      readonly url: string;
      readonly token: string;
    }
  | { readonly kind: 'image'; readonly image: string };

export interface DesiredProcess {
  readonly type: string;
  readonly quantity: number;
  readonly size: Size;
  /** Where its dynos listen. */
  readonly port: number;
  /** The path of a request that shows whether a web dyno is ready; null if a connection is enough. */
  readonly healthcheck: string | null;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly grace: number;
  readonly renewal: Renewal;
}

/** Dynos to replace by new ones of the same release. Times are ISO 8601. */
export interface Renewal {
  /** Every dyno that was started before. */
  readonly before: string | null;
  /** Single dynos by name: replaced if they were started before their time. */
  readonly dynos: Readonly<Record<string, string>>;
}
