import type { Compliance } from '../../model/compliance.js';
import type { AppName, SpaceName } from '../../model/names.js';

/** A space as it should be: plain values from one snapshot of the store. */
export interface DesiredSpace {
  readonly name: SpaceName;
  readonly compliance: readonly Compliance[];
  /** Every app in it has discovery vars, whether or not it runs. */
  readonly apps: readonly AppName[];
  /** Whether its dynos reach addresses outside of the space. */
  readonly egress: 'open' | 'sealed';
  /** What its dynos can request together; without it, what the orchestrator has. */
  readonly quota?: SpaceQuota;
}

export interface SpaceQuota {
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  readonly dynos: number;
}
