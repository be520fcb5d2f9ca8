import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../model/error-code.js';
import { printable, RuleError } from '../model/rule.js';

/** Where the system keeps secrets for this user. Every method throws a {@link KeyringError} if it doesn't do it in time. */
export interface Keyring {
  /** Puts a secret there, in place of the one that is there for this account. */
  put(account: string, secret: string): Promise<void>;
  /** Undefined if it has none - or does not say, as one that is locked and can't ask to be unlocked. */
  find(account: string): Promise<string | undefined>;
  /** Whether there was one. */
  remove(account: string): Promise<boolean>;
}

/** Why a keyring doesn't do what it is asked for. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError';
  /** It is not there at all, which is no reason to tell anybody. */
  readonly isMissing: boolean;

  constructor(message: string, isMissing = false) {
    super(message);
    this.isMissing = isMissing;
  }
}

/** One that is locked may wait for a window that nobody sees: a script must go on. In milliseconds. */
const PATIENCE = 5000;
const ANSWER_BYTES = 64 * 1024;

/** What its programs may know: where the keyring is, and how to ask a person. Tokens of the environment stay here. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'LANG',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
];

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The keyring of this system: the Secret Service through secret-tool on Linux, the keychain on macOS; undefined if there
 * can't be one, or AKA_KEYRING=off says that none is to be used. Nothing is started before it is asked for something.
 *
 * Their own programs are used, not a library of native code: a program that hangs can be ended, and secrets go through
 * its standard input and output, never through its arguments.
 */
export function systemKeyring(env: Env, platform: NodeJS.Platform = process.platform): Keyring | undefined {
  const { AKA_KEYRING: wanted = 'on' } = env;
  if (wanted !== 'on' && wanted !== 'off') {
    throw new RuleError(
      'invalid_keyring',
      'AKA_KEYRING is neither on nor off.',
      'Set it to one of them, or unset it.',
    );
  }
  if (wanted === 'off') return undefined;
  if (platform === 'darwin') return keychain(env);
  return platform === 'linux' && hasSessionBus(env) ? secretService(env) : undefined;
}

/** Without a bus that is there already, secret-tool would try to start one. */
function hasSessionBus({ DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime }: Env): boolean {
  return Boolean(address) || (Boolean(runtime) && existsSync(join(runtime ?? '', 'bus')));
}

function attributes(account: string): string[] {
  return ['service', 'aka', 'account', account];
}

function secretService(env: Env): Keyring {
  return {
    async put(account, secret) {
      await done(
        await run('secret-tool', ['store', `--label=aka: ${account}`, ...attributes(account)], env, secret),
      );
    },
    async find(account) {
      const { code, stdout } = await run('secret-tool', ['lookup', ...attributes(account)], env);
      return code === 0 && stdout !== '' ? stdout : undefined;
    },
    async remove(account) {
      return (await run('secret-tool', ['clear', ...attributes(account)], env)).code === 0;
    },
  };
}

const SECURITY = '/usr/bin/security';

function item(account: string): string[] {
  return ['-s', 'aka', '-a', account];
}

/** Its commands are read from standard input where a secret is in them: a line each, of at most 4,096 bytes. */
function keychain(env: Env): Keyring {
  return {
    async put(account, secret) {
      if (!/^[\w.~+/=-]+$/.test(secret) || secret.length > 3500) {
        throw new KeyringError('it takes no token of that form');
      }
      const words = ['add-generic-password', '-U', ...item(account), '-l', `aka:${account}`, '-w', secret];
      await done(await run(SECURITY, ['-i'], env, `${words.join(' ')}\n`));
    },
    async find(account) {
      const { code, stdout } = await run(SECURITY, ['find-generic-password', ...item(account), '-w'], env);
      return code === 0 ? stdout.replace(/\n$/, '') : undefined;
    },
    async remove(account) {
      return (await run(SECURITY, ['delete-generic-password', ...item(account)], env)).code === 0;
    },
  };
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function done({ code, stderr }: Outcome): Promise<void> {
  if (code === 0) return;
  const reason = printable(stderr.trim().split('\n').at(-1) ?? '').slice(0, 200);
  throw new KeyringError(reason === '' ? `it refused (exit ${code})` : `it says: ${reason}`);
}

/** Runs a program to its end. Throws a {@link KeyringError} if it is not there, or doesn't end in time. */
function run(program: string, args: readonly string[], env: Env, input = ''): Promise<Outcome> {
  const known = Object.fromEntries(
    PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: known, stdio: 'pipe' });
    const streams = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        if (streams[name].length < ANSWER_BYTES) streams[name] += text;
      });
    }
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      // What it started may still hold its output open.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      child.unref();
      reject(
        new KeyringError(`it gave no answer in ${PATIENCE / 1000} s: it may be locked and wait in a window`),
      );
    }, PATIENCE);
    child.once('error', (error) => {
      clearTimeout(late);
      reject(
        new KeyringError(`${program} can't be run (${errorCode(error)})`, errorCode(error) === 'ENOENT'),
      );
    });
    child.once('close', (code) => {
      clearTimeout(late);
      resolve({ code, ...streams });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
