import { spawn } from 'node:child_process';
import { TOOL_ENV } from './agent/tool-env.js';

export interface NamespacesWanted {
  /** In a namespace of users of their own, so that making them takes no rights. */
  readonly rootless: boolean;
  readonly machineNetwork?: boolean | undefined;
}

/** Processes start a great deal faster than this; longer means that something hangs. */
const TRY_MS = 3000;

/** The beginning of a command line whose program gets namespaces, and ends with this process and with `unshare`. */
export function inNamespaces({ rootless, machineNetwork = false }: NamespacesWanted): string[] {
  return [
    ['setpriv', '--pdeathsig=KILL', '--', 'unshare'],
    rootless ? ['--user', '--map-root-user'] : [],
    machineNetwork ? [] : ['--net'],
    // What the machine unmounts must not stay busy because of us.
    [
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

/** Tries whether they can be had; returns why not, as the tools say it, or undefined if they can. */
export function whyNoNamespaces(wanted: NamespacesWanted): Promise<string | undefined> {
  const [command, ...args] = [...inNamespaces(wanted), 'true'];
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: '/', env: TOOL_ENV, stdio: ['ignore', 'ignore', 'pipe'] });
    const limit = setTimeout(() => child.kill('SIGKILL'), TRY_MS);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('error', ({ message }) => {
      clearTimeout(limit);
      resolve(message);
    });
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve(code === 0 ? undefined : said.trim() || 'unshare did not answer');
    });
  });
}
