import { AppsApiError } from '../../contract/errors.js';
import type { LogStream } from '../../contract/logs.js';
import { dynoName } from '../../model/formation.js';
import { appKey } from '../../model/names.js';
import { contain } from '../contain.js';
import { type Engine, EngineError } from '../engine/engine.js';
import { capacityIn } from '../services/capacity.js';
import { change } from '../services/change.js';
import { recordEviction, recordReturn } from '../services/places.js';
import { hideSecrets, maskSecrets, secretSetOf } from '../services/redaction.js';
import { settleRelease } from '../services/releases.js';
import type { Session } from '../services/session.js';
import { growNetworks } from '../services/spaces.js';
import type { AppRecord } from '../store/apps.js';
import type { DynoRecord } from '../store/dynos.js';
import { type AppGround, AppRun } from './app-run.js';
import { type Change, Changes } from './changes.js';
import type { Dyno } from './dyno.js';
import { environmentOf } from './environment.js';
import { PACE, type Pace } from './pace.js';
import type { Programs } from './programs.js';
import { Room } from './room.js';
import type { RouteTable } from './route-table.js';
import { SpacesNetwork } from './spaces-network.js';
import { type Place, readWanted, type Wanted } from './wanted.js';

/** Who says something: what runs by that name, or the platform of it. */
interface Said {
  readonly app: AppRecord;
  readonly dyno: string;
  readonly program?: string;
}

/** Where lines for the logs of apps go. */
export interface AppLogs {
  write(line: Said & { readonly stream: LogStream }, bytes: Buffer): void | Promise<void>;
  /** A dyno is over: what it said last is a line, also without an end. */
  end(dyno: Said): void;
  /** Resolves when what was written is on disk. */
  flush(): Promise<void>;
}

export interface ReconcilerOptions {
  /** On behalf of the platform. */
  readonly session: Session;
  readonly engine: Engine;
  /** Told of by the engine. */
  readonly programs: Programs;
  readonly routes: RouteTable;
  readonly logs: AppLogs;
  /** Where the slug of a digest is. */
  readonly slugFolder: (digest: string, space: string) => Promise<string>;
  /** What every dyno finds in its environment, such as which certificates to trust. */
  readonly given: Readonly<Record<string, string>>;
  /** Resolves when no request is under way to a program, at the latest after `ms`. */
  readonly drained: (program: string, ms: number) => Promise<void>;
  /** Hears of every change, after it was taken up here. */
  readonly onChange?: (changes: readonly Change[]) => void;
  /** For the platform's own log. */
  readonly note: (text: string) => void;
  readonly pace?: Partial<Pace>;
  /** Called when it may have changed who has room. */
  readonly onRoom?: () => void;
}

/** Before something is tried again that the machine was at fault for, in milliseconds. */
const RETRY = 1000;

/**
 * Makes what is be what should be: whenever something changes, in the store or with a dyno, it reads what there is to
 * be of the apps concerned, compares it with what there is, and does the next steps. It keeps no plan, so nothing is
 * lost when it is killed: the next one starts from what the store says.
 */
export class Reconciler {
  readonly #runs = new Map<string, AppRun>();
  readonly #dirty = new Set<string>();
  readonly #network: SpacesNetwork;
  readonly #ground: AppGround;
  readonly #room: Room;
  /** The places that had dynos when the platform ran last. */
  readonly #before = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #changes: Changes | undefined;
  #scheduled = false;
  #isMakingRoom = false;
  #closing = false;

  constructor(private readonly options: ReconcilerOptions) {
    const { session, engine, note, pace } = options;
    this.#network = new SpacesNetwork(session.store, engine, note);
    this.#room = new Room(capacityIn(session.store), () => this.schedule());
    this.#ground = this.ground({ ...PACE, ...pace });
  }

