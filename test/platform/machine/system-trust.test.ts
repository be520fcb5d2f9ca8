import { describe, expect, test } from '@jest/globals';
import { type TrustGround, trustPlan } from '../../../src/platform/machine/system-trust.js';
import { typed } from '../../../src/platform/machine/trust-system.js';

const CERTIFICATE = { file: '/home/ann/ca.pem', fingerprint: 'B2:46:1F:CF:9C:3E:D2:86:7E:74' };

function ground(
  folders: readonly string[],
  programs: readonly string[],
  platform: NodeJS.Platform = 'linux',
): TrustGround {
  return {
    platform,
    isFolder: (path) => folders.includes(path),
    hasProgram: (name) => programs.includes(name),
    certificate: CERTIFICATE,
  };
}

describe('what has a system trust an authority', () => {
  test.each<[system: string, folder: string, program: string, install: string, remove: string]>([
    [
      'Debian and Alpine',
      '/usr/local/share/ca-certificates',
      'update-ca-certificates',
      'update-ca-certificates',
      'update-ca-certificates --fresh',
    ],
    [
      'Fedora',
      '/etc/pki/ca-trust/source/anchors',
      'update-ca-trust',
      'update-ca-trust extract',
      'update-ca-trust extract',
    ],
    [
      'SUSE',
      '/etc/pki/trust/anchors',
      'update-ca-certificates',
      'update-ca-certificates',
      'update-ca-certificates',
    ],
    [
      'Arch',
      '/etc/ca-certificates/trust-source/anchors',
      'update-ca-trust',
      'update-ca-trust extract',
      'update-ca-trust extract',
    ],
  ])('is known for %s', (_, folder, program, install, remove) => {
    const plan = trustPlan(ground([folder], [program]));
    const copy = `${folder}/aka-b2461fcf9c3ed286.crt`;
    expect(typed(plan?.install ?? [])).toBe(
      `sudo install -m 644 /home/ann/ca.pem ${copy} && sudo ${install}`,
    );
    expect(typed(plan?.remove ?? [])).toBe(`sudo rm -f ${copy} && sudo ${remove}`);
  });

  test('is known for macOS', () => {
    const plan = trustPlan(ground([], [], 'darwin'));
    expect(typed(plan?.install ?? [])).toBe(
      'sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain /home/ann/ca.pem',
    );
    expect(typed(plan?.remove ?? [])).toContain('delete-certificate -Z B2461FCF9C3ED2867E74 ');
  });

  test.each([
    ['a system without such a folder', ground([], ['update-ca-certificates'])],
    ['one that lacks the program', ground(['/usr/local/share/ca-certificates'], [])],
    ['another system', ground(['/usr/local/share/ca-certificates'], ['update-ca-certificates'], 'freebsd')],
  ])('is not guessed for %s', (_, of) => {
    expect(trustPlan(of)).toBeUndefined();
  });

  test('is typed so that a shell takes each word as it is', () => {
    expect(typed([['install', "/home/o'neil/my ca.pem"]])).toBe("sudo install '/home/o'\\''neil/my ca.pem'");
  });
});
