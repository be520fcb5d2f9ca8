import * as z from 'zod/mini';
import { FIRST_OWNER, LAST_OWNER } from './owners.js';

/*
 * What the daemon and its agent say to each other over IPC. The agent lives in the namespaces that hold every space;
 * the daemon keeps the host's network. Handles (streams, connections, listeners) travel beside a message.
 */

const Ip = z.ipv4();
const Port = z.int().check(z.gte(1), z.lte(65_535));
const Id = z.string().check(z.regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/));
const SpaceId = z.string().check(z.minLength(1), z.maxLength(64));
const Bytes = z.int().check(z.gte(0));
const noNul = z.string().check(z.regex(/^[^\0]*$/));

export const HostsEntry = z.strictObject({
  host: Ip,
  names: z.readonly(z.array(z.string().check(z.regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/)))),
});

const Program = z.strictObject({
  argv: z.readonly(z.array(noNul).check(z.minLength(1))),
  cwd: z.optional(noNul),
  env: z.record(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/)), noNul),
});
export type Program = z.infer<typeof Program>;

const Limits = z.strictObject({
  memory: z.optional(Bytes),
  memorySpike: z.optional(Bytes),
  memorySpikeMs: z.optional(z.int().check(z.gte(0))),
  cpu: z.optional(z.number().check(z.gt(0))),
  cpuWeight: z.optional(z.number().check(z.gt(0))),
  pids: z.optional(z.int().check(z.gte(1))),
  oomScore: z.optional(z.int().check(z.gte(0), z.lte(1000))),
  scratch: z.optional(Bytes),
});
export type Limits = z.infer<typeof Limits>;

const Terminal = z.strictObject({
  rows: z.int().check(z.gte(1), z.lte(10_000)),
  columns: z.int().check(z.gte(1), z.lte(10_000)),
});
export type Terminal = z.infer<typeof Terminal>;

const OwnerId = z.int().check(z.gte(FIRST_OWNER.uid), z.lte(LAST_OWNER.uid));
const SpaceOwner = z.strictObject({ uid: OwnerId, gid: OwnerId });

const DynoOrder = z.strictObject({
  id: Id,
  space: SpaceId,
  ip: Ip,
  hostname: z.optional(z.string().check(z.regex(/^[A-Za-z0-9-]{1,63}$/))),
  program: Program,
  slug: noNul,
  inPlace: z.boolean(),
  limits: Limits,
  hosts: z.array(HostsEntry),
  /** Who it really is, where that isn't the same for all. */
  owner: z.optional(SpaceOwner),
  /** A one-off program reads its stdin; others have none. */
  stdin: z.boolean(),
  terminal: z.optional(Terminal),
});
export type DynoOrder = z.infer<typeof DynoOrder>;

const ServiceOrder = z.strictObject({
  space: SpaceId,
  ip: Ip,
  port: Port,
  targets: z.array(z.strictObject({ ip: Ip, port: Port })),
});
export type ServiceOrder = z.infer<typeof ServiceOrder>;

/** One prefix: its first address, that of the bridge, and how many bits it has. */
const Subnet = z.strictObject({ first: Ip, bridge: Ip, bits: z.int().check(z.gte(8), z.lte(24)) });
export type Subnet = z.infer<typeof Subnet>;

/** What the daemon asks; each is answered once, under its number. */
export const Order = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('open'),
    /** An empty folder, covered by one of the agent's own. */
    dir: noNul,
    /** Tells platforms of one machine apart. */
    name: z.string().check(z.regex(/^[a-z0-9-]{1,40}$/)),
    runtimes: z.array(noNul),
    /** Files that every dyno finds in /etc/platform, by name. */
    etc: z.record(z.string().check(z.regex(/^[a-z][a-z.-]{0,63}$/)), z.string()),
    /** Whether the agent and its dynos are in the machine's own network, as builds are. */
    machineNetwork: z.boolean(),
    /** Ports at a dyno's 127.0.0.1 that lead to the platform. */
    loopback: z.array(Port).check(z.maxLength(16)),
    /** The machine's network namespace, as /proc shows it: one of its own must be another. */
    machine: noNul,
  }),
  z.strictObject({ do: z.literal('ensureSpace'), name: SpaceId, subnet: Subnet }),
  z.strictObject({ do: z.literal('removeSpace'), name: SpaceId }),
  z.strictObject({ do: z.literal('start'), dyno: DynoOrder }),
  z.strictObject({
    do: z.literal('runInside'),
    id: Id,
    dyno: Id,
    program: Program,
    terminal: z.optional(Terminal),
  }),
  /** The daemon has taken the streams of a program over, so it may begin. */
  z.strictObject({ do: z.literal('begin'), id: Id }),
  z.strictObject({ do: z.literal('stop'), id: Id, graceMs: z.int().check(z.gte(0)) }),
  z.strictObject({
    do: z.literal('signal'),
    id: Id,
    signal: z.string().check(z.regex(/^SIG[A-Z0-9]{2,10}$/)),
  }),
  z.strictObject({ do: z.literal('resize'), id: Id, terminal: Terminal }),
  z.strictObject({ do: z.literal('hosts'), id: Id, hosts: z.array(HostsEntry) }),
  z.strictObject({ do: z.literal('dial'), ip: Ip, port: Port }),
  /** Answered with where the programs of a dyno listen. */
  z.strictObject({ do: z.literal('listeners'), id: Id }),
  /** Answered with a listener. */
  z.strictObject({ do: z.literal('listen'), at: z.enum(['loopback', 'gateway']), port: Port }),
  z.strictObject({ do: z.literal('setService'), service: ServiceOrder }),
  z.strictObject({ do: z.literal('removeService'), space: SpaceId, ip: Ip }),
]);
export type Order = z.infer<typeof Order>;
export const NumberedOrder = z.strictObject({ number: z.int(), order: Order });
export type NumberedOrder = z.infer<typeof NumberedOrder>;

const ErrorId = z.enum(['exists', 'not_found', 'refused', 'timeout', 'invalid', 'failed', 'lost']);
const Exit = z.strictObject({
  code: z.nullable(z.int()),
  signal: z.nullable(z.string()),
  overMemory: z.optional(z.boolean()),
  overTime: z.optional(z.boolean()),
});

/** What the agent has to say. */
export const Report = z.discriminatedUnion('say', [
  /** It is ready. `limits` says by what means what is limited. */
  z.strictObject({
    say: z.literal('ready'),
    writable: z.boolean(),
    /** Whether every space's dynos are a user of their own, or all are one; without it, they are the agent's. */
    owners: z.optional(z.enum(['spaces', 'common'])),
    limits: z.strictObject({
      memory: z.enum(['kernel', 'watched']),
      cpu: z.enum(['kernel', 'none']),
      pids: z.enum(['kernel', 'none']),
    }),
  }),
  z.strictObject({
    say: z.literal('answer'),
    number: z.int(),
    listeners: z.optional(z.array(z.strictObject({ host: z.string(), port: Port }))),
    error: z.optional(z.strictObject({ id: ErrorId, message: z.string() })),
  }),
  /** With a stream as its handle. */
  z.strictObject({ say: z.literal('stream'), id: Id, name: z.enum(['stdin', 'stdout', 'stderr']) }),
  z.strictObject({ say: z.literal('exited'), id: Id, exit: Exit }),
]);
export type Report = z.infer<typeof Report>;
export type StreamName = 'stdin' | 'stdout' | 'stderr';
