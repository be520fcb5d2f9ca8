import { once } from 'node:events';
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
    const facts = await said(started, 'stdout', parsed);
    return new Daemon(facts, started);
  }

  /** As a person starts it: answers what it says on standard error, as soon as that has `words` in it. */
  static async startAloud(
    user: User,
    argv: readonly string[],
    words: string,
  ): Promise<{ started: Started; text: string }> {
    const started = user.start(['platform:start', '--foreground', ...argv], { bound: LIFE });
    const text = await said(started, 'stderr', (all) => (all.includes(words) ? all : undefined));
    return { started, text };
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

/** Waits until there is something to be found in what it writes. Rejects if it ends before. */
async function said<R>(
  started: Started,
  stream: 'stdout' | 'stderr',
  find: (text: string) => R | undefined,
): Promise<R> {
  let text = '';
  for (;;) {
    const [chunk] = await Promise.race([once(started.child[stream], 'data'), ended(started)]);
    text += String(chunk);
    const found = find(text);
    if (found !== undefined) return found;
  }
}

async function ended(started: Started): Promise<never> {
  const { code, stdout, stderr } = await started.ended;
  throw new Error(`platform:start ended with ${code}: ${stdout}${stderr}`);
}

/** The whole document, or undefined while some of it has not come. Throws if it tells of a failure. */
function parsed(text: string): Facts | undefined {
  let document: Facts | { readonly error: unknown };
  try {
    document = JSON.parse(text) as typeof document;
  } catch {
    return undefined;
  }
  if ('error' in document) throw new Error(`platform:start failed: ${text}`);
  return document;
}
