import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppsApiError, Unsupported } from '../../contract/errors.js';
import { shellWord } from '../../model/shell.js';
import { systemBundle } from '../daemon/trust.js';
import type { AuthorityCertificate } from '../router/authority.js';
import { type Command, shortName, type TrustPlan, trustPlan } from './system-trust.js';

/** How long one command may take, in milliseconds. */
const BOUND = 120_000;
/** Where programs for administrators are; the PATH of others may lack it, and that of root is root's business alone. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** How this machine stands to an authority. */
export interface SystemTrust {
  /** Whether what the system trusts has it; null where that can't be told. */
  readonly trusted: boolean | null;
  /** The name to confirm it by. */
  readonly name: string;
  /** Undefined where it isn't known how this system is told. */
  readonly plan: TrustPlan | undefined;
}

/** Looks how this machine stands to it. */
export function systemTrust(certificate: AuthorityCertificate): SystemTrust {
  const plan = trustPlan({ platform: process.platform, isFolder, hasProgram, certificate });
  return { trusted: isTrusted(certificate), name: shortName(certificate.fingerprint), plan };
}

/**
 * Has this system trust an authority, or not trust it any more, which may be so already; `agreed` is asked before anything
 * is done, and throws if it isn't. Throws an AppsApiError: 403 for whoever isn't root, 501 where it isn't known how, 500 if
 * a command fails or has no effect.
 */
export async function changeTrust(
  certificate: AuthorityCertificate,
  wanted: 'install' | 'remove',
  agreed: (before: SystemTrust) => Promise<void>,
): Promise<SystemTrust & { readonly changed: boolean }> {
  const before = systemTrust(certificate);
  const { plan } = before;
  if (plan === undefined) {
    throw new Unsupported(
      "change what this system trusts: it isn't known how here",
      `Add ${certificate.file} to the authorities that it trusts, as its manual says.`,
    );
  }
  if (process.geteuid?.() !== 0) throw needsRoot(plan[wanted]);
  await agreed(before);
  for (const command of plan[wanted]) await run(command);
  const after = systemTrust(certificate);
  if (after.trusted !== null && after.trusted !== (wanted === 'install')) throw noEffect(wanted, plan);
  return { ...after, changed: after.trusted === null || before.trusted !== after.trusted };
}

/** Commands as they are typed by somebody who isn't root. */
export function typed(commands: readonly Command[]): string {
  return commands.map((words) => `sudo ${words.map(shellWord).join(' ')}`).join(' && ');
}

async function run([program, ...args]: Command): Promise<void> {
  try {
    await promisify(execFile)(program, args, { env: { PATH, LC_ALL: 'C' }, cwd: '/', timeout: BOUND });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().slice(-500) : '';
    throw new AppsApiError({
      id: 'trust_failed',
      status: 500,
      message: `${program} failed${said === '' ? '.' : `: ${said}`}`,
      hint: `By hand: ${typed([[program, ...args]])}`,
    });
  }
}

/** Whether the file of all that this system trusts has it. macOS has such a file, and doesn't ask it. */
function isTrusted({ certificate }: AuthorityCertificate): boolean | null {
  const bundle = process.platform === 'darwin' ? undefined : systemBundle();
  if (bundle === undefined) return null;
  return flat(readFileSync(bundle, 'utf8')).includes(flat(certificate));
}

function flat(text: string): string {
  return text.replace(/\s+/g, '');
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function hasProgram(name: string): boolean {
  return PATH.split(':').some((folder) => {
    const file = join(folder, name);
    if (!existsSync(file)) return false;
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function needsRoot(commands: readonly Command[]): AppsApiError {
  return new AppsApiError({
    id: 'needs_root',
    status: 403,
    message: 'Only root may change what this system trusts.',
    hint: typed(commands),
  });
}

function noEffect(wanted: 'install' | 'remove', plan: TrustPlan): AppsApiError {
  return new AppsApiError({
    id: 'trust_failed',
    status: 500,
    message: `The system ${wanted === 'install' ? 'does not trust the certificate' : 'still trusts the certificate'}, although its own commands succeeded.`,
    hint: `See what they say: ${typed(plan[wanted])}`,
  });
}
