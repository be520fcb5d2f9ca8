import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll } from '@jest/globals';
import { given } from '../../../src/model/given.js';
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
  readonly mail?: Mail;
  readonly connected?: string;
  readonly behaviour?: Behaviour;
  readonly auth?: string;
}

const PROGRAM = join(import.meta.dirname, 'smtp-server.mjs');

/** Those that are alive, by how they were started: the next test that asks for one alike gets the same. */
const running = new Map<string, MailServer>();
afterAll(async () => {
  for (const server of running.values()) await server.kill();
});

/** A mail server in a process of its own, until the tests of a file are over. */
export class MailServer {
  said: Said[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;
  #over = false;
  readonly #waiting = new Set<() => void>();

  private constructor(
    child: ChildProcessWithoutNullStreams,
    readonly port: number,
  ) {
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

  /** One that has taken nothing yet. */
  static async start({ hang, data, auth, refuse, die, ...options }: ServerOptions = {}): Promise<MailServer> {
    const { chain, key } = await certificate();
    const program = [PROGRAM, JSON.stringify({ cert: chain, key, ...options })];
    const known = JSON.stringify(options);
    const server = running.get(known) ?? (await MailServer.#spawn(program));
    running.set(known, server);
    await server.behave(given({ hang, data, auth, refuse, die }));
    server.said = [];
    return server;
  }

  static async #spawn(program: readonly string[]): Promise<MailServer> {
    const child = spawn(process.execPath, program, { stdio: 'pipe' });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return new MailServer(child, (JSON.parse(line) as { port: number }).port);
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
    for (const [known, server] of running) if (server === this) running.delete(known);
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
