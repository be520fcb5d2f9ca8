import { randomUUID } from 'node:crypto';
import { AppsApiError, conflict } from '../../contract/errors.js';
import type { RunOrder } from '../../contract/tunnels.js';
import type { Capacity } from '../../model/capacity.js';
import { DEFAULT_PORT, dynoName, ONE_OFF } from '../../model/formation.js';
import { appKey } from '../../model/names.js';
import { printable, quote, RuleError } from '../../model/rule.js';
import { sizeIn } from '../../model/sizes.js';
import { argvOf } from '../../model/slug.js';
import type { Caller } from '../caller.js';
import { type Engine, EngineError, type Exit, type RunningProgram } from '../engine/engine.js';
import type { Seat } from '../reconciler/dyno.js';
import { environmentOf } from '../reconciler/environment.js';
import { lossText, noRoomText } from '../reconciler/lack.js';
import { limitsOf } from '../reconciler/limits.js';
import type { AppLogs } from '../reconciler/reconciler.js';
import type { Room } from '../reconciler/room.js';
import type { SpacesNetwork } from '../reconciler/spaces-network.js';
import { type Place, type Run, readWanted } from '../reconciler/wanted.js';
import { changeApp } from '../services/apps.js';
import { checkFitsHere } from '../services/capacity.js';
import { recordEviction } from '../services/places.js';
import { hideSecrets } from '../services/redaction.js';
import type { Session } from '../services/session.js';
import { spaceFor } from '../services/spaces.js';
import type { AppRecord } from '../store/apps.js';

export interface RunsOptions {
  /** On behalf of the platform. */
  readonly session: Session;
  readonly engine: Engine;
  readonly network: SpacesNetwork;
  readonly room: Pick<Room, 'enter' | 'leftFor' | 'capacity'>;
  readonly logs: AppLogs;
  /** Where the slug of a digest is. */
  readonly slugFolder: (digest: string, space: string) => Promise<string>;
  /** As for other dynos. */
  readonly given: Readonly<Record<string, string>>;
}

/** A one-off dyno that runs. */
export interface OneOff {
  /** Such as `run.1`. */
  readonly name: string;
  readonly running: RunningProgram;
  /** Ends it; resolves when nothing of it is left. */
  stop(): Promise<void>;
}

interface Known {
  readonly app: AppRecord;
  readonly place: Place;
  /** What the engine calls its program. */
  readonly program: string;
  /** The names it finds, as they were told last. */
  hosts: string;
  /** It has to end, also if it is only about to start. */
  isUnwanted: boolean;
}

/** One-off dynos of an app at a time. */
const RUNS_MOST = 32;
/** Between SIGTERM and SIGKILL, in milliseconds. */
const GRACE = 10_000;
const COMMAND_SHOWN = 1000;
/** So many bytes a command and its environment may have; the kernel allows a single string 128 KiB. */
const STRING_MAX = 128 * 1024 - 1;

/** The one-off dynos: programs that somebody runs by hand in a dyno of their own, as the current release would. */
export class Runs {
  readonly #known = new Set<Known>();

  constructor(private readonly options: RunsOptions) {}

  /**
   * Starts a program on behalf of somebody. Throws an AppsApiError: 404 for an unknown app, 409 if it has no release,
   * too many one-off dynos or no room, 503 if it could not be started; and a RuleError for a size or a name of a var.
   */
  async start(caller: Caller, key: string, order: RunOrder): Promise<OneOff> {
    const { app, run, place } = this.begin(caller, key, order);
    const known: Known = { app, place, program: `${randomUUID()}.0`, hosts: '', isUnwanted: false };
    this.#known.add(known);
    let seat: Seat | undefined;
    try {
      const leave = await this.enter(known);
      try {
        seat = withRoom(this.options.network.seat(app, place), leave);
      } catch (error) {
        leave();
        throw error;
      }
      const running = await this.launch(known, run, seat, order);
      this.say(app, place, `Started by ${caller.name}: ${place.command}`);
      const logged = order.detached === true ? this.log(known, running) : Promise.resolve();
      void running.exit.then((exit) => this.over(known, seat, exit, logged));
      if (known.isUnwanted) this.end(known);
      return { name: place.name, running, stop: () => this.options.engine.stop(known.program, GRACE) };
    } catch (error) {
      this.#known.delete(known);
      seat?.release();
      if (!(error instanceof EngineError)) throw error;
      this.say(app, place, `It could not be started: ${error.message}`);
      throw notStarted(error);
    }
  }

