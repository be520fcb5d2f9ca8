import { AppsApiError, conflict, notFound } from '../../contract/errors.js';
import { jsonFrame } from '../../contract/frames.js';
import { splice } from '../../contract/splice.js';
import { ForwardOrder } from '../../contract/tunnels.js';
import { WEB } from '../../model/formation.js';
import { appKey } from '../../model/names.js';
import { nearest } from '../../model/nearest.js';
import { type Engine, EngineError } from '../engine/engine.js';
import type { Dyno } from '../reconciler/dyno.js';
import type { Reconciler } from '../reconciler/reconciler.js';
import type { Tunnel } from '../server/tunnels.js';
import { appOf } from '../services/apps.js';
import { reading } from '../services/reads.js';
import type { Session } from '../services/session.js';
import type { AppRecord } from '../store/apps.js';
import { parseOrder } from './order.js';
import type { Runs } from './runs.js';

export interface ForwardOptions {
  /** On behalf of the platform. */
  readonly session: Session;
  readonly engine: Engine;
  readonly reconciler: Pick<Reconciler, 'dynosOf'>;
  readonly runs: Pick<Runs, 'find'>;
}

/** Where a connection goes. */
interface Target {
  readonly name: string;
  /** What the engine calls its program. */
  readonly program: string;
  readonly port: number;
}

/** Joins a connection to a port of a dyno. */
export function forwardTunnel({ session, engine, reconciler, runs }: ForwardOptions): Tunnel {
  let turn = 0;
  const targetOf = (app: AppRecord, order: ForwardOrder): Target => {
    const up = reconciler.dynosOf(app.id).filter((dyno) => dyno.isUp && !dyno.isStopping);
    const oneOff = order.dyno === undefined ? undefined : runs.find(app, order.dyno);
    if (order.dyno !== undefined && oneOff !== undefined) {
      if (engine.facts.sharedPorts) throw sharedPorts(order.port);
      return { name: order.dyno, program: oneOff, port: order.port };
    }
    const dyno =
      order.dyno === undefined ? healthy(up, turn++) : up.find(({ place }) => place.name === order.dyno);
    if (dyno === undefined) throw nobody(app, order.dyno, up);
    return { name: dyno.place.name, program: dyno.program, port: portOf(dyno, order.port) };
  };
  /** Where all share the ports of the machine, any but its own would be somebody else's. */
  const portOf = ({ place, seat }: Dyno, port: number): number => {
    if (!engine.facts.sharedPorts) return port;
    if (port === place.port || port === seat.port) return seat.port;
    throw sharedPorts(port);
  };
  return async ({ caller, app: key, order, socket }) => {
    const wanted = parseOrder(ForwardOrder, order);
    const theirs = { ...session, caller };
    const app = await reading(theirs, 'dynos.forward', { app: key }, () =>
      session.store.db.snapshot(() => appOf(theirs, key)),
    );
    const target = targetOf(app, wanted);
    const there = await engine.dial(target.program, target.port).catch((error: unknown) => {
      throw error instanceof EngineError ? unreachable(app, target, wanted.port, error) : error;
    });
    if (socket.destroyed) {
      there.destroy();
      return;
    }
    // Either end may be done with sending before the other is.
    there.allowHalfOpen = true;
    socket.allowHalfOpen = true;
    socket.write(jsonFrame('opened', { dyno: target.name }));
    splice(socket, there);
  };
}

/** Those that get the traffic of the app first, one after the other. */
function healthy(up: readonly Dyno[], turn: number): Dyno | undefined {
  const web = up.filter(({ place }) => place.type === WEB);
  const from = web.length > 0 ? web : up;
  return from[turn % Math.max(1, from.length)];
}

function nobody(app: AppRecord, which: string | undefined, up: readonly Dyno[]): AppsApiError {
  const key = appKey(app.name, app.space);
  const hint = `Its dynos: aka ps -a ${key}`;
  if (which === undefined) return conflict('no_dyno', `No dyno of ${key} is up.`, hint);
  const names = up.map(({ place }) => place.name);
  return notFound('dyno', which, nearest(which, names), hint);
}

function unreachable(app: AppRecord, { name }: Target, port: number, error: EngineError): AppsApiError {
  const key = appKey(app.name, app.space);
  if (error.id === 'refused') {
    return conflict(
      'nothing_listens',
      `Nothing listens on port ${port} of ${name} of ${key}.`,
      'A program that listens at 127.0.0.1 only is not reached either: it must listen at 0.0.0.0.',
    );
  }
  return new AppsApiError({
    id: 'unreachable_dyno',
    status: error.id === 'timeout' ? 504 : 503,
    message: `${name} of ${key} could not be reached: ${error.message}`,
  });
}

function sharedPorts(port: number): AppsApiError {
  return conflict(
    'shared_ports',
    `Dynos share the ports of the machine here, so ${port} may be anybody's.`,
    'Only the port of a web dyno itself can be forwarded.',
  );
}
