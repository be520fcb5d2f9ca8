import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quoted, type User } from './aka.js';

/** A step that was taken on it. */
export interface Taken {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  json<T = Record<string, unknown>>(): T;
}

/** What gives a process files of its own in /etc, in what the system trusts, and in /run; as root, or as one who looks so. */
const UNSHARE = process.geteuid?.() === 0 ? 'unshare -m' : 'unshare -rm';
const OWN = ['/etc', '/usr/local/share/ca-certificates'];

/** Whether `unshare -U` runs a program as somebody without any of root's rights, though with the same files. */
export function canShedRoot(): boolean {
  return spawnSync('unshare', ['-U', 'true'], { stdio: 'ignore' }).status === 0;
}

/** Whether this machine lets tests have one of their own, and what is tested there is on it. */
export function hasOwnMachine(...programs: readonly string[]): boolean {
  const line = ['mount -t tmpfs none /run', ...programs.map((name) => `command -v ${name}`)].join(' && ');
  const { status } = spawnSync('/bin/sh', ['-c', `${UNSHARE} sh -c ${quoted(line)}`], { stdio: 'ignore' });
  return (
    status === 0 && canShedRoot() && OWN.every((folder) => spawnSync('test', ['-d', folder]).status === 0)
  );
}

/**
 * Takes steps, named lines of a shell, one after another as root of a machine whose files may be changed: those of this
 * one are out of reach. It ends with them.
 */
export async function onOwnMachine<Name extends string>(
  user: User,
  steps: Readonly<Record<Name, string>>,
): Promise<Readonly<Record<Name, Taken>>> {
  const at = join(user.home, 'machine');
  const entries = Object.entries<string>(steps);
  const script = [
    'set -eu',
    ...OWN.flatMap((folder, n) => [
      `mkdir -p ${quoted(`${at}/${n}`)}`,
      `cp -a ${folder}/. ${quoted(`${at}/${n}`)}`,
      `mount --bind ${quoted(`${at}/${n}`)} ${folder}`,
    ]),
    'mount -t tmpfs none /run',
    'set +e',
    ...entries.map(
      ([, line], n) =>
        `(${line}) > ${quoted(`${at}/${n}.out`)} 2> ${quoted(`${at}/${n}.err`)} < /dev/null; echo $? > ${quoted(`${at}/${n}.code`)}`,
    ),
  ].join('\n');
  const ended = await user.sh(`${UNSHARE} sh -c ${quoted(script)}`, { bound: 90_000 });
  if (ended.code !== 0) throw new Error(`The machine could not be made: ${ended.stderr}`);
  const read = (n: number, what: string): string => readFileSync(`${at}/${n}.${what}`, 'utf8');
  const taken = entries.map(([name, line], n) => {
    const [code, stdout, stderr] = [Number(read(n, 'code')), read(n, 'out'), read(n, 'err')];
    user.transcript.push(`$ ${line}\n${stdout}${stderr}(exit ${code})`);
    return [name, { code, stdout, stderr, json: <T>() => JSON.parse(stdout) as T }] as const;
  });
  return Object.fromEntries(taken) as Record<Name, Taken>;
}
