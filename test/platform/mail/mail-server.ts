import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach } from '@jest/globals';
import { openAuthority } from '../../../src/platform/router/authority.js';
import { temporaryFolder } from '../store/temporary.js';

/** What a mail server took. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Whether it came by TLS. */
  readonly secure: boolean;
  readonly source: string;
}

/** See smtp-server.mjs. */
export interface Behaviour {
  readonly hang?: boolean;
  readonly data?: string;
  readonly auth?: string;
  readonly refuse?: Readonly<Record<string, string>>;
  readonly die?: 'begun' | 'read';
}

export interface ServerOptions extends Behaviour {
  /** TLS from the start. */
  readonly secure?: boolean;
  /** Whether it offers STARTTLS. */
  readonly tls?: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly port?: number;
}

interface Said {
  readonly port?: number;
  readonly mail?: Mail;
  readonly connected?: string;
  readonly behaviour?: Behaviour;
  readonly auth?: string;
}

const PROGRAM = join(import.meta.dirname, 'smtp-server.mjs');

const running = new Set<MailServer>();
afterEach(async () => {
  for (const server of running) await server.kill();
});

/** A mail server in a process of its own, until the test is over. */
export class MailServer {
  readonly said: Said[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;
  #over = false;
  readonly #waiting = new Set<() => void>();

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#ended = once(child, 'close').then(() => {
      this.#over = true;
      this.#wake();
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.said.push(JSON.parse(line) as Said);
      this.#wake();
    });
    // It may be gone when it is told something.
    child.stdin.on('error', () => {});
  }

  static async start(options: ServerOptions = {}): Promise<MailServer> {
    const { chain, key } = await certificate();
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify({ cert: chain, key, ...options })], {
      stdio: 'pipe',
    });
    const server = new MailServer(child);
    running.add(server);
    await server.until(() => server.said.some(({ port }) => port !== undefined));
    return server;
  }

  get port(): number {
    return this.said.find(({ port }) => port !== undefined)?.port ?? 0;
  }

  get mails(): Mail[] {
    return this.said.flatMap(({ mail }) => (mail === undefined ? [] : [mail]));
  }

  get connections(): number {
    return this.said.filter(({ connected }) => connected !== undefined).length;
  }

  /** Waits until something of what it says is so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#over) throw new Error(`The mail server ended: ${JSON.stringify(this.said)}`);
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
    }
  }

  async mailed(count = 1): Promise<Mail[]> {
    await this.until(() => this.mails.length >= count);
    return this.mails;
  }

  async behave(behaviour: Behaviour): Promise<void> {
    const before = this.said.filter((each) => each.behaviour !== undefined).length;
    this.#child.stdin.write(`${JSON.stringify(behaviour)}\n`);
    await this.until(() => this.said.filter((each) => each.behaviour !== undefined).length > before);
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<void> {
    await this.#ended;
    running.delete(this);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended();
  }

  #wake(): void {
    for (const each of this.#waiting) each();
    this.#waiting.clear();
  }
}

let made: Promise<{ readonly ca: string; readonly chain: string; readonly key: string }> | undefined;
afterAll(() => {
  made = undefined;
});

/** A certificate for localhost, and the authority that it comes from. */
export function certificate() {
  made ??= (async () => {
    const authority = await openAuthority({ folder: join(temporaryFolder(), 'ca'), bases: ['localhost'] });
    const { chain, key } = await authority.issue(['localhost']);
    return { ca: authority.certificate, chain, key };
  })();
  return made;
}
