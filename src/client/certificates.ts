import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { RuleError } from '../model/rule.js';
import { codeOf } from './transport.js';

/** The most that a file with certificates may have, in bytes: what a system trusts has a fifth of this. */
const CERTIFICATES_BYTES_MAX = 1024 * 1024;

/** The certificates that Node.js knows, and those in a PEM file. Throws a {@link RuleError} that names the file if it holds none. */
export function acceptedCertificates(file: string): string[] {
  return [...rootCertificates, ...readCertificates(file)];
}

/** The certificates in a PEM file. Throws a {@link RuleError} that names the file if it holds none. */
export function readCertificates(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    throw noCertificates(file, `it can't be read (${codeOf(error)})`);
  }
  if (text.length > CERTIFICATES_BYTES_MAX) throw noCertificates(file, 'it is larger than 1 MiB');
  const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw noCertificates(file, 'there is none in it');
  return found;
}

function noCertificates(file: string, why: string): RuleError {
  return new RuleError(
    'invalid_certificates',
    `${file} is to hold certificates to accept, but ${why}.`,
    'Name a PEM file, with -----BEGIN CERTIFICATE----- in it.',
  );
}
