import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { errorCode } from '../model/error-code.js';
import { RuleError } from '../model/rule.js';
import { refuseForeign } from './private-files.js';

const MOST = 1024 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * Checks that a file holds certificates in PEM form, and nothing that others could put into it. Throws a
 * {@link RuleError} that says what is wrong with it.
 */
export function checkCertificates(file: string): void {
  const certificates = read(file).match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw unfit(file, 'holds no certificate in PEM form');
  for (const [index, each] of certificates.entries()) {
    if (!isCertificate(each)) throw unfit(file, `has a certificate that is none, the ${index + 1}. in it`);
  }
}

function read(file: string): string {
  try {
    const stats = statSync(file);
    if (!stats.isFile() || stats.size > MOST) throw unfit(file, `is no file, or has more than ${MOST} bytes`);
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
