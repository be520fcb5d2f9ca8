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
  /** The file that dynos find where it is. */
  readonly file: string;
  readonly vars: Readonly<Record<string, string>>;
}

/** Writes the file that dynos are to trust: the authorities of this machine, and the platform's own. */
export function trust(dataDir: string, certificate: string): Trust {
  const file = join(dataDir, 'trusted.pem');
  const system = SYSTEM_BUNDLES.find((each) => existsSync(each));
  const known = system === undefined ? '' : `${readFileSync(system, 'utf8').trimEnd()}\n`;
  // Dynos may run as another user, and nobody else can enter the folder.
  writePrivateFile(file, known + certificate, 0o644);
  return { file, vars: Object.fromEntries(BUNDLE_VARS.map((name) => [name, file])) };
}