  /** Writes what a detached program prints to the log of its app, as for other dynos. Settles at its end. */
  private async log(
    { app, place, program }: Known,
    { stdin, stdout, stderr }: RunningProgram,
  ): Promise<void> {
    const { logs } = this.options;
    const dyno = { app, dyno: place.name, program };
    stdin.on('error', () => undefined).end();
    await Promise.all(
      (
        [
          ['stdout', stdout],
          ['stderr', stderr],
        ] as const
      ).map(async ([stream, from]) => {
        try {
          for await (const chunk of from) await logs.write({ ...dyno, stream }, chunk as Buffer);
        } catch {
          // The pipe broke with the program.
        }
      }),
    );
    logs.end(dyno);
  }

  /** Room for it, taken from those that come after it if need be. Returns what gives it back. */
  private async enter(known: Known): Promise<() => void> {
    const { app, place, program } = known;
    const { isProd, since, number, size } = place;
    const { memory, cpu } = size;
    const claim = { key: `${app.id} ${program}`, isProd, isExtra: false, since, number, memory, cpu };
    const { room, session } = this.options;
    const leave = await room.enter(claim, (loss) => {
      const reason = lossText(loss, size, room.leftFor(claim.key));
      try {
        recordEviction(session, app, place, { reason, to: undefined });
      } catch {
        // Without the record it stays; this is tried again with the next change of room.
        return false;
      }
      this.say(app, place, `Evicted: ${reason}`);
      this.end(known);
      return true;
    });
    if (leave === undefined) throw noRoom(place, room.leftFor(claim.key));
    return leave;
  }

