import { type ChildProcess, spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { TOOL_ENV } from './agent/tool-env.js';
import { EngineError } from './engine.js';
import { inNamespaces } from './namespaces.js';
import { type Order, Report } from './protocol.js';
import { filterLoader } from './syscall-filter.js';

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
type Answer = Pick<Extract<Report, { say: 'answer' }>, 'listeners'>;

interface Asked {
  readonly resolve: (handle: Handle, answer: Answer) => void;
  readonly reject: (error: EngineError) => void;
}

/**
 * The first process of a pid namespace inherits every orphan; a shell that waits reaps them. The name is that of the
 * namespace made with it, and a safeguard keeps it from being the machine's.
 */
const FIRST_PROCESS = `
names=$(readlink /proc/self/ns/uts) && [ "$names" != "$MACHINE_NAMES" ] && hostname dyno 2>/dev/null
unset names MACHINE_NAMES
"$@"; exit
`;
const ERROR_TEXT = 4096;
/** How long the last words of an agent that has ended are waited for. */
const LAST_WORDS_MS = 1000;
const CLOSE_MS = 5000;
/** Far more than the agent allows for a dial, also on a machine that is busy. */
const DIALLED_MS = 30_000;

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
      inNamespaces({ rootless, machineNetwork }),
      // All that the agent starts inherits it.
      filterLoader().command ?? [],
      ['sh', '-c', FIRST_PROCESS, 'sh', agent.command, ...agent.args],
    ].flat();
    this.child = spawn(command, args, {
      cwd: '/',
      // Nothing of the user's: NODE_OPTIONS and the like would act on the agent.
      env: { ...TOOL_ENV, MACHINE_NAMES: readlinkSync('/proc/self/ns/uts') },
      // A session of its own: no terminal that a dyno could reach, no Ctrl-C meant for the daemon.
      detached: true,
      ...user,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const silent = new Promise((resolve) => {
      this.child.stderr
        ?.setEncoding('utf8')
        .on('data', (text: string) => {
          this.complaint = (this.complaint + text).slice(-ERROR_TEXT);
        })
        .on('close', resolve);
    });
    this.child.on('message', (message, handle) => this.receive(message, handle as Handle));
    this.ended = new Promise((resolve) => {
      this.child.on('error', (error) => resolve(error.message));
      // Not `close`: that would wait for a channel that listeners were passed through.
      this.child.on('exit', (code, signal) => {
        const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
        const limit = setTimeout(() => resolve(this.whyEnded(how)), LAST_WORDS_MS);
        void silent.then(() => {
          clearTimeout(limit);
          resolve(this.whyEnded(how));
        });
      });
    });
    void this.ended.then((why) => {
      for (const { reject } of this.asked.values()) reject(new EngineError('lost', why));
      this.asked.clear();
    });
  }

  /** Resolves with the handle of the answer, if it has one. */
  ask(order: Exclude<Order, { do: 'listeners' }>): Promise<Handle> {
    return this.send(order, (handle) => handle);
  }

  /** Where the programs of a dyno listen; undefined if that can't be known. */
  listeners(id: string): Promise<Answer['listeners']> {
    return this.send({ do: 'listeners', id }, (_, { listeners }) => listeners);
  }

  private send<T>(order: Order, read: (handle: Handle, answer: Answer) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.child.connected) {
        void this.ended.then((why) => reject(new EngineError('lost', why)));
        return;
      }
      const number = this.next++;
      const tooLong = order.do === 'dial' ? setTimeout(() => this.stuck(), DIALLED_MS) : undefined;
      this.asked.set(number, {
        resolve: (handle, answer) => {
          clearTimeout(tooLong);
          resolve(read(handle, answer));
        },
        reject: (error) => {
          clearTimeout(tooLong);
          reject(error);
        },
      });
      this.child.send({ number, order }, (error) => {
        // It is ending: then it says why, which is what whoever asked wants to hear.
        if (error !== null) void this.close();
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

  /**
   * Every dial has an answer within seconds, unless a connection could not be passed on: Node then waits for ever to
   * pass on the next. Only another agent helps.
   */
  private stuck(): void {
    this.complaint += '\nIt stopped passing connections on.';
    this.child.kill('SIGKILL');
  }

  private whyEnded(how: string): string {
    return [`The agent ${how}`, gist(this.complaint)].filter(Boolean).join(': ');
  }

  private receive(message: unknown, handle: Handle): void {
    const report = Report.parse(message);
    if (report.say !== 'answer') {
      this.hear(report, handle);
      return;
    }
    const asked = this.asked.get(report.number);
    this.asked.delete(report.number);
    if (report.error === undefined) asked?.resolve(handle, report);
    else asked?.reject(new EngineError(report.error.id, report.error.message));
  }
}

/** What a program complains about: of Node's words on an error that nobody caught, the error; else the last line. */
function gist(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.find((line) => /^\w*Error(?: \[\w+\])?: /.test(line)) ?? lines.findLast(Boolean) ?? '';
}
