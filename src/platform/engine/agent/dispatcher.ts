import { readlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Admission, admittedBy } from '../admission.js';
import { Cgroups } from '../cgroups.js';
import { EngineError, type EngineErrorId, GATEWAY_HOST } from '../engine.js';
import { listenersOf } from '../listeners.js';
import { NumberedOrder, type Order, type Report, type Terminal } from '../protocol.js';
import { StableAddress } from '../stable-address.js';
import { Dyno, type Streams, type Workshop } from './dyno.js';
import { Inside } from './inside.js';
import { Ip } from './ip.js';
import { MemoryWatch } from './memory-watch.js';
import { findIdentity, overlayWorks } from './probes.js';
import { resize } from './resize.js';
import { makeTemplate } from './root.js';
import { Spaces } from './spaces.js';

/** The address of an app in its space. */
interface AppAddress {
  readonly space: string;
  readonly at: StableAddress;
  /** Resolves when the space has it. */
  readonly there: Promise<void>;
}

export type Say = (report: Report, handle?: Socket | Server) => void;

const DIAL_MS = 5000;
const WAKE_MS = 1000;
/** A dyno that was ordered so long ago is what it is to be; and between two looks for who is new in a younger one. */
const YOUNG_MS = 5000;
const TELL_MS = 50;
/** Making a dyno is mostly the kernel's work under one lock: more at once only wait for each other. */
const STARTS_AT_ONCE = 8;

/** The rest is for making dynos and for their streams. */
const SHARE_OF_FILES = 0.75;

/** Takes orders, one answer each, and reports what happens. */
export class Dispatcher {
  private readonly ip = new Ip();
  private readonly dynos = new Map<string, Dyno>();
  private readonly insides = new Map<string, Inside>();
  private readonly services = new Map<string, AppAddress>();
  private readonly admission = new Admission(admittedBy(SHARE_OF_FILES));
  private setting: { shop: Workshop; spaces: Spaces | undefined } | undefined;
  private starting = 0;
  private readonly queue: (() => void)[] = [];
  /** Those whose turn hasn't come, and of them those no longer wanted. */
  private readonly queued = new Set<string>();
  private readonly cancelled = new Set<string>();

  constructor(private readonly say: Say) {}

  async hear(message: unknown): Promise<void> {
    const parsed = NumberedOrder.safeParse(message);
    if (!parsed.success) {
      const number = (message as { number?: unknown } | null)?.number;
      const error = { id: 'invalid' as const, message: parsed.error.message };
      if (typeof number === 'number') this.say({ say: 'answer', number, error });
      return;
    }
    const { number, order } = parsed.data;
    try {
      if (order.do === 'listeners') {
        this.say({ say: 'answer', number, listeners: listenersOf(this.dyno(order.id).pids) });
        return;
      }
      const handle = await this.obey(order);
      this.say({ say: 'answer', number }, handle);
    } catch (error) {
      this.say({ say: 'answer', number, error: errorFacts(error) });
    }
  }

  private async obey(order: Exclude<Order, { do: 'listeners' }>): Promise<Socket | Server | undefined> {
    switch (order.do) {
      case 'open':
        await this.open(order);
        return undefined;
      case 'ensureSpace':
        await this.spaces.ensure(order.name, order.subnet);
        return undefined;
      case 'removeSpace':
        await this.removeSpace(order.name);
        return undefined;
      case 'start':
        await this.start(order.dyno);
        return undefined;
      case 'runInside':
        this.runInside(order);
        return undefined;
      case 'begin':
        this.program(order.id).begin();
        return undefined;
      case 'stop':
        await this.stop(order.id, order.graceMs);
        return undefined;
      case 'signal':
        this.program(order.id).signal(order.signal as NodeJS.Signals);
        return undefined;
      case 'resize':
        await this.resize(order.id, order.terminal);
        return undefined;
      case 'hosts':
        this.dyno(order.id).setHosts(order.hosts);
        return undefined;
      case 'dial':
        return dial(order.ip, order.port);
      case 'listen':
        return listen(order.at === 'loopback' ? '127.0.0.1' : GATEWAY_HOST, order.port);
      case 'setService':
        await this.setService(order.service);
        return undefined;
      case 'removeService':
        await this.removeService(order.ip);
        return undefined;
    }
  }

