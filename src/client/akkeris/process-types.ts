import type { AppsApi, CallOptions } from '../../contract/apps-api.js';
import { AppsApiError, conflict, notFound, Unsupported } from '../../contract/errors.js';
import type { Dyno, Formation } from '../../contract/wire.js';
import { given } from '../../model/given.js';
import { shown } from '../../model/rule.js';

type Update = Parameters<AppsApi['formations']['update']>[0];
type Create = Parameters<AppsApi['formations']['create']>[0];
type DynoKey = Parameters<AppsApi['dynos']['restart']>[0];

/**
 * Changes a process type. Of any but web the installation wants the command with each change; and it makes a web type
 * where there is none of the one that is named, so that one is looked up before. Throws an {@link Unsupported} for what it
 * would leave out without a word.
 */
export async function updateType(
  { formations }: AppsApi,
  { healthcheck, grace, ...change }: Update,
): Promise<Formation> {
  const { app, type } = change;
  refuseGrace(grace);
  if (change.command === null)
    throw new Unsupported('take a command away', 'Name another: --command COMMAND');
  const found = type === 'web' ? undefined : await formations.get({ app, type });
  const command = change.command ?? found?.command ?? undefined;
  const check = healthcheck === null ? { removeHealthcheck: true } : { healthcheck };
  return formations.update({ ...change, ...given({ command, ...check }) });
}

/** Adds a process type. The installation makes one dyno of none, so that their number is set once more. */
export async function createType(
  { formations }: AppsApi,
  { grace, ...input }: Create,
  options: CallOptions | undefined,
): Promise<Formation> {
  refuseGrace(grace);
  const { app, type, quantity } = input;
  if (quantity !== 0) return formations.create(input, options);
  const { quantity: _, ...some } = input;
  const created = await formations.create(some, options);
  const change = { app, type: created.type, quantity, ...given({ command: created.command ?? undefined }) };
  return formations.update(change).catch((error: unknown) => {
    if (!(error instanceof AppsApiError)) throw error;
    throw conflict(
      'stored_otherwise',
      `Process type ${type} was created with ${created.quantity} dyno, and setting it to 0 failed: ${error.message}`,
      `Set it: aka ps:update ${shown(type)} --quantity 0 -a ${shown(app)}`,
    );
  });
}

/** It would be left out without a word. */
function refuseGrace(grace: Create['grace']): void {
  if (grace !== undefined) throw new Unsupported('set how long a dyno has to end');
}

/**
 * Restarts dynos of an app, all unless one or a type is named; returns which. The installation says that it does so even if
 * there is no such dyno.
 */
export async function restart(
  { dynos }: AppsApi,
  { app, dyno }: Omit<DynoKey, 'dyno'> & Partial<DynoKey>,
  found: Promise<Dyno[]>,
): Promise<Dyno[]> {
  const all = await found;
  if (dyno === undefined) {
    await dynos.restartAll({ app });
    return all;
  }
  const named = all.filter(({ name, type }) => name === dyno || type === dyno);
  if (named.length === 0) throw notFound('dyno', dyno, undefined, `Every dyno: aka ps -a ${shown(app)}`);
  await dynos.restart({ app, dyno });
  return named;
}
