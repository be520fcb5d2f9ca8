import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TRUSTED } from '../engine/engine.js';
import { writePrivateFile } from '../files/private-files.js';
import { SYSTEM_BUNDLES } from '../machine/system-bundles.js';

/** The vars by which programs are told of such a file, and take only that. */
const BUNDLE_VARS = [
  'SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'AWS_CA_BUNDLE',
];

/** What dynos need to trust the platform's certificates besides what this machine trusts. */
export interface Trust {
  readonly file: string;
  /** What is in it, for those who can't read it there. */
  readonly text: string;
  /** Whether it has what this machine trusts, too. */
  readonly isWhole: boolean;
}

/** Writes the file that dynos are to trust: the authorities of this machine, and the platform's own. */
export function trust(dataDir: string, certificate: string): Trust {
  const file = join(dataDir, TRUSTED);
  const system = systemBundle();
  const known = system === undefined ? '' : `${readFileSync(system, 'utf8').trimEnd()}\n`;
  const text = known + certificate;
  writePrivateFile(file, text);
  return { file, text, isWhole: system !== undefined };
}

/**
 * The vars that tell programs of that file, wherever they find it. Node.js has authorities of its own; adding to them
 * costs each start of Node.js 20 as much as all the rest of it, so it is told to use the file as others do, and to add
 * only where the file is no substitute.
 */
export function trustVars({ isWhole }: Trust, file: string): Record<string, string> {
  if (!isWhole) return { NODE_EXTRA_CA_CERTS: file };
  return { ...Object.fromEntries(BUNDLE_VARS.map((name) => [name, file])), NODE_OPTIONS: '--use-openssl-ca' };
}

/** The file of all authorities that this system trusts, where there is one. */
export function systemBundle(): string | undefined {
  return SYSTEM_BUNDLES.find((each) => existsSync(each));
}
