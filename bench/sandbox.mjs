import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { timed } from './measure.mjs';
import { remark } from './report.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const AKA = join(root, 'bin', 'run.js');
const PEAK = join(root, 'bench', 'peak.cjs');

const TMPFS = 0x01021994;

/** Runs some work with a folder of its own, removed afterwards. `AKA_BENCH_DIR` says on which disk. */
export async function inFolder(work) {
  const folder = mkdtempSync(join(process.env.AKA_BENCH_DIR ?? tmpdir(), 'aka-bench-'));
  if (statfsSync(folder).type === TMPFS)
    remark('(in memory: commits cost nothing here; set AKA_BENCH_DIR to a disk)');
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The `aka` of this checkout with data, settings and code cache in a folder, and nothing of the user's. */
export class Sandbox {
  #folder;
  #env;

  constructor(folder) {
    if (!existsSync(join(root, 'dist', 'aka.cjs'))) throw new Error('There is no bundle yet: npm run build');
    this.#folder = folder;
    this.folders = { dataDir: join(folder, 'data'), configDir: join(folder, 'config') };
    this.#env = {
      PATH: process.env.PATH,
      HOME: folder,
      AKA_DATA_DIR: this.folders.dataDir,
      AKA_CONFIG_DIR: this.folders.configDir,
      AKA_CACHE_DIR: join(folder, 'cache'),
      AKA_BENCH_PEAK: join(folder, 'peak'),
    };
  }

  aka(...args) {
    this.node(AKA, ...args);
  }

  /** Runs Node itself. Throws if it fails, for a failure is quick. */
  node(...args) {
    const { status, stderr } = spawnSync(process.execPath, args, { env: this.#env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`node ${args.join(' ')}: ${stderr}`);
  }

  /** Milliseconds from start to end. */
  timeOf(...args) {
    return timed(() => this.aka(...args));
  }

  /** The most memory that was in use, in MB. */
  peakOf(...args) {
    this.node('--require', PEAK, AKA, ...args);
    return Number(readFileSync(this.#env.AKA_BENCH_PEAK, 'utf8'));
  }

  /** As after an upgrade, when nothing is compiled yet. */
  forgetCode() {
    rmSync(join(this.#folder, 'cache'), { recursive: true, force: true });
  }
}
