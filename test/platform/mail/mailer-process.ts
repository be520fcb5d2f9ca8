import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import type { Folders } from '../../../src/platform/store/store.js';
import { temporaryFolder } from '../store/temporary.js';

let program: string | undefined;

/** The program of mailer.ts in one file. */
function programFile(): string {
  if (program !== undefined) return program;
  const folder = temporaryFolder();
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'));
  program = join(folder, 'mailer.mjs');
  buildSync({
    entryPoints: [join(import.meta.dirname, 'mailer.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@photostructure/sqlite', 'nodemailer'],
    logLevel: 'error',
    banner: { js: "import{createRequire as make}from'node:module';const require=make(import.meta.url);" },
  });
  return program;
}

/** Runs what mails digests at that time until nothing is left to mail, or until it kills itself at a step. */
export async function runMailer({ dataDir, configDir }: Folders, time: string, die?: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [programFile(), dataDir, configDir, time, ...(die === undefined ? [] : [die])],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'close');
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'idle') child.kill('SIGTERM');
  });
  const [, signal] = (await ended) as [number | null, string | null];
  const wanted = die === undefined ? 'SIGTERM' : 'SIGKILL';
  if (signal !== wanted) throw new Error(`It ended by ${signal}, not ${wanted}.`);
}
