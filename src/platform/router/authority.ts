import {
  createPrivateKey,
  createPublicKey,
  KeyObject,
  randomBytes,
  webcrypto,
  X509Certificate,
} from 'node:crypto';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { X509Certificate as Certificate } from '@peculiar/x509';
import { AppsApiError } from '../../contract/errors.js';
import { errorCode } from '../../model/error-code.js';
import { isPrivateFolder, privateFolder, refuseLoose, writePrivateFile } from '../files/private-files.js';
import { NAME_CONSTRAINTS, nameConstraints } from './name-constraints.js';

/** A certificate with its chain and key, all in PEM. */
export interface Issued {
  readonly chain: string;
  readonly key: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The certificate authority of a platform. */
export interface Authority {
  /** Its certificate in PEM, for those who are to trust it. */
  readonly certificate: string;
  /** The file that holds the certificate, for programs that want one. */
  readonly file: string;
  /** Makes a certificate for host names; a star stands for one label. */
  issue(names: readonly string[]): Promise<Issued>;
}

export interface AuthorityOptions {
  /** Where key and certificate are kept. */
  readonly folder: string;
  /** The base domains of the platform's stacks: it can speak for them and what is below, and for nothing else. */
  readonly bases: readonly string[];
  readonly now?: () => Date;
}

const DAY = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** So long before its end an authority gets another certificate, and everybody as long to trust that one. */
const OVERLAP_DAYS = 365;
const CERTIFICATE_DAYS = 30;
/** Clocks differ a little, such as those of virtual machines. */
const BACKDATED = 3_600_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * Opens the certificate authority in a folder; it is made there the first time, whole or not at all. Throws an
 * AppsApiError (503) if it is damaged, readable by others or for other domains: its key is never replaced by itself, for
 * others trust it.
 *
 * A year before its certificate expires, or if a clock that was ahead made it valid only later, it gets another one with
 * the same name and key. Who trusts the old one then still believes what is issued, until the old one expires.
 */
export async function openAuthority({
  folder,
  bases,
  now = () => new Date(),
}: AuthorityOptions): Promise<Authority> {
  const domains = [...new Set(bases)].sort();
  if (!isPrivateFolder(folder)) await makeAuthority(folder, domains, now());
  const { certificate: found, key } = readAuthority(folder, domains);
  const x509 = await library();
  const keys = await keysOf(key);
  let certificate = found;
  let renewing: Promise<void> | undefined;
  const renewIfDue = async (): Promise<void> => {
    if (!isDue(certificate, now())) return;
    renewing ??= (async () => {
      const name = new x509.X509Certificate(certificate.raw).subject;
      certificate = new X509Certificate((await selfSigned(keys, name, domains, now())).toString('pem'));
      writePrivateFile(certificateFile(folder), certificate.toString());
    })().finally(() => {
      renewing = undefined;
    });
    await renewing;
  };
  await renewIfDue();
  return {
    get certificate() {
      return certificate.toString();
    },
    file: certificateFile(folder),
    async issue(names) {
      await renewIfDue();
      const issuer = new x509.X509Certificate(certificate.raw);
      const pem = certificate.toString();
      const { privateKey: signingKey } = keys;
      const at = now();
      const own = await newKeys();
      const notBefore = new Date(at.getTime() - BACKDATED);
      const notAfter = new Date(Math.min(at.getTime() + CERTIFICATE_DAYS * DAY, issuer.notAfter.getTime()));
      const issued = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: 'CN=Akkeris spaces router',
        issuer: issuer.subjectName,
        notBefore,
        notAfter,
        signingAlgorithm: ALGORITHM,
        signingKey,
        publicKey: own.publicKey,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))),
          await x509.SubjectKeyIdentifierExtension.create(own.publicKey),
          await x509.AuthorityKeyIdentifierExtension.create(issuer),
        ],
      });
      return {
        chain: `${issued.toString('pem')}\n${pem}`,
        key: await pemOf(own.privateKey),
        notBefore,
        notAfter,
      };
    },
  };
}

/** Where the authority of the platform with this id is kept. */
export function authorityFolder(configDir: string, id: string): string {
  return join(configDir, 'authorities', id);
}

/** The certificate of an authority, as everybody may know it. */
export interface AuthorityCertificate {
  /** In PEM. */
  readonly certificate: string;
  readonly file: string;
  /** The SHA-256 of its DER, as browsers show it. */
  readonly fingerprint: string;
  readonly subject: string;
  /** ISO 8601, UTC. */
  readonly valid_from: string;
  readonly valid_to: string;
  /** The domains that it can speak for, with all below them, and for nothing else. */
  readonly names: readonly string[];
}

/**
 * Reads the certificate of the authority in a folder; its key is not touched. Throws an AppsApiError: 404 if there is
 * none yet, 503 if it is not what it should be.
 */
