import { type ChildProcess, spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { EngineError } from './engine.js';
import { type Order, Report } from './protocol.js';

/** How the agent's program is run: what a shell would be given, `runAgent()` being what it calls. */
export interface AgentCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** Where the agent runs. */
export interface AgentPlace {
  /** In a namespace of users of its own, so that it needs no rights; else it is root of the machine. */
  readonly rootless: boolean;
  /** Whom it runs as, if not as this process. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** In the network of the machine, not one of its own. */
  readonly machineNetwork?: boolean;
}

type Heard = Exclude<Report, { say: 'answer' }>;
type Handle = Socket | Server | undefined;

interface Asked {
  readonly resolve: (handle: Handle) => void;
  readonly reject: (error: EngineError) => void;
}

/**
 * The first process of a pid namespace inherits every orphan; a shell that waits reaps them. The name is that of the
 * namespace made with it, and a safeguard keeps it from being the machine's.
 */
const FIRST_PROCESS = `
if [ "$(readlink /proc/self/ns/uts)" != "$MACHINE_NAMES" ]; then hostname dyno 2>/dev/null; fi
unset MACHINE_NAMES
"$@"; exit
`;
const ERROR_TEXT = 4096;
const CLOSE_MS = 5000;

/**
 * The daemon's end of the channel to its agent, and the agent's life: it and all its namespaces end with this process,
 * also if that is killed.
 */
export class AgentLink {
  /** Resolves when the agent is gone, with what it said last on stderr. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly asked = new Map<number, Asked>();
  private next = 1;
  private complaint = '';

  constructor(
    agent: AgentCommand,
    { rootless, user, machineNetwork }: AgentPlace,
    private readonly hear: (report: Heard, handle: Handle) => void,
  ) {
    const [command = '', ...args] = [
      namespaces(rootless, machineNetwork),
      ['sh', '-c', FIRST_PROCESS, 'sh', agent.command, ...agent.args],
    ].flat();
    this.child = spawn(command, args, {
      cwd: '/',
      // Nothing of the user's: NODE_OPTIONS and the like would act on the agent.
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        MACHINE_NAMES: readlinkSync('/proc/self/ns/uts'),
      },
      // A session of its own: no terminal that a dyno could reach, no Ctrl-C meant for the daemon.
      detached: true,
      ...user,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaint = (this.complaint + text).slice(-ERROR_TEXT);
    });
    this.child.on('message', (message, handle) => this.receive(message, handle as Handle));
    this.ended = new Promise((resolve) => {
      this.child.on('error', (error) => resolve(error.message));
      // Not `close`: that would wait for a channel that listeners were passed through.
      this.child.on('exit', (code, signal) => {
        const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
        resolve([`The agent ${how}`, this.complaint.trim()].filter(Boolean).join(': '));
      });
    });
    void this.ended.then((why) => {
      for (const { reject } of this.asked.values()) reject(new EngineError('lost', why));
      this.asked.clear();
    });
  }

  /** Resolves with the handle of the answer, if it has one. */
  ask(order: Order): Promise<Handle> {
    return new Promise((resolve, reject) => {
      if (!this.child.connected) {
        reject(new EngineError('lost', 'The agent is gone.'));
        return;
      }
      const number = this.next++;
      this.asked.set(number, { resolve, reject });
      this.child.send({ number, order }, (error) => {
        if (error === null || !this.asked.delete(number)) return;
        reject(new EngineError('lost', `The agent can't be reached: ${error.message}`));
      });
    });
  }

  /** Ends the agent and everything in its namespaces. */
  async close(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    // It ends when it notices, and then its first process has seen everything else end; killing is for one that hangs.
    const hangs = setTimeout(() => this.child.kill('SIGKILL'), CLOSE_MS);
    await this.ended;
    clearTimeout(hangs);
  }

  private receive(message: unknown, handle: Handle): void {
    const report = Report.parse(message);
    if (report.say !== 'answer') {
      this.hear(report, handle);
      return;
    }
    const asked = this.asked.get(report.number);
    this.asked.delete(report.number);
    if (report.error === undefined) asked?.resolve(handle);
    else asked?.reject(new EngineError(report.error.id, report.error.message));
  }
}

function namespaces(rootless: boolean, machineNetwork: boolean | undefined): string[] {
  return [
    ['setpriv', '--pdeathsig=KILL', '--', 'unshare'],
    rootless ? ['--user', '--map-root-user'] : [],
    // What the machine unmounts must not stay busy because of us.
    [
      ...(machineNetwork === true ? [] : ['--net']),
      '--mount',
      '--propagation=slave',
      '--ipc',
      '--uts',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
      '--',
    ],
  ].flat();
}
