import { readlinkSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { BRIDGE_HOST, type Network, type Pool, prefixOf, serviceAddress } from '../../model/addresses.js';
import { Admission, admittedBy } from './admission.js';
import { type AgentCommand, AgentLink, type AgentPlace } from './agent-link.js';
import { Cgroups } from './cgroups.js';
import {
  type DynoRef,
  type DynoSpec,
  type DynoState,
  EGRESS_PORT,
  type Engine,
  EngineError,
  type EngineEvents,
  type EngineFacts,
  type Exit,
  type HostsEntry,
  HTTPS_PORT,
  type Program,
  type RunningProgram,
  type Service,
  type SpaceNetwork,
  type TerminalSize,
} from './engine.js';
import type { Listener } from './listeners.js';
import { COMMON_OWNER, isSpaceOwner, type Owner, ownerOf } from './owners.js';
import type { DynoOrder, Report, StreamName } from './protocol.js';
import { RemoteProgram } from './remote-program.js';
import { runtimes } from './runtimes.js';
import { factsOf } from './subnet-facts.js';

export interface SubnetOptions extends AgentPlace {
  readonly pool: Pool;
  readonly agent: AgentCommand;
  /** An empty folder of the agent's user that stays empty: it is covered by a tmpfs that only the agent sees. */
  readonly dir: string;
  /** What dynos find of the machine, where it is, besides the system's folders; what this Node needs if not said. */
  readonly runtimes?: readonly string[];
  /** Texts that dynos find in {@link ETC}, by name. */
  readonly etc?: Readonly<Record<string, string>>;
  /** Tells platforms of one machine apart: 1 to 40 of `a-z0-9-`. */
  readonly name: string;
  /** Whether all of its dynos are one user of the machine, as those of builds. */
  readonly commonOwner?: boolean;
  /** Ports at 127.0.0.1 of every dyno that lead to `onLoopbackTls`, besides 443; a dyno can't serve itself there. */
  readonly loopbackPorts?: readonly number[];
  readonly events: EngineEvents;
}

interface Dyno {
  state: DynoState;
  readonly ip: string;
  readonly program: RemoteProgram;
  /** Settles when its output has been passed on. */
  output: Promise<unknown>;
}

type Ready = Extract<Report, { say: 'ready' }>;
type Serve = (from: DynoRef, socket: Socket) => void;

/** The rest is for the router's clients, the streams of dynos and the daemon's own files. */
const SHARE_OF_FILES = 0.4;
const KILLED: Exit = { code: null, signal: 'SIGKILL' };
const ALL_STREAMS = ['stdin', 'stdout', 'stderr'] as const;
const OUTPUT = ['stdout', 'stderr'] as const;

/** Dynos in real subnets: an agent in namespaces of its own does the work, this is its end in the daemon. */
export class SubnetEngine implements Engine {
  readonly ended: Promise<EngineError | undefined>;
  private readonly dynos = new Map<string, Dyno>();
  private readonly byIp = new Map<string, Dyno>();
  private readonly networks = new Map<string, Network>();
  private owners: Ready['owners'];
  /** What the agent runs, dynos' own programs and others inside them. */
  private readonly programs = new Map<string, RemoteProgram>();
  private insides = 0;
  private readonly gateways = new Set<Server>();
  private readonly admission = new Admission(admittedBy(SHARE_OF_FILES));
  private readonly link: AgentLink;
  private closing = false;
  private known: EngineFacts | undefined;

  private constructor(private readonly options: SubnetOptions) {
    this.link = new AgentLink(options.agent, options, (report, handle) => this.hear(report, handle));
    this.ended = this.link.ended.then((why) => {
      for (const server of this.gateways) server.close();
      for (const id of this.programs.keys()) this.finish(id, KILLED);
      // Groups are all that can outlast the agent; the next one would remove them too.
      Cgroups.open(this.options.name).close();
      return this.closing ? undefined : new EngineError('lost', why);
    });
  }

  /** Rejects with a `failed` or `lost` error that says why it can't work here; nothing is left then. */
  static async open(options: SubnetOptions): Promise<SubnetEngine> {
    const engine = new SubnetEngine(options);
    try {
      const { dir, name, machineNetwork = false, runtimes: more = runtimes(), etc = {} } = options;
      const { loopbackPorts = [] } = options;
      const { onLoopbackTls, onEgress } = options.events;
      const loopback = onLoopbackTls === undefined ? [] : [...new Set([HTTPS_PORT, ...loopbackPorts])];
      await engine.link.ask({
        do: 'open',
        dir,
        name,
        runtimes: [...more],
        etc: { ...etc },
        machineNetwork,
        loopback,
        machine: readlinkSync('/proc/self/ns/net'),
      });
      // In the machine's network these would be ports of the machine.
      if (machineNetwork) return engine;
      for (const port of loopback) {
        await engine.serve('loopback', port, (from, socket) => onLoopbackTls?.(from, socket, port));
      }
      if (onEgress !== undefined) await engine.serve('gateway', EGRESS_PORT, onEgress);
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

  ownerOf(space: string): Owner | undefined {
    if (this.owners === undefined) return undefined;
    const network = this.networks.get(space);
    return network === undefined || this.owners === 'common' ? COMMON_OWNER : ownerOf(network);
  }

  async ensureSpace({ name, network }: SpaceNetwork): Promise<void> {
    const { address, bits } = prefixOf(network);
    if (!this.networks.has(name)) this.networks.set(name, network);
    await this.link.ask({
      do: 'ensureSpace',
      name,
      subnet: { first: this.dotted(address), bridge: this.dotted(address + BRIDGE_HOST), bits },
    });
  }

  async removeSpace(name: string): Promise<void> {
    await this.link.ask({ do: 'removeSpace', name });
    this.networks.delete(name);
  }

  async start(spec: DynoSpec): Promise<void> {
    await this.launch(spec, OUTPUT);
  }

  async run(spec: DynoSpec, terminal?: TerminalSize): Promise<RunningProgram> {
    const { program } = await this.launch(spec, ALL_STREAMS, terminal);
    return this.running(spec.id, program);
  }

  async runInside(id: string, program: Program, terminal?: TerminalSize): Promise<RunningProgram> {
    this.dyno(id);
    const inside = `inside-${++this.insides}`;
    const remote = this.expect(inside, ALL_STREAMS);
    try {
      await this.link.ask({
        do: 'runInside',
        id: inside,
        dyno: id,
        program: programOrder(program),
        ...(terminal === undefined ? {} : { terminal }),
      });
      await Promise.race([remote.complete, remote.exit]);
      return this.running(inside, remote);
    } catch (error) {
      this.programs.delete(inside);
      throw error;
    }
  }

  async stop(id: string, graceMs: number): Promise<void> {
    const dyno = this.dynos.get(id);
    if (dyno === undefined) return;
    if (dyno.state.state !== 'exited') {
      await this.link.ask({ do: 'stop', id, graceMs });
      await dyno.program.exit;
    }
    if (this.dynos.get(id) === dyno) this.dynos.delete(id);
  }

  list(): DynoState[] {
    return [...this.dynos.values()].map(({ state }) => state);
  }

  async setHosts(id: string, hosts: readonly HostsEntry[]): Promise<void> {
    await this.link.ask({ do: 'hosts', id, hosts: mutable(hosts) });
  }

  async dial(id: string, port: number): Promise<Socket> {
    const { ip } = this.dyno(id);
    const socket = await this.link.ask({ do: 'dial', ip, port });
    if (socket === undefined) throw new EngineError('refused', `${id} closed the connection.`);
    return (socket as Socket).on('error', () => undefined);
  }

  async listeners(id: string): Promise<readonly Listener[] | undefined> {
    this.dyno(id);
    return this.link.listeners(id);
  }

  async setService({ space, address, port, targets }: Service): Promise<void> {
    const reachable = targets.map((target) => ({ ip: this.dyno(target.dyno).ip, port: target.port }));
    const service = { space, ip: this.dotted(address), port, targets: reachable };
    await this.link.ask({ do: 'setService', service });
  }

  async removeService(space: string, address: number): Promise<void> {
    await this.link.ask({ do: 'removeService', space, ip: this.dotted(address) });
  }

  serveGateway(port: number, serve: Serve): Promise<() => void> {
    return this.serve('gateway', port, serve);
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.link.close();
    await this.ended;
  }

  private async launch(
    spec: DynoSpec,
    wanted: readonly StreamName[],
    terminal?: TerminalSize,
  ): Promise<Dyno> {
    const { id, space } = spec;
    if (this.dynos.has(id)) throw new EngineError('exists', `There is a dyno ${id} already.`);
    const remote = this.expect(id, wanted);
    const state = { id, space, state: 'starting' as const, since: new Date() };
    const dyno: Dyno = { state, ip: this.dotted(spec.address), program: remote, output: Promise.resolve() };
    // From its beginning: a short program may be over before this knows that it was started.
    if (wanted === OUTPUT) dyno.output = this.forwarded(id, remote);
    this.dynos.set(id, dyno);
    this.byIp.set(dyno.ip, dyno);
    try {
      await this.link.ask({
        do: 'start',
        dyno: this.orderOf(spec, dyno.ip, wanted.includes('stdin'), terminal),
      });
      if (dyno.state.state === 'starting') dyno.state = { id, space, state: 'running', since: new Date() };
      return dyno;
    } catch (error) {
      this.dynos.delete(id);
      this.programs.delete(id);
      this.forgetIp(dyno);
      remote.destroy();
      // A `stop` of the meantime waits for it.
      remote.exited(KILLED);
      throw error;
    }
  }

  /** Gets ready for the streams and the end of a program, and lets it begin when the streams are here. */
  private expect(id: string, wanted: readonly StreamName[]): RemoteProgram {
    const program = new RemoteProgram(wanted);
    this.programs.set(id, program);
    void program.complete.then(() => this.link.ask({ do: 'begin', id }).catch(() => undefined));
    return program;
  }

  private running(id: string, program: RemoteProgram): RunningProgram {
    return {
      stdin: program.stream('stdin'),
      stdout: program.stream('stdout'),
      stderr: program.stream('stderr'),
      exit: program.exit,
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
        this.owners = this.options.commonOwner === true ? report.owners && 'common' : report.owners;
        break;
      case 'stream':
        this.takeStream(report.id, report.name, handle as Socket | undefined);
        break;
      case 'exited':
        this.finish(report.id, report.exit as Exit);
    }
  }

  private takeStream(id: string, name: StreamName, socket: Socket | undefined): void {
    const program = this.programs.get(id);
    if (program === undefined) socket?.destroy();
    else program.take(name, socket);
  }

  private async serve(at: 'loopback' | 'gateway', port: number, serve: Serve): Promise<() => void> {
    const server = (await this.link.ask({ do: 'listen', at, port })) as Server;
    this.gateways.add(server);
    // What the system fails to accept, as without file descriptors, is that dyno's loss alone.
    server.on('error', () => undefined);
    server.on('connection', (socket: Socket) => {
      // A connection that breaks is its user's matter, and none of the daemon's.
      socket.on('error', () => undefined);
      // Its address can't be forged: dynos may neither change it nor send raw packets.
      const from = this.byIp.get(socket.remoteAddress ?? '');
      if (from === undefined) socket.resetAndDestroy();
      else if (this.admission.admit(socket, from.state.id)) serve(refOf(from), socket);
    });
    return () => {
      this.gateways.delete(server);
      server.close();
    };
  }

  private async forwarded(id: string, remote: RemoteProgram): Promise<void> {
    const isThere = await Promise.race([remote.complete.then(() => true), remote.exit.then(() => false)]);
    // One that ended before it began has printed nothing.
    if (isThere) await Promise.all(OUTPUT.map((from) => this.forward(id, from, remote.stream(from))));
  }

  private async forward(id: string, from: 'stdout' | 'stderr', bytes: Readable): Promise<void> {
    try {
      for await (const chunk of bytes) await this.options.events.onOutput(id, from, chunk as Buffer);
    } catch {
      // The pipe broke with the program.
    }
  }

  private finish(id: string, exit: Exit): void {
    const program = this.programs.get(id);
    this.programs.delete(id);
    const dyno = this.dynos.get(id);
    if (dyno !== undefined && dyno.program === program) {
      const { space } = dyno.state;
      dyno.state = { id, space, state: 'exited', exit, since: new Date() };
      this.forgetIp(dyno);
      void dyno.output.then(() => this.options.events.onExit(dyno.state));
    }
    program?.exited(exit);
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

  private orderOf(
    { id, space, hostname, program, slug, inPlace = false, limits, hosts }: DynoSpec,
    ip: string,
    stdin: boolean,
    terminal: TerminalSize | undefined,
  ): DynoOrder {
    const owner = this.ownerOf(space);
    return {
      id,
      space,
      ip,
      ...(hostname === undefined ? {} : { hostname }),
      slug,
      inPlace,
      stdin,
      limits,
      hosts: mutable(hosts),
      program: programOrder(program),
      ...(owner && isSpaceOwner(owner) && { owner }),
      ...(terminal === undefined ? {} : { terminal }),
    };
  }

  private dotted(address: number): string {
    return serviceAddress(address, this.options.pool, 'subnet').host;
  }
}

function programOrder({ argv, env, ...rest }: Program): DynoOrder['program'] {
  return { argv: [...argv], env: { ...env }, ...rest };
}

function mutable(hosts: readonly HostsEntry[]): { host: string; names: readonly string[] }[] {
  return hosts.map(({ host, names }) => ({ host, names }));
}

function refOf({ state }: Dyno): DynoRef {
  return { id: state.id, space: state.space };
}