export function readAuthorityCertificate(folder: string, bases: readonly string[]): AuthorityCertificate {
  const file = certificateFile(folder);
  if (!isPrivateFolder(folder)) throw notMade(folder);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(readFileSync(file));
  } catch {
    throw unusable(folder, 'its certificate is not there, or damaged');
  }
  const names = [...new Set(bases)].sort();
  checkCertificate(folder, certificate, names);
  return {
    certificate: certificate.toString(),
    file,
    fingerprint: certificate.fingerprint256,
    subject: certificate.subject.replace(/^CN=/, ''),
    valid_from: new Date(certificate.validFrom).toISOString(),
    valid_to: new Date(certificate.validTo).toISOString(),
    names,
  };
}

function notMade(folder: string): AppsApiError {
  return new AppsApiError({
    id: 'not_found',
    status: 404,
    message: `This platform has no certificate authority yet (it will be in ${folder}).`,
    hint: 'It is made when the platform is started for the first time: aka platform:start',
  });
}

function certificateFile(folder: string): string {
  return join(folder, 'ca.pem');
}

function keyFile(folder: string): string {
  return join(folder, 'ca.key');
}

/** Made in a folder of its own that is then renamed, so that no key is ever there without its certificate. */
async function makeAuthority(folder: string, domains: readonly string[], now: Date): Promise<void> {
  const keys = await newKeys();
  // Told apart in lists of trusted authorities when several machines or platforms have one.
  const name = `CN=Akkeris spaces of this machine ${randomBytes(4).toString('hex')}`;
  const certificate = await selfSigned(keys, name, domains, now);
  const draft = `${folder}.${process.pid}.draft`;
  rmSync(draft, { recursive: true, force: true });
  privateFolder(draft);
  try {
    writePrivateFile(keyFile(draft), await pemOf(keys.privateKey));
    writePrivateFile(certificateFile(draft), `${certificate.toString('pem')}\n`);
    renameSync(draft, folder);
  } catch (error) {
    // Another process was quicker; its authority is the one.
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function selfSigned(
  keys: webcrypto.CryptoKeyPair,
  name: string,
  domains: readonly string[],
  now: Date,
): Promise<Certificate> {
  const x509 = await library();
  return x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name,
    notBefore: new Date(now.getTime() - BACKDATED),
    notAfter: new Date(now.getTime() + AUTHORITY_DAYS * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.Extension(NAME_CONSTRAINTS, true, nameConstraints(domains)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

function isDue({ validFrom, validTo }: X509Certificate, now: Date): boolean {
  return now.getTime() < Date.parse(validFrom) || now.getTime() >= Date.parse(validTo) - OVERLAP_DAYS * DAY;
}

function readAuthority(
  folder: string,
  domains: readonly string[],
): { certificate: X509Certificate; key: KeyObject } {
  const [keyPath, certificatePath] = [keyFile(folder), certificateFile(folder)];
  let key: KeyObject;
  let certificate: X509Certificate;
  try {
    refuseLoose(keyPath, "The certificate authority's key", {
      id: 'loose_authority',
      hint: `If nobody has copied it: chmod 600 ${keyPath}`,
    });
    key = createPrivateKey(readFileSync(keyPath));
    certificate = new X509Certificate(readFileSync(certificatePath));
  } catch (error) {
    if (error instanceof AppsApiError) throw error;
    const missing = errorCode(error) === 'ENOENT';
    throw unusable(folder, missing ? 'its key or its certificate is not there' : 'what it holds is damaged');
  }
  if (!certificate.checkPrivateKey(key)) throw unusable(folder, 'its key is that of another certificate');
  checkCertificate(folder, certificate, domains);
  return { certificate, key };
}

/** Throws unless a certificate is that of an authority for those domains, and for no others. */
function checkCertificate(folder: string, certificate: X509Certificate, domains: readonly string[]): void {
  if (!certificate.ca || !certificate.verify(certificate.publicKey))
    throw unusable(folder, 'its certificate is not that of an authority');
  if (!certificate.raw.includes(nameConstraints(domains)))
    throw unusable(folder, `its certificate is not for ${domains.join(', ')}`);
}

function unusable(folder: string, why: string): AppsApiError {
  return new AppsApiError({
    id: 'unusable_authority',
    status: 503,
    message: `The certificate authority in ${folder} can't be used: ${why}.`,
    hint: `Put it back, or have a new one made, which everybody has to trust anew: rm -r ${folder}`,
  });
}

/** 128 bits, the first one zero: a serial number is positive. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** The pair of a private key. */
async function keysOf(key: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  const [privateDer, publicDer] = [
    key.export({ type: 'pkcs8', format: 'der' }),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
  ];
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', privateDer, ALGORITHM, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', publicDer, ALGORITHM, true, ['verify']),
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Takes a tenth of a second to load, which only what serves has to wait for. */
async function library(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}
