import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { AppsApiError } from '../../src/contract/errors.js';
import { openPlatform } from '../../src/platform/embedded.js';
import { Database } from '../../src/platform/store/database.js';
import { perform, STEPS } from './workload.js';

/*
 * A process of its own that works on a platform, to be killed or to race others. It is told what to do on its command
 * line, waits for a byte on standard input, and writes a line of JSON for everything that is done.
 */
const [task = '', dataDir = '', configDir = '', ...rest] = process.argv.slice(2);
const { readSync, writeSync } = fs;

function say(what: unknown): void {
  writeSync(1, `${JSON.stringify(what)}\n`);
}

/** So that all of them start at once. */
function waitForStart(): void {
  say('ready');
  readSync(0, Buffer.alloc(1));
}

function open(): { api: AppsApi; id: string } {
  const platform = openPlatform({ dataDir, configDir });
  return { api: platform.as({ name: 'ann', role: 'admin', origin: 'cli' }), id: platform.id };
}

/** Calls `reached` before and after everything that this process asks of the database or the file system. */
function watch(reached: (what: string) => void): void {
  const wrap = (target: object, method: string): void => {
    const original = Reflect.get(target, method) as (...values: unknown[]) => unknown;
    Reflect.set(target, method, function (this: unknown, ...values: unknown[]) {
      reached(`before ${method}`);
      const result = original.apply(this, values);
      reached(`after ${method}`);
      return result;
    });
  };
  // Before the first statement of a transaction is after its BEGIN, after the last one before its COMMIT.
  for (const method of ['run', 'get', 'all', 'exec', 'transaction', 'snapshot', 'copyInto']) {
    wrap(Database.prototype, method);
  }
  const files = [
    'openSync',
    'writeSync',
    'fsyncSync',
    'fchmodSync',
    'chmodSync',
    'mkdirSync',
    'linkSync',
    'renameSync',
  ];
  for (const method of [...files, 'rmSync', 'closeSync']) wrap(fs, method);
  syncBuiltinESMExports();
}

const TASKS: Record<string, () => Promise<void>> = {
  /** Opens the platform and makes the changes, killed at the point of this number; says how many points there are. */
  async work() {
    const at = Number(rest[0]);
    let points = 0;
    watch(() => {
      if (points++ === at) process.kill(process.pid, 'SIGKILL');
    });
    const { api } = open();
    say('opened');
    if (rest[1] === 'open only') return say({ points });
    for (const step of STEPS) {
      await perform(api, step);
      say('done');
    }
    say({ points });
  },

  /** Makes spaces and apps without end, named after this process. */
  async loop() {
    const { api } = open();
    waitForStart();
    for (let n = 0; ; n++) {
      const space = `s${rest[0]}-${n}`;
      await api.spaces.create({ name: space, compliance: ['socs', 'prod'] }, { idempotencyKey: space });
      say(space);
      for (const app of ['web', 'api']) {
        await api.apps.create({ name: app, space });
        say(`${app}-${space}`);
      }
    }
  },

  /** Opens a platform that may not be there yet, and leaves a secret in it. */
  async open() {
    waitForStart();
    const { api, id } = open();
    const space = `by-${rest[0]}`;
    await api.spaces.create({ name: space });
    await api.apps.create({ name: 'web', space });
    await api.configVars.patch({ app: `web-${space}`, vars: { GREETING: space } });
    say(id);
  },

  /** Does the same creation many times; says how each came out. */
  async create() {
    const [noun, count, idempotencyKey] = rest;
    const options = idempotencyKey === undefined ? {} : { idempotencyKey };
    const { api } = open();
    waitForStart();
    for (let n = 0; n < Number(count); n++) {
      try {
        const made =
          noun === 'space'
            ? await api.spaces.create({ name: 'same', compliance: ['prod'] }, options)
            : await api.apps.create({ name: 'same', space: 'default' }, options);
        say({ made: made.id });
      } catch (error) {
        say(
          error instanceof AppsApiError
            ? { refused: `${error.status} ${error.id}` }
            : { failed: String(error) },
        );
      }
    }
  },
};

await (TASKS[task] ?? (() => Promise.reject(new Error(`There is no task ${task}.`))))();
