import type { Server, Socket } from 'node:net';
import { Readable, type Duplex, type Writable } from 'node:stream';
import { type Pool, serviceAddress } from '../../model/addresses.js';
import { type AgentCommand, AgentLink } from './agent-link.js';
import {
  type DynoRef,
  type DynoSpec,
  type DynoState,
  type Engine,
  EngineError,
  type EngineEvents,
  type EngineFacts,
  type Exit,
  type HostsEntry,
  type Program,
  type RunningProgram,
  type Service,
  type SpaceNetwork,
  type TerminalSize,
} from './engine.js';
import type { DynoOrder, GatewayName, Order, Report, StreamName } from './protocol.js';
import { runtimes } from './runtimes.js';
import { factsOf } from './subnet-facts.js';

export interface SubnetOptions {
  readonly pool: Pool;
  readonly agent: AgentCommand;
  /** An empty folder that stays empty: the agent covers it with a tmpfs of its own. */
  readonly dir: string;
  /** Tells platforms of one machine apart: 1 to 40 of `a-z0-9-`. */
  readonly name: string;
  readonly rootless: boolean;
  readonly events: EngineEvents;
}

interface Dyno {
  state: DynoState;
  readonly ip: string;
  readonly streams: Map<StreamName, Socket>;
  readonly wanted: readonly StreamName[];
  /** Called when all wanted streams are here. */
  complete: () => void;
  readonly exit: Promise<Exit>;
  exited: (exit: Exit) => void;
}

/** Dynos in real subnets: an agent in namespaces of its own does the work, this is its end in the daemon. */
export class SubnetEngine implements Engine {
  readonly ended: Promise<EngineError | undefined>;
  private readonly dynos = new Map<string, Dyno>();
  private readonly byIp = new Map<string, Dyno>();
  private readonly gateways = new Set<Server>();
  private readonly link: AgentLink;
  private closing = false;
  private known: EngineFacts | undefined;

  private constructor(private readonly options: SubnetOptions) {
    this.link = new AgentLink(options.agent, options.rootless, (report, handle) => this.hear(report, handle));
    this.ended = this.link.ended.then((why) => {
      for (const server of this.gateways) server.close();
      for (const dyno of this.dynos.values()) this.finish(dyno, { code: null, signal: 'SIGKILL' });
      return this.closing ? undefined : new EngineError('lost', why);
    });
  }

