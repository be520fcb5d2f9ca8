import type { Ended, Started, User } from './aka.js';

/** How long a served platform may live, in milliseconds: longer than any scenario. */
const LIFE = 120_000;

type Environment = Readonly<Record<string, string>>;

interface Facts {
  readonly pid: number;
  readonly socket: string;
  readonly addresses: readonly string[];
  readonly token_file: string | null;
}

/** A user's platform, served by `aka platform:start --foreground` to whoever has its address. */
export class Daemon {
  private constructor(
    readonly facts: Facts,
    readonly started: Started,
  ) {}

  /** Starts it and waits until it says where it listens. Rejects if it ends before. */
  static async start(user: User, argv: readonly string[] = [], env: Environment = {}): Promise<Daemon> {
    const started = user.start(['platform:start', '--foreground', '--json', ...argv], { bound: LIFE, env });
    const document = JSON.parse(await started.written('stdout', '\n}\n')) as
      | Facts
      | { readonly error: unknown };
    if ('error' in document) throw new Error(`platform:start failed: ${JSON.stringify(document)}`);
    return new Daemon(document, started);
  }

  /** As a person starts it: answers what it says on standard error, as soon as that has `words` in it. */
  static async startAloud(
    user: User,
    argv: readonly string[],
    words: string,
  ): Promise<{ started: Started; text: string }> {
    const started = user.start(['platform:start', '--foreground', ...argv], { bound: LIFE });
    return { started, text: await started.written('stderr', words) };
  }

  /** The value of `--api` that reaches it over its unix socket. */
  get api(): string {
    return `unix:${this.facts.socket}`;
  }

  /** The value of `--api` that reaches it over TCP, where it was told to listen there. */
  get url(): string {
    return this.facts.addresses.find((address) => address.startsWith('http:')) ?? '';
  }

  /** Tells it to stop, and waits until it has. */
  async stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = 'SIGTERM'): Promise<Ended> {
    this.started.child.kill(signal);
    return this.started.ended;
  }
}
