import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder that all workers of this run share; it is removed when the run ends. */
export const RUN = process.env.AKA_TEST_RUN ?? '';

/**
 * Has one worker of the run make something in a folder, and the others wait for it. Returns the folder. Throws in every
 * worker if `make` throws.
 */
export async function oncePerRun(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(RUN, name);
  const outcome = join(RUN, `${name}.outcome`);
  if (!isFirst(folder)) {
    await appears(outcome);
  } else {
    const failure = await make(folder).then(
      () => '',
      (error: unknown) => String(error),
    );
    writeFileSync(`${outcome}.draft`, failure);
    renameSync(`${outcome}.draft`, outcome);
  }
  const failure = readFileSync(outcome, 'utf8');
  if (failure !== '') throw new Error(failure);
  return folder;
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

async function appears(file: string): Promise<void> {
  const watcher = watch(RUN);
  while (!existsSync(file)) await once(watcher, 'change');
  watcher.close();
}
