import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import type { Credential, Credentials } from './access.js';
import { KubernetesError } from './errors.js';

/** The `exec` of a kubeconfig's user. */
export const ExecPlugin = z.object({
  apiVersion: z.string(),
  command: z.string(),
  args: z.nullish(z.array(z.string())),
  env: z.nullish(z.array(z.object({ name: z.string(), value: z.string() }))),
  installHint: z.nullish(z.string()),
  interactiveMode: z.nullish(z.string()),
  provideClusterInfo: z.nullish(z.boolean()),
});

const ExecCredential = z.object({
  status: z.object({
    token: z.optional(z.string()),
    expirationTimestamp: z.optional(z.string()),
    clientCertificateData: z.optional(z.string()),
    clientKeyData: z.optional(z.string()),
  }),
});

const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const TIMEOUT = 60_000;
/** A token that expires sooner than this, in milliseconds, isn't used. */
const MARGIN = 30_000;
const run = promisify(execFile);

/** The cluster that a plugin hears of, if it asks. */
export interface PluginCluster {
  readonly server: string;
  readonly 'certificate-authority-data'?: string;
}

/**
 * Credentials from a program, such as those of cloud providers. A program is run once for as long as its credential is
 * good, and again after the server refused that. `folder` is the one of the kubeconfig, for a relative command.
 */
export function execPlugin(
  plugin: z.infer<typeof ExecPlugin>,
  { folder, cluster, env, now = Date.now }: ExecContext,
): Credentials {
  if (!VERSIONS.includes(plugin.apiVersion)) {
    throw pluginError(plugin, `version ${plugin.apiVersion} is not supported. Use ${VERSIONS[0]}`);
  }
  if (plugin.interactiveMode === 'Always')
    throw pluginError(plugin, 'it needs a terminal, and there is none');
  let cached: Promise<Fetched> | undefined;

  async function fetchCredential(): Promise<Fetched> {
    const spec = { interactive: false, ...(plugin.provideClusterInfo === true && { cluster }) };
    const info = JSON.stringify({ apiVersion: plugin.apiVersion, kind: 'ExecCredential', spec });
    const own = Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value]));
    const command = plugin.command.includes('/') ? resolve(folder, plugin.command) : plugin.command;
    const options = { env: { ...env, ...own, KUBERNETES_EXEC_INFO: info }, timeout: TIMEOUT };
    const { stdout } = await run(command, plugin.args ?? [], options).catch((error: unknown) => {
      throw pluginError(plugin, failureText(error), plugin.installHint ?? undefined);
    });
    const { status } = parsedCredential(plugin, stdout);
    const { token, expirationTimestamp: expires, clientCertificateData: cert, clientKeyData: key } = status;
    if (token === undefined && (cert === undefined || key === undefined)) {
      throw pluginError(plugin, 'it printed neither a token nor a certificate with its key');
    }
    return {
      authorization: token === undefined ? undefined : `Bearer ${token}`,
      certificate: cert === undefined || key === undefined ? undefined : { cert, key },
      until: expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires) - MARGIN,
    };
  }

  return {
    async current() {
      const mine = (cached ??= fetchCredential());
      try {
        const fetched = await mine;
        if (now() < fetched.until || cached !== mine) return fetched;
        cached = fetchCredential();
        return await cached;
      } catch (error) {
        // The next request tries again.
        cached = undefined;
        throw error;
      }
    },
    renew() {
      cached = undefined;
      return true;
    },
  };
}

interface Fetched extends Credential {
  /** In milliseconds since 1970. */
  readonly until: number;
}

interface ExecContext {
  readonly folder: string;
  readonly cluster: PluginCluster;
  readonly env: NodeJS.ProcessEnv;
  readonly now?: () => number;
}

function parsedCredential(
  plugin: z.infer<typeof ExecPlugin>,
  stdout: string,
): z.infer<typeof ExecCredential> {
  try {
    return ExecCredential.parse(JSON.parse(stdout));
  } catch {
    // Not the output: it may hold a token.
    throw pluginError(plugin, 'it did not print an ExecCredential');
  }
}

function failureText(error: unknown): string {
  const { code, stderr } = error as { readonly code?: string | number; readonly stderr?: string };
  if (code === 'ENOENT') return 'there is no such program';
  const last = stderr?.trim().split('\n').at(-1);
  return last === undefined || last === '' ? `it failed (${code ?? 'killed'})` : last;
}

function pluginError({ command }: { readonly command: string }, why: string, hint = ''): KubernetesError {
  return new KubernetesError(
    'kubeconfig',
    `Credential plugin ${command}: ${why}.${hint === '' ? '' : ` ${hint}`}`,
  );
}