  /** Rejects with a `failed` or `lost` error that says why it can't work here; nothing is left then. */
  static async open(options: SubnetOptions): Promise<SubnetEngine> {
    const engine = new SubnetEngine(options);
    try {
      const { dir, name } = options;
      await engine.link.ask({ do: 'open', dir, name, runtimes: runtimes() });
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  get facts(): EngineFacts {
    if (this.known === undefined) throw new EngineError('invalid', 'The engine is not open yet.');
    return this.known;
  }

  async ensureSpace({ name, blocks }: SpaceNetwork): Promise<void> {
    await this.link.ask({ do: 'ensureSpace', name, subnets: blocks.map((block) => this.dotted(block * 256)) });
  }

  async removeSpace(name: string): Promise<void> {
    await this.link.ask({ do: 'removeSpace', name });
  }

  async start(spec: DynoSpec): Promise<void> {
    const dyno = await this.launch(spec, ['stdout', 'stderr'], undefined);
    for (const from of ['stdout', 'stderr'] as const) void this.forward(spec.id, from, stream(dyno, from));
  }

  async run(spec: DynoSpec, terminal?: TerminalSize): Promise<RunningProgram> {
    const dyno = await this.launch(spec, ['stdin', 'stdout', 'stderr'], terminal);
    return this.running(spec.id, dyno);
  }

  async runInside(id: string, program: Program, terminal?: TerminalSize): Promise<RunningProgram> {
    throw new EngineError('failed', `${id} ${program.argv[0]} ${terminal?.rows}`);
  }

  async stop(id: string, graceMs: number): Promise<void> {
    const dyno = this.dynos.get(id);
    if (dyno === undefined) return;
    if (dyno.state.state !== 'exited') {
      await this.link.ask({ do: 'stop', id, graceMs });
      await dyno.exit;
    }
    if (this.dynos.get(id) === dyno) this.dynos.delete(id);
  }

  list(): DynoState[] {
    return [...this.dynos.values()].map(({ state }) => state);
  }

  async setHosts(id: string, hosts: readonly HostsEntry[]): Promise<void> {
    await this.link.ask({ do: 'hosts', id, hosts: mutable(hosts) });
  }

  async dial(id: string, port: number): Promise<Duplex> {
    const { ip } = this.dyno(id);
    const socket = await this.link.ask({ do: 'dial', ip, port });
    if (socket === undefined) throw new EngineError('refused', `${id} closed the connection.`);
    return socket as Socket;
  }

  async setService({ space, address, port, targets }: Service): Promise<void> {
    const reachable = targets.map((target) => ({ ip: this.dyno(target.dyno).ip, port: target.port }));
    const service = { space, ip: this.dotted(address), port, targets: reachable };
    await this.link.ask({ do: 'setService', service });
  }

  async removeService(space: string, address: number): Promise<void> {
    await this.link.ask({ do: 'removeService', space, ip: this.dotted(address) });
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.link.close();
    await this.ended;
  }

  private async launch(
    spec: DynoSpec,
    wanted: readonly StreamName[],
    terminal: TerminalSize | undefined,
  ): Promise<Dyno> {
    const { id, space } = spec;
    if (this.dynos.has(id)) throw new EngineError('exists', `There is a dyno ${id} already.`);
    const dyno = newDyno(spec, this.dotted(spec.address), wanted);
    dyno.complete = () => void this.link.ask({ do: 'begin', id }).catch(() => undefined);
    this.dynos.set(id, dyno);
    this.byIp.set(dyno.ip, dyno);
    try {
      await this.link.ask({ do: 'start', dyno: orderOf(spec, dyno.ip, wanted.includes('stdin'), terminal) });
      if (dyno.state.state === 'starting') {
        dyno.state = { id, space, state: 'running', since: new Date() };
      }
      return dyno;
    } catch (error) {
      this.dynos.delete(id);
      this.forgetIp(dyno);
      throw error;
    }
  }

  private running(id: string, dyno: Dyno): RunningProgram {
    return {
      stdin: stream(dyno, 'stdin') as Writable,
      stdout: stream(dyno, 'stdout'),
      stderr: stream(dyno, 'stderr'),
      exit: dyno.exit,
      signal: async (signal) => {
        await this.link.ask({ do: 'signal', id, signal });
      },
      resize: async (terminal) => {
        await this.link.ask({ do: 'resize', id, terminal });
      },
    };
  }

  private hear(report: Exclude<Report, { say: 'answer' }>, handle: Socket | Server | undefined): void {
    switch (report.say) {
      case 'ready':
        this.known = factsOf(report, this.options);
        break;
      case 'stream':
        this.takeStream(report.id, report.name, handle as Socket | undefined);
        break;
      case 'gateway':
        this.openGateway(report.name, handle as Server);
        break;
      case 'exited': {
        const dyno = this.dynos.get(report.id);
        if (dyno !== undefined) this.finish(dyno, report.exit as Exit);
      }
    }
  }

  private takeStream(id: string, name: StreamName, socket: Socket | undefined): void {
    const dyno = this.dynos.get(id);
    if (dyno === undefined) {
      socket?.destroy();
      return;
    }
    // Closed before it was read: there was nothing in it.
    const held = socket ?? (Readable.from([]) as Socket);
    // A pipe that breaks is the program's end, which is told otherwise.
    held.on('error', () => undefined);
    dyno.streams.set(name, held);
    if (dyno.streams.size === dyno.wanted.length) dyno.complete();
  }

  private openGateway(name: GatewayName, server: Server): void {
    this.gateways.add(server);
    const { onLoopbackTls, onEgress } = this.options.events;
    const serve = name === 'loopbackTls' ? onLoopbackTls : onEgress;
    server.on('connection', (socket: Socket) => {
      // Its address can't be forged: dynos may neither change it nor send raw packets.
      const from = this.byIp.get(socket.remoteAddress ?? '');
      if (from === undefined || serve === undefined) socket.resetAndDestroy();
      else serve(refOf(from), socket);
    });
  }

  private async forward(id: string, from: 'stdout' | 'stderr', bytes: Readable): Promise<void> {
    try {
      for await (const chunk of bytes) await this.options.events.onOutput(id, from, chunk as Buffer);
    } catch {
      // The pipe broke with the program.
    }
  }

  private finish(dyno: Dyno, exit: Exit): void {
    if (dyno.state.state === 'exited') return;
    const { id, space } = dyno.state;
    dyno.state = { id, space, state: 'exited', exit, since: new Date() };
    this.forgetIp(dyno);
    dyno.exited(exit);
    this.options.events.onExit(dyno.state);
  }

  private forgetIp(dyno: Dyno): void {
    if (this.byIp.get(dyno.ip) === dyno) this.byIp.delete(dyno.ip);
  }

  private dyno(id: string): Dyno {
    const dyno = this.dynos.get(id);
    if (dyno === undefined || dyno.state.state === 'exited') {
      throw new EngineError('not_found', `There is no dyno ${id} running.`);
    }
    return dyno;
  }

  private dotted(address: number): string {
    return serviceAddress(address, this.options.pool, 'subnet').host;
  }
}

function newDyno({ id, space }: DynoSpec, ip: string, wanted: readonly StreamName[]): Dyno {
  let exited: (exit: Exit) => void = () => undefined;
  const exit = new Promise<Exit>((resolve) => {
    exited = resolve;
  });
  const state = { id, space, state: 'starting' as const, since: new Date() };
  return { state, ip, streams: new Map(), wanted, complete: () => undefined, exit, exited };
}

function orderOf(
  { id, space, hostname = 'dyno', program, slug, limits, hosts }: DynoSpec,
  ip: string,
  stdin: boolean,
  terminal: TerminalSize | undefined,
): DynoOrder {
  return {
    ...{ id, space, ip, hostname, slug, stdin, limits, hosts: mutable(hosts) },
    program: { ...program, argv: [...program.argv], env: { ...program.env } },
    ...(terminal === undefined ? {} : { terminal }),
  };
}

function mutable(hosts: readonly HostsEntry[]): { host: string; names: readonly string[] }[] {
  return hosts.map(({ host, names }) => ({ host, names }));
}

function stream(dyno: Dyno, name: StreamName): Socket {
  const found = dyno.streams.get(name);
  if (found === undefined) throw new EngineError('failed', `The program has no ${name}.`);
  return found;
}

function refOf({ state }: Dyno): DynoRef {
  return { id: state.id, space: state.space };
}
