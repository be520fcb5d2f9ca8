import type { AppsApi } from '../../contract/apps-api.js';
import { notFound, Unsupported } from '../../contract/errors.js';
import type { Dyno, Formation } from '../../contract/wire.js';
import { given } from '../../model/given.js';
import { shown } from '../../model/rule.js';

type Update = Parameters<AppsApi['formations']['update']>[0];
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
  if (grace !== undefined) throw new Unsupported('set how long a dyno has to end');
  if (change.command === null)
    throw new Unsupported('take a command away', 'Name another: --command COMMAND');
  const found = type === 'web' ? undefined : await formations.get({ app, type });
  const command = change.command ?? found?.command ?? undefined;
  const check = healthcheck === null ? { removeHealthcheck: true } : { healthcheck };
  return formations.update({ ...change, ...given({ command, ...check }) });
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
