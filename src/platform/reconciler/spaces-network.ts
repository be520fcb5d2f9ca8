import { freeDynoAddress } from '../../model/addresses.js';
import { WEB } from '../../model/formation.js';
import { type Engine, EngineError, type HostsEntry } from '../engine/engine.js';
import { serviceOf } from '../services/discovery.js';
import { giveBlock } from '../services/spaces.js';
import type { AppRecord } from '../store/apps.js';
import type { Store } from '../store/store.js';
import type { Dyno, Seat } from './dyno.js';
import { allowedHosts, domainHosts } from './hosts.js';
import type { Place } from './wanted.js';

/** Where ports begin that dynos are given where all share those of the machine. */
const SHARED_PORTS = { first: 20_000, last: 32_000 } as const;

interface SpaceState {
  /** The blocks it was made with; others may have come since. */
  blocks: string;
  ready: Promise<void>;
}

/**
 * The networks of spaces, as far as there are dynos for them: who sits where, which dynos answer at the address of an
 * app, and which names programs find.
 */
export class SpacesNetwork {
  readonly #spaces = new Map<string, SpaceState>();
  readonly #addresses = new Set<number>();
  readonly #ports = new Set<number>();
  /** The dynos that answer for an app, by its id. */
  readonly #answering = new Map<string, { readonly app: AppRecord; dynos: readonly Dyno[] }>();
  #nextPort: number = SHARED_PORTS.first;

  constructor(
    private readonly store: Store,
    private readonly engine: Engine,
    /** Hears of what went wrong with a service; it is tried again with the next change of it. */
    private readonly note: (text: string) => void,
  ) {}

  /** Resolves when a space has its network, with all its blocks and the address of every app in it. */
  async ready(space: AppRecord['space']): Promise<void> {
    const blocks = this.store.blocks.of(space);
    const key = blocks.join();
    const known = this.#spaces.get(space);
    if (known?.blocks === key) return known.ready;
    const made = (known?.ready ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.engine.ensureSpace({ name: space, blocks }));
    const state: SpaceState = { blocks: key, ready: made };
    this.#spaces.set(space, state);
    try {
      await made;
    } catch (error) {
      if (this.#spaces.get(space) === state) this.#spaces.delete(space);
      throw error;
    }
    if (known === undefined) this.refresh(space);
  }

  /** A free address in a space, which gets another block when it is full. Throws an AppsApiError if it can't. */
  seat(app: Pick<AppRecord, 'space'>, place: Pick<Place, 'port'>): Seat {
    const { store } = this;
    let address = freeDynoAddress(store.blocks.of(app.space), this.#addresses);
    // A new block has free addresses, or giving it throws.
    address ??=
      freeDynoAddress([store.db.transaction(() => giveBlock(store, app.space))], this.#addresses) ?? 0;
    this.#addresses.add(address);
    const shared = this.engine.facts.sharedPorts ? this.sharedPort() : undefined;
    return {
      address,
      port: shared ?? place.port,
      release: () => {
        this.#addresses.delete(address);
        if (shared !== undefined) this.#ports.delete(shared);
      },
    };
  }

  /** Says which dynos answer at the address of an app. */
  answer(app: AppRecord, dynos: readonly Dyno[]): void {
    this.#answering.set(app.id, { app, dynos });
    if (this.#spaces.has(app.space)) this.setService(app, dynos);
  }

  /** An app is gone. */
  remove(id: string): void {
    const known = this.#answering.get(id);
    this.#answering.delete(id);
    if (known === undefined || !this.#spaces.has(known.app.space)) return;
    this.engine
      .removeService(known.app.space, known.app.address)
      .catch(this.hear('An address was not given back'));
  }

  /** Takes the network of a space away, if there is one. */
  removeSpace(space: string): void {
    if (!this.#spaces.delete(space)) return;
    this.engine.removeSpace(space).catch(this.hear(`The network of space ${space} was not taken away`));
  }

  /** Apps of a space came or went: all of them have an address that answers, if only that nobody is there. */
  refresh(space: AppRecord['space']): void {
    if (!this.#spaces.has(space)) return;
    for (const app of this.store.apps.inSpace(space)) {
      const dynos = this.#answering.get(app.id)?.dynos;
      if (dynos === undefined) this.answer(app, []);
      else this.setService(app, dynos);
    }
  }

  /** The names that programs in a space find. */
  hosts(space: AppRecord['space']): HostsEntry[] {
    return [...domainHosts(this.store, space), ...allowedHosts(this.store, space)];
  }

  private setService(app: AppRecord, dynos: readonly Dyno[]): void {
    const targets = dynos
      .filter(({ place }) => place.type === WEB)
      .map((dyno) => ({ dyno: dyno.program, port: dyno.seat.port }));
    const { port } = serviceOf(this.store, app);
    this.engine
      .setService({ space: app.space, address: app.address, port, targets })
      .catch(this.hear(`The address of ${app.name} in space ${app.space} was not set`));
  }

  private hear(what: string): (error: unknown) => void {
    return (error) => {
      // A dyno that ended meanwhile is no target; its app is published again for that.
      if (error instanceof EngineError && (error.id === 'not_found' || error.id === 'lost')) return;
      this.note(`${what}: ${error instanceof Error ? error.message : 'unknown'}`);
    };
  }

  private sharedPort(): number {
    const count = SHARED_PORTS.last - SHARED_PORTS.first;
    for (let tries = 0; tries < count; tries++) {
      const port = this.#nextPort;
      this.#nextPort = port + 1 < SHARED_PORTS.last ? port + 1 : SHARED_PORTS.first;
      if (this.#ports.has(port)) continue;
      this.#ports.add(port);
      return port;
    }
    throw new EngineError('failed', 'Every port for dynos is taken.');
  }
}