  /** What the engine calls the program of a one-off dyno; undefined if there is no such dyno. */
  find(app: AppRecord, name: string): string | undefined {
    return [...this.#known].find((each) => each.app.id === app.id && each.place.name === name)?.program;
  }

  /** To be called when something changed: tells them new names, and ends those whose app is gone. */
  look(): void {
    const { session, engine, network } = this.options;
    for (const known of this.#known) {
      const { app, program } = known;
      if (session.store.apps.byId(app.id) === undefined) {
        this.end(known);
        continue;
      }
      const hosts = network.hosts(app.space);
      const text = JSON.stringify(hosts);
      if (text === known.hosts) continue;
      known.hosts = text;
      engine.setHosts(program, hosts).catch(() => undefined);
    }
  }

  private end(known: Known): void {
    known.isUnwanted = true;
    // One that the engine doesn't know yet is ended as soon as it does.
    void this.options.engine.stop(known.program, GRACE).catch(() => undefined);
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    await Promise.all([...this.#known].map(({ program }) => this.options.engine.stop(program, GRACE)));
  }

  /** Checks whether there may be one, and records that there is. */
  private begin(caller: Caller, key: string, order: RunOrder): { app: AppRecord; run: Run; place: Place } {
    const { session } = this.options;
    const { store } = session;
    const env = Object.keys(order.env ?? {});
    return changeApp({ ...session, caller }, key, { action: 'dyno.run', input: {} }, (draft, app) => {
      const run = readWanted(store, app.id)?.current;
      if (run === undefined) throw nothingToRun(app);
      checkOrder(order);
      const place = {
        ...this.placeFor(app),
        command: shownCommand(order, (line) => hideSecrets(store, app.id, line)),
        size: sizeIn(spaceFor(store, app.space).compliance, order.size),
      };
      checkFitsHere(store, place.size);
      draft.details = {
        dyno: place.name,
        size: place.size.name,
        command: place.command,
        release: run.release.version,
        ...(env.length > 0 && { env }),
      };
      return { app, run, place };
    });
  }

  /** The first free name. */
  private placeFor(app: AppRecord): Omit<Place, 'command' | 'size'> {
    const taken = [...this.#known].filter((each) => each.app.id === app.id).map(({ place }) => place.number);
    if (taken.length >= RUNS_MOST) {
      throw conflict(
        'too_many_runs',
        `${appKey(app.name, app.space)} has ${RUNS_MOST} one-off dynos already.`,
        'End one of them first.',
      );
    }
    let number = 1;
    while (taken.includes(number)) number += 1;
    const { store, now } = this.options.session;
    return {
      name: dynoName(ONE_OFF, number),
      type: ONE_OFF,
      number,
      port: DEFAULT_PORT,
      healthcheck: null,
      isProd: store.spaces.find(app.space)?.compliance.includes('prod') === true,
      since: now().toISOString(),
      lack: null,
    };
  }

  private async launch(known: Known, run: Run, seat: Seat, order: RunOrder): Promise<RunningProgram> {
    const { session, engine, network, slugFolder, given } = this.options;
    const { store } = session;
    const { app, place, program } = known;
    await network.ready(app.space);
    const { vars, knowsUntil, environmentSeq } = store.db.snapshot(() =>
      environmentOf(store, app, run, place, seat.port, given),
    );
    const [only = '', ...more] = order.command;
    const hosts = network.hosts(app.space);
    known.hosts = JSON.stringify(hosts);
    const terminal = order.terminal;
    const running = await engine.run(
      {
        id: program,
        space: app.space,
        address: seat.address,
        program: {
          argv: argvOf(run.slug, more.length === 0 ? only : order.command),
          env: { ...vars, ...(terminal && { TERM: terminal.kind }), ...order.env },
        },
        slug: await slugFolder(run.slug.digest, app.space),
        limits: limitsOf(place),
        hosts,
      },
      terminal && { rows: terminal.rows, columns: terminal.columns },
    );
    const now = session.now().toISOString();
    // Its app may be gone by now; then it ends as soon as that is heard of.
    if (store.apps.byId(app.id) !== undefined) {
      store.dynos.put({
        id: program,
        app: app.id,
        release: run.release.id,
        type: place.type,
        number: place.number,
        state: 'up',
        reason: null,
        address: seat.address,
        port: null,
        size: place.size.name,
        command: place.command,
        restarts: 0,
        knowsUntil,
        environmentSeq,
        createdAt: now,
        updatedAt: now,
      });
    }
    return running;
  }

  private async over(known: Known, seat: Seat | undefined, exit: Exit, logged: Promise<void>): Promise<void> {
    const { session, engine } = this.options;
    const { app, place, program } = known;
    // Nothing of it is left, and it is forgotten.
    await engine.stop(program, 0).catch(() => undefined);
    // What it printed last comes before its end.
    await logged;
    this.#known.delete(known);
    seat?.release();
    try {
      session.store.dynos.remove(program);
    } catch {
      // What is listed too much is cleared by the next daemon.
    }
    this.say(app, place, howItEnded(exit));
  }

  private say(app: AppRecord, place: Place, text: string): void {
    void this.options.logs.write({ app, dyno: place.name, stream: 'system' }, Buffer.from(`${text}\n`));
  }
}

/** Throws a RuleError for what no program can be given. Values are not shown: one may be a secret. */
function checkOrder({ command, env = {} }: RunOrder): void {
  for (const name of Object.keys(env)) {
    if (/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) continue;
    throw new RuleError(
      'invalid_env_name',
      `${/^[A-Za-z_.-]{1,32}$/.test(name) ? quote(name) : 'One of the names'} is not a name for a variable.`,
      'Write --env NAME=VALUE, the name with letters, digits and underscores only.',
    );
  }
  const strings = [...command, ...Object.entries(env).map((pair) => pair.join('='))];
  if (strings.every((text) => Buffer.byteLength(text) <= STRING_MAX)) return;
  throw new RuleError(
    'argument_too_long',
    'An argument or a variable is longer than a program can be given.',
    'Hand it over on standard input.',
  );
}

/** The command for people, without secrets. */
function shownCommand({ command }: RunOrder, hide: (line: string) => string): string {
  const [only = '', ...more] = command;
  const line =
    more.length === 0
      ? only
      : command.map((word) => (/[\s"'\\]|^$/.test(word) ? quote(word, 500) : word)).join(' ');
  const text = printable(hide(line)).replaceAll('\n', ' ');
  return text.length > COMMAND_SHOWN ? `${text.slice(0, COMMAND_SHOWN)}...` : text;
}

function howItEnded({ code, signal, overMemory, overTime }: Exit): string {
  if (overTime === true) return 'Ended: it had more memory than its size for longer than it may';
  if (overMemory === true) return 'Ended: it took more memory than its size allows';
  return code === null ? `Ended by ${signal}` : `Ended with code ${code}`;
}

function withRoom(seat: Seat, leave: () => void): Seat {
  return {
    ...seat,
    release() {
      seat.release();
      leave();
    },
  };
}

function noRoom({ size }: Place, room: Capacity): AppsApiError {
  return conflict(
    'no_room',
    `The dyno can't be started: ${noRoomText(size, room)}.`,
    'Name a smaller size, scale something down, or see who has the room: aka platform:status',
  );
}

function nothingToRun(app: AppRecord): AppsApiError {
  const key = appKey(app.name, app.space);
  return conflict(
    'no_release',
    `${key} has no release that could run something.`,
    `Build one: aka builds:create -a ${key} DIR`,
  );
}

function notStarted(error: EngineError): AppsApiError {
  return new AppsApiError({
    id: 'not_started',
    status: 503,
    message: `The dyno could not be started: ${error.message}`,
    hint: 'What is missing on this machine: aka platform:doctor',
  });
}