  private async open({
    dir,
    name,
    runtimes,
    etc,
    machineNetwork,
    loopback,
    machine,
  }: Extract<Order, { do: 'open' }>): Promise<void> {
    // What follows changes the network it is in.
    if (!machineNetwork && readlinkSync('/proc/self/ns/net') === machine) {
      throw new EngineError('failed', "The agent has no network of its own, and won't touch the machine's.");
    }
    const identity = findIdentity();
    makeTemplate(
      dir,
      identity.become !== undefined && !identity.userNamespace ? identity.become : identity.user,
      { runtimes, etc },
      machineNetwork,
    );
    const cgroups = Cgroups.open(name);
    const shop = { dir, ip: this.ip, cgroups, identity, loopback, writable: overlayWorks(dir) };
    this.setting = { shop, spaces: machineNetwork ? undefined : await Spaces.open(this.ip) };
    new MemoryWatch(() => this.dynos.values(), cgroups).start();
    setInterval(() => this.wake(), WAKE_MS).unref();
    this.say({
      say: 'ready',
      writable: shop.writable,
      ...(identity.become && { owners: identity.perSpace ? ('spaces' as const) : ('common' as const) }),
      limits: {
        memory: cgroups.limits('memory') ? 'kernel' : 'watched',
        cpu: cgroups.limits('cpu') ? 'kernel' : 'none',
        pids: cgroups.limits('pids') || identity.userNamespace ? 'kernel' : 'none',
      },
    });
  }

  private async start(order: Extract<Order, { do: 'start' }>['dyno']): Promise<void> {
    const space = this.opened.spaces?.get(order.space);
    if (this.dynos.has(order.id) || this.queued.has(order.id))
      throw new EngineError('exists', `There is a dyno ${order.id} already.`);
    // Before anything is awaited: `stop` may come next.
    this.queued.add(order.id);
    await this.turn();
    this.queued.delete(order.id);
    try {
      if (this.cancelled.has(order.id)) throw new EngineError('failed', `Dyno ${order.id} was stopped.`);
      const dyno = new Dyno(this.shop, order, space);
      this.dynos.set(order.id, dyno);
      this.handOver(order.id, dyno.streams);
      let started = false;
      void dyno.ended.then((exit) => {
        this.dynos.delete(order.id);
        if (started) this.say({ say: 'exited', id: order.id, exit });
      });
      await dyno.start();
      started = true;
    } finally {
      this.cancelled.delete(order.id);
      this.starting--;
      this.queue.shift()?.();
    }
  }

  private runInside({ id, dyno, program, terminal }: Extract<Order, { do: 'runInside' }>): void {
    if (this.insides.has(id)) throw new EngineError('exists', `There is a program ${id} already.`);
    const inside = new Inside(this.dyno(dyno), id, program, terminal);
    this.insides.set(id, inside);
    this.handOver(id, inside.streams);
    void inside.ended.then((exit) => {
      this.insides.delete(id);
      this.say({ say: 'exited', id, exit });
    });
  }

  /** Hands a program's streams to the daemon; nothing is in them before it begins. */
  private handOver(id: string, { stdin, stdout, stderr }: Streams): void {
    if (stdin !== null) this.say({ say: 'stream', id, name: 'stdin' }, stdin);
    this.say({ say: 'stream', id, name: 'stdout' }, stdout);
    this.say({ say: 'stream', id, name: 'stderr' }, stderr);
  }

  private async resize(id: string, terminal: Terminal): Promise<void> {
    const inside = this.insides.get(id);
    const dyno = inside?.dyno ?? this.dyno(id);
    await resize((inside ?? dyno).pids, dyno.init, terminal);
  }

  private async turn(): Promise<void> {
    if (this.starting >= STARTS_AT_ONCE) {
      await new Promise<void>((resolve) => {
        this.queue.push(resolve);
      });
    }
    this.starting++;
  }

