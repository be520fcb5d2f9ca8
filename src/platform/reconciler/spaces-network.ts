import { blocksOf, freeDynoAddress, type Network, networkOf } from '../../model/addresses.js';
import { WEB } from '../../model/formation.js';
import { type Engine, EngineError, type HostsEntry } from '../engine/engine.js';
import { serviceOf } from '../services/discovery.js';
import { subnetFull } from '../services/spaces.js';
import type { AppRecord } from '../store/apps.js';
import type { Store } from '../store/store.js';
import type { Dyno, Seat } from './dyno.js';
import { allowedHosts, domainHosts } from './hosts.js';
import type { Place } from './wanted.js';

/** Where ports begin that dynos are given where all share those of the machine. */
const SHARED_PORTS = { first: 20_000, last: 32_000 } as const;

/**
 * The networks of spaces, as far as there are dynos for them: who sits where, which dynos answer at the address of an
 * app, and which names programs find.
 */
export class SpacesNetwork {
  /** Each resolves when the network of a space is made. */
  readonly #spaces = new Map<string, Promise<void>>();
  /** They stay as they were when they were first used, since dynos don't change their addresses. */
  readonly #subnets = new Map<string, Network>();
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

  /** Resolves when a space has its network, with the address of every app in it. */
  async ready(space: AppRecord['space']): Promise<void> {
    const known = this.#spaces.get(space);
    if (known !== undefined) return known;
    const made = this.engine
      .ensureSpace({ name: space, network: this.subnet(space) })
      .then(() => this.refresh(space));
    this.#spaces.set(space, made);
    try {
      await made;
    } catch (error) {
      if (this.#spaces.get(space) === made) this.#spaces.delete(space);
      throw error;
    }
  }

  /** A free address in the subnet of a space. Throws an AppsApiError if it is full. */
  seat(app: Pick<AppRecord, 'space'>, place: Pick<Place, 'port'>): Seat {
    const subnet = this.subnet(app.space);
    const address = freeDynoAddress(blocksOf(subnet), this.#addresses);
    if (address === undefined) throw subnetFull(this.store, app.space, subnet);
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
    if (this.#spaces.has(app.space)) void this.setService(app, dynos);
  }

  /** An app is gone. */
  remove(id: string): void {
    const known = this.#answering.get(id);
    this.#answering.delete(id);
    if (known === undefined || !this.#spaces.has(known.app.space)) return;
    // An app of the same name may have it by now.
    if (this.hasAnother(known.app)) return;
    this.engine
      .removeService(known.app.space, known.app.address)
      .catch(this.hear('An address was not given back'));
  }

  /** Takes the network of a space away, if there is one. */
  removeSpace(space: string): void {
    this.#subnets.delete(space);
    if (!this.#spaces.delete(space)) return;
    this.engine.removeSpace(space).catch(this.hear(`The network of space ${space} was not taken away`));
  }

  /**
   * Apps of a space came or went: those there are have an address that answers, if only that nobody is there. Resolves
   * when it does.
   */
  async refresh(space: AppRecord['space']): Promise<void> {
    if (!this.#spaces.has(space)) return;
    const apps = this.store.apps.inSpace(space);
    const there = new Set(apps.map(({ id }) => id));
    for (const [id, { app, dynos }] of this.#answering) {
      // What still has dynos is removed after them.
      if (app.space === space && dynos.length === 0 && !there.has(id)) this.remove(id);
    }
    const set = apps.map((app) => {
      const dynos = this.#answering.get(app.id)?.dynos ?? [];
      this.#answering.set(app.id, { app, dynos });
      return this.setService(app, dynos);
    });
    await Promise.all(set);
  }

  /** The names that programs in a space find. */
  hosts(space: AppRecord['space']): HostsEntry[] {
    return [...domainHosts(this.store, space), ...allowedHosts(this.store, space)];
  }

  private subnet(space: AppRecord['space']): Network {
    const known = this.#subnets.get(space) ?? networkOf(this.store.blocks.of(space));
    this.#subnets.set(space, known);
    return known;
  }

  /** Whether another app has the address of one that may be gone. */
  private hasAnother({ id, space, address }: AppRecord): boolean {
    return this.store.apps.inSpace(space).some((each) => each.id !== id && each.address === address);
  }

  private async setService(app: AppRecord, dynos: readonly Dyno[]): Promise<void> {
    if (this.store.apps.byId(app.id) === undefined && this.hasAnother(app)) return;
    const targets = dynos
      .filter(({ place }) => place.type === WEB)
      .map((dyno) => ({ dyno: dyno.program, port: dyno.seat.port }));
    const { port } = serviceOf(this.store, app);
    await this.engine
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
