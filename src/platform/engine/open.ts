import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { NetworkMode, Pool } from '../../model/addresses.js';
import { discard } from '../files/trash.js';
import type { AgentCommand } from './agent-link.js';
import { type Engine, EngineError, type EngineEvents } from './engine.js';
import { LoopbackEngine } from './loopback-engine.js';
import { SubnetEngine, type SubnetOptions } from './subnet-engine.js';
import { missingTools } from './tools.js';

export interface EngineOptions {
  readonly pool: Pool;
  /** Runs a program that calls `runAgent()`. */
  readonly agent: AgentCommand;
  /** A private folder of the engine's own; what is in it is removed. */
  readonly dir: string;
  /** Tells platforms of one machine apart: 1 to 40 of `a-z0-9-`. */
  readonly name: string;
  /** The mode in force, once it is recorded; without it, subnets if they can be had. */
  readonly mode?: NetworkMode;
  /** Texts that dynos find in {@link ETC}, by name; without namespaces there is no such folder. */
  readonly etc?: Readonly<Record<string, string>>;
  /** The router's ports, which lead to it at 127.0.0.1 of every dyno, as 443 does. */
  readonly loopbackPorts?: readonly number[];
  readonly events: EngineEvents;
}

/** Opens the engine this machine allows. Throws an {@link EngineError} if the mode asked for can't be had. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { mode, dir, pool, events } = options;
  if (mode === 'loopback') {
    return LoopbackEngine.open({ dir, pool, events, because: 'the platform was set to it' });
  }
  const found = await openSubnet(options);
  if (found.engine !== undefined) return found.engine;
  const { because } = found;
  if (mode === 'subnet')
    throw new EngineError('failed', `The platform's network is subnets, but ${because}.`);
  return LoopbackEngine.open({ dir, pool, events, because });
}

async function openSubnet(
  options: Omit<EngineOptions, 'mode'> & Pick<SubnetOptions, 'runtimes' | 'machineNetwork' | 'commonOwner'>,
): Promise<{ engine: SubnetEngine } | { engine?: never; because: string }> {
  const lacking = whyNeverHere();
  if (lacking !== undefined) return { because: lacking };
  await discard(options.dir, dirname(options.dir), AbortSignal.abort());
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  const reasons: string[] = [];
  for (const rootless of process.getuid?.() === 0 ? [false, true] : [true]) {
    try {
      return { engine: await SubnetEngine.open({ ...options, rootless }) };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      reasons.push(error.message);
    }
  }
  return { because: `namespaces can't be had here (${reasons.join('; ')})` };
}

/** What keeps every user of this machine from namespaces, without a full stop. */
function whyNeverHere(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has namespaces';
  const missing = missingTools().map(({ package: name, programs }) => `${programs.join(', ')} (of ${name})`);
  return missing.length === 0 ? undefined : `namespaces take ${missing.join(' and ')}, not found here`;
}

/** The only space of an engine for builds, and its network. */
export const BUILD_SPACE = 'builds';
const BUILD_NETWORK = { first: 0, count: 1 };

/** What builds need of an engine. */
export type BuildEngine = Pick<Engine, 'facts' | 'ownerOf' | 'ended' | 'run' | 'stop' | 'list' | 'close'>;

/**
 * Opens an engine for builds: programs with files and processes of their own, in a network of their own that only
 * `onEgress` leads out of, or in the network of the machine. Their specs name {@link BUILD_SPACE}. `dir` and `name` are
 * its own, not those of the engine for dynos.
 */
export async function openBuildEngine(
  options: Omit<EngineOptions, 'mode'> & Pick<SubnetOptions, 'runtimes' | 'machineNetwork'>,
): Promise<BuildEngine> {
  const { dir, pool, events, machineNetwork } = options;
  const found = await openSubnet({ ...options, commonOwner: true });
  const engine = found.engine ?? (await LoopbackEngine.open({ dir, pool, events, because: found.because }));
  if (found.engine === undefined || machineNetwork !== true)
    await engine.ensureSpace({ name: BUILD_SPACE, network: BUILD_NETWORK });
  return engine;
}