  /** A program that stopped itself took what waits for it along; that must hear of its end all the same. */
  private wake(): void {
    for (const dyno of this.dynos.values()) dyno.wake();
  }

  private async stop(id: string, graceMs: number): Promise<void> {
    if (this.queued.has(id)) this.cancelled.add(id);
    const dyno = this.dynos.get(id);
    if (dyno === undefined) return;
    const told = new Set<number>();
    dyno.stop(told);
    // In one that is only being made, what is told now is not yet the program; that one must hear of it, too.
    const isYoung = Date.now() - dyno.since < YOUNG_MS;
    const again = isYoung ? setInterval(() => dyno.signal('SIGTERM', told), TELL_MS) : undefined;
    const timer = setTimeout(() => dyno.kill(), graceMs);
    await dyno.ended;
    clearInterval(again);
    clearTimeout(timer);
  }

  private async removeSpace(name: string): Promise<void> {
    const inside = [...this.dynos.values()].filter(({ order }) => order.space === name);
    for (const dyno of inside) dyno.kill();
    await Promise.all(inside.map(({ ended }) => ended));
    const services = [...this.services].filter(([, { space }]) => space === name);
    await Promise.all(services.map(([ip]) => this.removeService(ip)));
    await this.spaces.remove(name);
  }

  private async setService({ space, ip, port, targets }: Extract<Order, { do: 'setService' }>['service']) {
    this.spaces.get(space);
    const service = this.services.get(ip) ?? {
      space,
      at: new StableAddress(ip, port, this.admission),
      there: this.spaces.addAddress(space, ip),
    };
    this.services.set(ip, service);
    await service.there;
    // It may have been removed meanwhile.
    if (this.services.get(ip) === service) await service.at.setTargets(targets);
  }

  private async removeService(ip: string): Promise<void> {
    const service = this.services.get(ip);
    if (service === undefined) return;
    this.services.delete(ip);
    // Asked for before anything is awaited, so that one that adds it again comes after it.
    await Promise.all([this.spaces.removeAddress(service.space, ip), service.at.close()]);
  }

  private program(id: string): Dyno | Inside {
    return this.insides.get(id) ?? this.dyno(id);
  }

  private dyno(id: string): Dyno {
    const dyno = this.dynos.get(id);
    if (dyno === undefined) throw new EngineError('not_found', `There is no dyno ${id} here.`);
    return dyno;
  }

  private get shop(): Workshop {
    return this.opened.shop;
  }

  private get spaces(): Spaces {
    const { spaces } = this.opened;
    if (spaces === undefined)
      throw new EngineError('invalid', 'There are no spaces in the network of the machine.');
    return spaces;
  }

  private get opened(): { shop: Workshop; spaces: Spaces | undefined } {
    if (this.setting === undefined) throw new EngineError('invalid', 'The agent has not been opened.');
    return this.setting;
  }
}

/** A listener for the dynos of all spaces. It goes to the daemon: what they send does not pass through here. */
function listen(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => {
      const id = error.code === 'EADDRINUSE' ? 'exists' : 'failed';
      reject(new EngineError(id, `Can't listen on ${host}:${port}: ${error.message}.`));
    });
    server.listen({ host, port }, () => resolve(server));
  });
}

/** A connection that nobody has read from, so that it can be handed over with nothing missing. */
function dial(ip: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: ip, port, noDelay: true }).pause();
    const fail = (id: EngineErrorId, why: string): void => {
      socket.destroy();
      reject(new EngineError(id, `${ip}:${port} ${why}.`));
    };
    socket.setTimeout(DIAL_MS, () => fail('timeout', `did not answer within ${DIAL_MS} ms`));
    socket.once('error', (error) => fail('refused', `can't be reached: ${error.message}`));
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

function errorFacts(error: unknown): { id: EngineErrorId; message: string } {
  if (error instanceof EngineError) return { id: error.id, message: error.message };
  return { id: 'failed', message: error instanceof Error ? error.message : String(error) };
}
