import { spawnSync } from 'node:child_process';
import { TOOL_ENV } from './agent/tool-env.js';

/** Numbers of system calls, by how the kernel names them. */
interface Abi {
  /** AUDIT_ARCH_* of linux/audit.h. */
  readonly audit: number;
  /** System calls from this number on belong to another ABI. */
  readonly end?: number;
  /** Act as if the kernel did not have them: programs fall back to something else. */
  readonly missing: readonly number[];
  readonly refused: readonly number[];
  readonly sockets: readonly number[];
}

interface Machine {
  /** The number of seccomp(2). */
  readonly load: number;
  readonly abis: readonly Abi[];
}

const IO_URING = [425, 426, 427];

/** In the order of each list: io_uring and the kernel's keys; bpf, userfaultfd, perf_event_open, open_by_handle_at; socket, socketpair. */
const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = {
  x64: {
    load: 317,
    abis: [
      {
        audit: 0xc000003e,
        // x32, which numbers the same system calls differently.
        end: 0x40000000,
        missing: [...IO_URING, 248, 249, 250],
        refused: [321, 323, 298, 304],
        sockets: [41, 53],
      },
      {
        // Programs of 32 bits. socketcall (102) hides its arguments from a filter; C libraries do without it.
        audit: 0x40000003,
        missing: [...IO_URING, 286, 287, 288, 102],
        refused: [357, 374, 336, 342],
        sockets: [359, 360],
      },
    ],
  },
  arm64: {
    load: 277,
    abis: [
      {
        audit: 0xc00000b7,
        missing: [...IO_URING, 217, 218, 219],
        refused: [280, 282, 241, 265],
        sockets: [198, 199],
      },
    ],
  },
};

/** AF_UNIX, AF_INET, AF_INET6 and AF_PACKET; the last takes a privilege that dynos never have. */
const FAMILIES = [1, 2, 10, 17];
const AF_NETLINK = 16;
/** What lists network interfaces and routes. */
const NETLINK_ROUTE = 0;

const EPERM = 1;
const ENOSYS = 38;
const EPROTONOSUPPORT = 93;
const EAFNOSUPPORT = 97;

/** Where struct seccomp_data has them; of arguments the lower half, on little-endian machines. */
const NUMBER = 0;
const ARCH = 4;
const argument = (index: number): number => 16 + 8 * index;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

const load = (offset: number): Instruction => [0x20, 0, 0, offset];
/** Continues with the next instruction if the loaded value is `value`, else skips `others`. */
const equal = (value: number, others: number): Instruction => [0x15, 0, others, value];
const atLeast = (value: number, others: number): Instruction => [0x35, 0, others, value];
const ALLOW: Instruction = [0x06, 0, 0, 0x7fff0000];
const KILL: Instruction = [0x06, 0, 0, 0x80000000];
const fail = (errno: number): Instruction => [0x06, 0, 0, 0x00050000 + errno];

/**
 * Returns a seccomp filter, as an array of struct sock_filter, that keeps programs from parts of the kernel which no app
 * needs and that have let programs out of their sandbox before: io_uring, the kernel's keys, bpf, userfaultfd, performance
 * events, files by handle, and sockets that are neither IP nor local. Undefined where the processor is not known here.
 */
export function syscallFilter(arch: NodeJS.Architecture = process.arch): Buffer | undefined {
  const abis = MACHINES[arch]?.abis;
  if (abis === undefined) return undefined;
  const program = [load(ARCH), ...abis.flatMap(forAbi), KILL];
  return Buffer.concat(program.map(encoded));
}

function forAbi({ audit, end, missing, refused, sockets }: Abi): Instruction[] {
  const rules = [
    load(NUMBER),
    ...(end === undefined ? [] : [atLeast(end, 1), fail(ENOSYS)]),
    ...missing.flatMap((each) => [equal(each, 1), fail(ENOSYS)]),
    ...refused.flatMap((each) => [equal(each, 1), fail(EPERM)]),
    ...sockets.flatMap((each) => [equal(each, SOCKET_RULES.length), ...SOCKET_RULES]),
    ALLOW,
  ];
  return [equal(audit, rules.length), ...rules];
}

const SOCKET_RULES: readonly Instruction[] = [
  load(argument(0)),
  ...FAMILIES.flatMap((each) => [equal(each, 1), ALLOW]),
  equal(AF_NETLINK, 4),
  load(argument(2)),
  equal(NETLINK_ROUTE, 1),
  ALLOW,
  fail(EPROTONOSUPPORT),
  fail(EAFNOSUPPORT),
];

function encoded([code, ifTrue, ifFalse, value]: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
}

/**
 * Each loads the filter $1, in hex, with the system call $2, and executes the rest of its arguments. The operation 1 is
 * SECCOMP_SET_MODE_FILTER. The flag 4, SECCOMP_FILTER_FLAG_SPEC_ALLOW, keeps older kernels from slowing programs down.
 */
const LOADERS: readonly (readonly string[])[] = [
  [
    'perl',
    '-e',
    `my ($filter, $call) = (pack("H*", shift), shift);
     my $program = pack("S x!8 P", length($filter) / 8, $filter);
     syscall($call + 0, 1, 4, $program) == 0 or die "seccomp: $!\\n";
     exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!\\n";`,
  ],
  [
    'python3',
    '-ISc',
    `import ctypes, os, struct, sys
filter = ctypes.create_string_buffer(bytes.fromhex(sys.argv[1]))
program = struct.pack("H6xQ", (len(filter) - 1) // 8, ctypes.addressof(filter))
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(int(sys.argv[2]), 1, 4, program) != 0: sys.exit("seccomp: " + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[3], sys.argv[3:])`,
  ],
];

/** The beginning of a command line whose program runs under the filter, or why there is none, without a full stop. */
export type FilterLoader =
  | { readonly command: readonly string[]; readonly because?: never }
  | { readonly command?: never; readonly because: string };

let found: FilterLoader | undefined;

/** Tries, once for each process, which program of this machine loads the filter. */
export function filterLoader(): FilterLoader {
  found ??= findLoader();
  return found;
}

function findLoader(): FilterLoader {
  const filter = syscallFilter();
  const call = MACHINES[process.arch]?.load;
  if (filter === undefined || call === undefined)
    return { because: `there is no filter for the processor ${process.arch}` };
  const reasons: string[] = [];
  for (const loader of LOADERS) {
    const command = [...loader, filter.toString('hex'), String(call)];
    const [name = '', ...args] = command;
    // Without this no program may filter itself, unless it is root of its namespace, as the agent is.
    const tried = spawnSync('setpriv', ['--no-new-privs', name, ...args, 'true'], {
      cwd: '/',
      env: TOOL_ENV,
      encoding: 'utf8',
    });
    if (tried.status === 0) return { command };
    reasons.push(tried.error?.message ?? (tried.stderr.trim().split('\n').at(-1) || `${name} failed`));
  }
  return { because: `perl or python3 is needed to load the filter (${reasons.join('; ')})` };
}
