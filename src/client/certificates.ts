import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { errorCode } from '../model/error-code.js';
import { RuleError } from '../model/rule.js';
import { refuseForeign } from './private-files.js';

/** The most that a file with certificates may have, in bytes: what a system trusts has a fifth of this. */
const BYTES_MAX = 1024 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The certificates that Node.js knows, and those of a file: see {@link readCertificates}. */
export function acceptedCertificates(file: string): string[] {
  return [...rootCertificates, ...readCertificates(file)];
}

/**
 * The certificates in a PEM file, whatever stands between them. Throws a {@link RuleError} that names the file if it holds
 * none, or something that is none, or if others could write into it.
 */
export function readCertificates(file: string): string[] {
  const certificates = read(file).match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw unfit(file, 'holds no certificate in PEM form');
  for (const [index, each] of certificates.entries()) {
    if (!isCertificate(each)) throw unfit(file, `has a certificate that is none, the ${index + 1}. in it`);
  }
  return certificates;
}

function read(file: string): string {
  try {
    const stats = statSync(file);
    if (!stats.isFile() || stats.size > BYTES_MAX) {
      throw unfit(file, `is no file, or has more than ${BYTES_MAX} bytes`);
    }
    refuseForeign(file);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw error instanceof RuleError ? error : unfit(file, `can't be read (${errorCode(error)})`);
  }
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).subject !== undefined;
  } catch {
    return false;
  }
}

function unfit(file: string, why: string): RuleError {
  return new RuleError(
    'invalid_certificates',
    `${file} ${why}.`,
    'Give a file of certificates that begin with -----BEGIN CERTIFICATE-----.',
  );
}
