import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import type { Dyno } from '../../src/contract/wire.js';
import { platformExists } from '../../src/platform/store/store.js';
import { ROOT, type User } from './aka.js';
import { OWN_PORTS } from './ports.js';
import { scenario } from './scenario.js';

/** What runs apps takes more time than a command. */
const BOUND = 120_000;

/** A web app that says who it is, and what it is told. */
export const HELLO = `
const { createServer } = require('node:http');
createServer((request, response) => {
  if (request.url === '/env') return response.end(JSON.stringify(process.env));
  response.end((process.env.SAYS || 'hello') + ' from ' + process.env.DYNO);
}).listen(process.env.PORT);
process.on('SIGTERM', () => setTimeout(() => process.exit(0), 50));
`;

export const NAMESPACES = (() => {
  if (process.platform !== 'linux') return false;
  const identity = process.getuid?.() === 0 ? [] : ['-U', '-r'];
  try {
    execFileSync('unshare', [...identity, '-n', '-m', '-p', '-f', '--mount-proc', 'true'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
})();

/** Plays with a platform that runs apps, in subnets; whatever happens, nothing of it is left running. */
export function running(name: string, act: (user: RunningUser) => Promise<void>): void {
  const play = async (user: User): Promise<void> => {
    const runner = new RunningUser(user);
    try {
      await user.does(...OWN_PORTS);
      await user.does('platform:start');
      await act(runner);
    } finally {
      if (platformExists(user)) await runner.end();
    }
  };
  if (!NAMESPACES && process.env.AKA_TEST_NAMESPACES === '1') {
    throw new Error('There are namespaces on this machine, and none for these tests.');
  }
  if (NAMESPACES) scenario(name, play, BOUND);
  else scenario.skip(name, play);
}

/** Somebody whose platform runs apps. */
export class RunningUser {
  constructor(readonly user: User) {}

  /** Makes an app in a space, with these files in a folder of its name, and deploys it. */
  async deploys(key: string, files: Readonly<Record<string, string>> = hello()): Promise<void> {
    const [app = '', space = ''] = key.split('-');
    if ((await this.user.run(['spaces:info', space])).code !== 0)
      await this.user.does('spaces:create', space);
    if ((await this.user.run(['apps:info', '-a', key])).code !== 0) {
      await this.user.does('apps:create', app, '--space', space);
    }
    await this.user.does('deploy', this.folder(app, files), '-a', key);
  }

  /** Writes files into a folder of the user. */
  folder(name: string, files: Readonly<Record<string, string>>): string {
    const folder = join(this.user.cwd, name);
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    return folder;
  }

  /** Copies an example of the project. */
  example(name: string): string {
    const folder = join(this.user.cwd, name);
    cpSync(join(ROOT, 'examples', 'shop', name), folder, { recursive: true });
    return folder;
  }

  /** Asks an app for a path of its domain, with its certificate verified. */
  async asks(key: string, path = '/', host?: string): Promise<Answer> {
    const url = new URL(
      (await this.user.does('apps:info', '-a', key, '--json')).json<{ web_url: string }>().web_url,
    );
    return ask(url, path, this.certificate, host);
  }

  /** The certificate of the platform's authority. */
  get certificate(): string {
    const folder = join(this.user.configDir, 'authorities');
    const [id = ''] = readdirSync(folder);
    return readFileSync(join(folder, id, 'ca.pem'), 'utf8');
  }

  async dynos(key: string): Promise<Dyno[]> {
    return (await this.user.does('ps', '-a', key, '--json')).json<Dyno[]>();
  }

  /** Waits until the dynos of an app are as is said. */
  async until(key: string, are: (dynos: Dyno[]) => boolean): Promise<Dyno[]> {
    for (let last: Dyno[] = [], tries = 0; ; tries++) {
      last = await this.dynos(key);
      if (are(last)) return last;
      if (tries > 150) throw new Error(`The dynos of ${key} stay ${JSON.stringify(last)}.`);
    }
  }

  async pid(): Promise<number> {
    const { pid } = (await this.user.run(['platform:status', '--json'])).json<{ pid: number | null }>();
    if (pid === null) throw new Error('The platform is not running.');
    return pid;
  }

  /** Every process that the daemon started, and those they started, whatever namespaces they are in. */
  processes(root: number): number[] {
    const children = new Map<number, number[]>();
    for (const pid of pids()) {
      const parent = parentOf(pid);
      if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
    }
    const below = (pid: number): number[] =>
      (children.get(pid) ?? []).flatMap((each) => [each, ...below(each)]);
    return below(root);
  }

  async end(): Promise<void> {
    const { pid, supervisor } = (await this.user.run(['platform:status', '--json'])).json<{
      pid: number | null;
      supervisor?: number | null;
    }>();
    const stopped = await this.user.run(['platform:stop', '--timeout', '30']);
    if (stopped.code === 0) return;
    for (const each of [supervisor, pid]) if (each) process.kill(each, 'SIGKILL');
  }
}

export function hello(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { Procfile: 'web: node server.js\n', 'server.js': HELLO, ...more };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A request to this machine, whatever its resolver says of the name. */
export function ask(url: URL, path: string, ca: string, host = url.hostname): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: url.port,
      path,
      ca,
      servername: host,
      headers: { host },
      agent: false,
    };
    const sent = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Waits until something holds. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 20_000,
): Promise<void> {
  for (const end = Date.now() + ms; !(await holds()); ) {
    if (Date.now() > end) throw new Error(`It did not happen within ${ms} ms: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

function pids(): number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** The network namespace of a process; undefined if it is no more. */
export function networkOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}