  /** Takes over from whoever ran before: nothing of theirs runs any more. */
  start(): void {
    const { store } = this.options.session;
    for (const { app, type, number } of store.dynos.all()) this.#before.add(placeKey(app, type, number));
    store.db.transaction(() => {
      store.dynos.clear();
      store.leftAddresses.clear();
      growNetworks(store);
    });
    this.#changes = new Changes(
      store,
      (changes) => this.hear(changes),
      (error) => this.failed('Changes could not be read', error),
    );
    for (const id of store.releases.appsWithSlugs()) this.touch(id);
  }

  /** Ends every dyno in order and resolves when all are gone. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#changes?.close();
    this.#room.close();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all([...this.#runs.values()].map((run) => run.close()));
  }

  /** The dynos of an app that there are. */
  dynosOf(app: string): readonly Dyno[] {
    return [...(this.#runs.get(app)?.dynos ?? [])];
  }

  get network(): SpacesNetwork {
    return this.#network;
  }

  /** Who has room on this machine. */
  get room(): Room {
    return this.#room;
  }

  private hear(changes: readonly Change[]): void {
    const { session, routes, onChange } = this.options;
    const { store } = session;
    routes.forget();
    const renamed = new Set<string>();
    if (changes.some(({ action }) => action === 'platform.configure')) {
      this.#room.capacity = capacityIn(store);
    }
    for (const { action, space, app } of changes) {
      if (space === null) continue;
      if (action === 'space.destroy') this.#network.removeSpace(space);
      if (action === 'app.create' || action === 'app.destroy' || action.startsWith('host.'))
        renamed.add(space);
      const there = app === null ? undefined : store.apps.byName(app, space);
      if (there !== undefined) this.touch(there.id);
      for (const [id, run] of this.#runs) {
        const [dyno] = run.dynos;
        if (dyno?.app.space === space && dyno.app.name === app) this.touch(id);
      }
    }
    for (const space of renamed) this.refresh(space as AppRecord['space']);
    onChange?.(changes);
  }

  /** Tells the dynos of a space which names there are now. */
  private refresh(space: AppRecord['space']): void {
    if (this.options.session.store.spaces.find(space) === undefined) return;
    void this.#network.refresh(space);
    const hosts = this.#network.hosts(space);
    for (const run of this.#runs.values()) {
      for (const dyno of run.dynos) {
        if (dyno.app.space !== space) continue;
        this.options.engine.setHosts(dyno.program, hosts).catch(() => undefined);
      }
    }
  }

  private touch(app: string): void {
    this.#dirty.add(app);
    this.schedule();
  }

  private schedule(): void {
    if (this.#scheduled || this.#closing) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      contain(
        () => this.converge(),
        (error) => {
          this.failed('Apps could not be brought to what they should be', error);
          for (const id of this.#runs.keys()) this.#dirty.add(id);
          setTimeout(() => this.schedule(), RETRY).unref();
        },
      );
    });
  }

  private later(app: string, ms: number): void {
    if (this.#timers.has(app) || this.#closing) return;
    const timer = setTimeout(() => {
      this.#timers.delete(app);
      this.touch(app);
    }, ms);
    this.#timers.set(app, timer);
  }

  /** First all say what they want, so that none takes the room of one who comes first; then each does its next steps. */
  private converge(): void {
    const wanted = new Map<string, Wanted | undefined>();
    let isMoved = false;
    for (const id of this.#dirty) this.attempt(id, () => wanted.set(id, this.claim(id)));
    this.#dirty.clear();
    for (let moved = this.#room.settle(); moved.size > 0; moved = this.#room.settle()) {
      isMoved = true;
      for (const id of moved) {
        if (!wanted.has(id)) this.attempt(id, () => wanted.set(id, this.claim(id)));
      }
    }
    const prodFirst = [...wanted].sort(([, a], [, b]) => rankOf(a) - rankOf(b));
    for (const [id, it] of prodFirst) {
      if (this.#closing) return;
      this.attempt(id, () => {
        const run = this.run(id);
        run.converge(it);
        if (it === undefined && run.isEmpty) this.drop(id);
      });
    }
    const wasMaking = this.#isMakingRoom;
    this.#isMakingRoom = this.#room.isBeingMadeForProd;
    // Room may have been made for what has no app to be moved, or be needed no more.
    if (isMoved || wasMaking !== this.#isMakingRoom) this.options.onRoom?.();
  }

  /** Reads what there is to be of an app, and says what room that takes. */
  private claim(id: string): Wanted | undefined {
    const { store } = this.options.session;
    const wanted = store.db.snapshot(() => readWanted(store, id));
    this.#room.claim(id, this.run(id).claims(wanted));
    return wanted;
  }

  private run(id: string): AppRun {
    const run = this.#runs.get(id) ?? new AppRun(this.#ground);
    this.#runs.set(id, run);
    return run;
  }

  /** What fails is tried again. */
  private attempt(id: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.failed('An app could not be brought to what it should be', error);
      setTimeout(() => this.touch(id), RETRY).unref();
    }
  }

  private drop(app: string): void {
    this.#runs.delete(app);
    this.#network.remove(app);
    this.options.routes.remove(app);
  }

  private say(app: AppRecord, { name }: Pick<Place, 'name'>, text: string): void {
    void this.options.logs.write({ app, dyno: name, stream: 'system' }, Buffer.from(`${text}\n`));
  }

  /** A dyno by the key of its claim. */
  private named(key: string): string | undefined {
    const [id = '', name = ''] = key.split(' ');
    const app = this.options.session.store.apps.byId(id);
    return app && `${name} of ${appKey(app.name, app.space)}`;
  }

  private failed(what: string, error: unknown): void {
    this.options.note(`${what}: ${error instanceof Error ? error.message : 'unknown'}`);
  }

  private ground(pace: Pace): AppGround {
    const { session, engine, programs, routes, logs, slugFolder, given, drained } = this.options;
    const { store, now } = session;
    const network = this.#network;
    /** What is known of a dyno is for people to see; that it can't be written must not end it. */
    const attempt = (what: string, work: () => void): void => {
      try {
        work();
      } catch (error) {
        this.failed(what, error);
      }
    };
    return {
      engine,
      pace,
      now,
      slugFolder,
      drained,
      grace: (app, { type }) => {
        let seconds: number | null | undefined;
        attempt('The grace time of a dyno could not be read', () => {
          seconds = store.formations.find(app.id, type)?.grace;
        });
        return seconds == null ? pace.grace : seconds * 1000;
      },
      network: ({ space }) => network.ready(space),
      seat: (app, place) => network.seat(app, place),
      environment: (app, run, place, port) =>
        store.db.snapshot(() => environmentOf(store, app, run, place, port, given)),
      hosts: ({ space }) => network.hosts(space),
      begin: (app, place, dyno) => {
        const { program } = dyno;
        programs.listen(program, (from, bytes) => {
          dyno.hear(from, bytes);
          return logs.write({ app, dyno: place.name, program, stream: from }, bytes);
        });
        return programs.ended(program).then((exit) => {
          logs.end({ app, dyno: place.name, program });
          logs.end({ app, dyno: place.name });
          return exit;
        });
      },
      keep: (dyno: Omit<DynoRecord, 'renew'>) =>
        attempt('The state of a dyno could not be kept', () => {
          // With its app went what is known of its dynos.
          if (store.apps.byId(dyno.app) !== undefined) store.dynos.put(dyno);
        }),
      forget: (id) => attempt('A dyno could not be forgotten', () => store.dynos.remove(id)),
      say: (app, place, text) => this.say(app, place, text),
      changed: ({ id }) => this.touch(id),
      settle: (release, failure) => settleRelease(session, release, failure),
      publish: (app, dynos) => {
        routes.answer(app.id, dynos);
        network.answer(app, dynos);
      },
      toRenew: () => new Set(store.dynos.toRenew()),
      room: this.#room,
      wasThere: (app, { type, number }) => this.#before.delete(placeKey(app.id, type, number)),
      giveWay: (app, place, reason, to) => {
        recordEviction(session, app, place, { reason, to: to && this.named(to.key) });
        this.say(app, place, `Evicted: ${reason}`);
      },
      comeBack: (app, place) => {
        recordReturn(session, app, place);
        this.say(app, place, 'There is room again: it is started');
      },
      lack: ({ id }, place, lack) =>
        attempt('What is in the way of a dyno could not be kept', () =>
          store.places.setLack({ ...place, app: id }, lack && { ...lack, at: now().toISOString() }),
        ),
      later: ({ id }, ms) => this.later(id, ms),
      keepAsIs: (id) => attempt('A dyno could not be kept as it is', () => store.dynos.keepAsIs(id)),
      secretsOf: ({ id }) => {
        try {
          return secretSetOf(store, id);
        } catch {
          return undefined;
        }
      },
      shown: (app, reason) => {
        try {
          return maskSecrets(store, app, reason);
        } catch {
          return 'failed; what of the reason is secret could not be told';
        }
      },
      explain: (error) => {
        const isKnown = error instanceof EngineError || error instanceof AppsApiError;
        if (isKnown) return error.message.replace(/\.$/, '');
        this.failed('A dyno could not be started', error);
        return 'the platform failed; its log says more: aka platform:logs';
      },
      gaveUp: (app, place, reason) =>
        attempt('That a dyno crashed could not be recorded', () =>
          change(
            session,
            { action: 'dyno.crash', input: {}, about: { app: app.name, space: app.space } },
            (draft) => {
              draft.details = {
                dyno: place.name,
                app: appKey(app.name, app.space),
                reason: hideSecrets(store, app.id, reason),
              };
            },
          ),
        ),
    };
  }
}

function rankOf(wanted: Wanted | undefined): number {
  return wanted?.space.compliance.includes('prod') === true ? 0 : 1;
}

function placeKey(app: string, type: string, number: number): string {
  return `${app} ${dynoName(type, number)}`;
}
