import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from '../files/private-files.js';

/** Where systems keep all the authorities they trust in one file: Debian, Fedora, SUSE, Alpine. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The vars by which programs are told of such a file; Node.js adds to what it has, the others take only that. */
const BUNDLE_VARS = [
  'SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'AWS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
];

/** What dynos need to trust the platform's certificates besides what this machine trusts. */
export interface Trust {
  readonly file: string;
  /** What is in it, for those who can't read it there. */
  readonly text: string;
}

/** The name of the file. */
export const TRUSTED = 'trusted.pem';

/** Writes the file that dynos are to trust: the authorities of this machine, and the platform's own. */
export function trust(dataDir: string, certificate: string): Trust {
  const file = join(dataDir, TRUSTED);
  const system = systemBundle();
  const known = system === undefined ? '' : `${readFileSync(system, 'utf8').trimEnd()}\n`;
  writePrivateFile(file, known + certificate);
  return { file, text: known + certificate };
}

/** The file of all authorities that this system trusts, where there is one. */
export function systemBundle(): string | undefined {
  return SYSTEM_BUNDLES.find((each) => existsSync(each));
}

/** The vars that tell programs of that file. */
export function trustVars(file: string): Record<string, string> {
  return Object.fromEntries(BUNDLE_VARS.map((name) => [name, file]));
}
