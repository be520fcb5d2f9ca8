import type { AppsApi } from '../contract/apps-api.js';
import { EXIT } from './exit-codes.js';
import { CommandError } from './failure.js';

/** Throws if nothing on the platform does what it is told; `so` says what that means, `instead` what else could be done. */
export async function checkRuns({ platform }: AppsApi, so: string, instead = ''): Promise<void> {
  const { running } = await platform.info();
  if (running !== false) return;
  throw new CommandError({
    id: 'not_running',
    message: `The platform isn't running: ${so}.`,
    hint: `Start it: aka platform:start${instead}`,
    exit: EXIT.unreachable,
  });
}
