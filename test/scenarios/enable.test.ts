import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { Ended, User } from './aka.js';
import { expectClean, expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';

interface Enabled {
  readonly unit: string;
  readonly file: string;
  readonly starts: string;
}

/** Puts a systemctl before that of the machine, which notes what it is told and answers as `script` says. */
function withSystemctl(user: User, script: string): () => string[] {
  const notes = join(user.home, 'systemctl.log');
  const bin = join(user.home, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\necho "$*" >> '${notes}'\n${script}\n`, { mode: 0o755 });
  return () => (existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : []);
}

function aka(user: User, line: string, env: Record<string, string> = {}): Promise<Ended> {
  return user.sh(`aka ${line}`, { env: { PATH: `${join(user.home, 'bin')}:${process.env.PATH}`, ...env } });
}

/** What a line of a unit stands for (systemd.syntax(7)). */
function valuesOf(unit: string, name: string): string[][] {
  return unit
    .split('\n')
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) =>
      [...line.slice(name.length + 1).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => {
        // A percent sign alone is one of systemd's own.
        expect(word.replaceAll('%%', '')).not.toContain('%');
        return word
          .replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
          .replace(/\\(.)/g, '$1')
          .replaceAll('%%', '%')
          .replaceAll('$$', '$');
      }),
    );
}

describe('a platform that starts with the machine', () => {
  scenario('has a unit of its user, which systemd is told of; again changes nothing', async (user) => {
    const told = withSystemctl(user, 'exit 0');
    const ended = await aka(user, 'platform:enable --listen 127.0.0.1:5000 --json');
    expect(ended.code).toBe(0);
    const { unit, file, starts } = ended.json<Enabled>();
    expect(unit).toBe('aka-platform.service');
    expect(file).toBe(join(user.home, '.config', 'systemd', 'user', unit));
    expect(starts).toBe('at login');
    expect(ended.stderr).toContain('loginctl enable-linger');
    expect(told()).toEqual(['--user show-environment', '--user daemon-reload', `--user enable ${unit}`]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    const [command = []] = valuesOf(text, 'ExecStart');
    expect(command.slice(-4)).toEqual(['platform:start', '--foreground', '--listen', '127.0.0.1:5000']);
    expect(command.filter((word) => word.startsWith('/')).every((path) => existsSync(path))).toBe(true);
    expect(valuesOf(text, 'Environment').flat()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^PATH=/),
        `AKA_DATA_DIR=${user.dataDir}`,
        `AKA_CONFIG_DIR=${user.configDir}`,
      ]),
    );
    expect((await aka(user, 'platform:enable --listen 127.0.0.1:5000')).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(readdirSync(join(file, '..'))).toEqual([unit]);
    expect((await aka(user, 'platform:disable --json')).json()).toEqual({ unit, was_enabled: true });
    expect(told().slice(-2)).toEqual([`--user disable ${unit}`, '--user daemon-reload']);
    expect(existsSync(file)).toBe(false);
    expect((await aka(user, 'platform:disable --json')).json()).toEqual({ unit, was_enabled: false });
  });

  scenario('reaches the network as one that is started by hand does, and gets no token', async (user) => {
    withSystemctl(user, 'exit 0');
    const kept = {
      HTTPS_PROXY: 'http://proxy.example.com:3128',
      no_proxy: 'localhost,10.0.0.0/8',
      SSL_CERT_FILE: '/etc/ssl/own.pem',
      NODE_EXTRA_CA_CERTS: '/etc/ssl/more.pem',
      AKA_CACHE_DIR: '/var/cache/aka',
      TZ: 'Europe/Berlin',
    };
    const { file } = (
      await aka(user, 'platform:enable --json', { ...kept, AKA_TOKEN: 'a-token-0123456789', SECRET: 'x' })
    ).json<Enabled>();
    const variables = valuesOf(readFileSync(file, 'utf8'), 'Environment').flat();
    expect(variables).toEqual(
      expect.arrayContaining(Object.entries(kept).map(([name, value]) => `${name}=${value}`)),
    );
    expect(variables.filter((each) => /^(?:HOME|USER|AKA_TOKEN|SECRET|XDG_RUNTIME_DIR)=/.test(each))).toEqual(
      [],
    );
  });

  scenario('may have its data in any folder, and each has a unit', async (user) => {
    withSystemctl(user, 'exit 0');
    const folder = join(user.home, 'a "b" %h $HOME \\n\nc');
    const ended = await aka(user, 'platform:enable --json', { AKA_DATA_DIR: folder });
    const { unit, file } = ended.json<Enabled>();
    expect(unit).toMatch(/^aka-platform-[0-9a-f]{8}\.service$/);
    const text = readFileSync(file, 'utf8');
    expect(valuesOf(text, 'Environment').flat()).toContain(`AKA_DATA_DIR=${folder}`);
    for (const line of text.split('\n')) expect(line).toMatch(/^(?:\[\w+\]|#.*|\w+=.*|)$/);
    expect((await aka(user, 'platform:disable --json')).json()).toMatchObject({ was_enabled: false });
  });

  const verified = spawnSync('systemd-analyze', ['--version']).status === 0 ? scenario : scenario.skip;
  verified('has a unit that systemd understands, wherever its data is', async (user) => {
    withSystemctl(user, 'exit 0');
    const env = { AKA_DATA_DIR: join(user.home, 'a "b" %h $HOME \\n\nc') };
    const { file } = (await aka(user, 'platform:enable --json', env)).json<Enabled>();
    const verify = ['--user', '--man=no', 'verify', file];
    const { status, stderr } = spawnSync('systemd-analyze', verify, {
      env: { ...process.env, XDG_RUNTIME_DIR: user.home },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  scenario('needs a systemd: without one it says what to do instead', async (user) => {
    const told = withSystemctl(user, 'echo "Failed to connect to bus" >&2; exit 1');
    const refused = expectJsonFailure(await aka(user, 'platform:enable --json'), 7);
    expect(refused.id).toBe('unsupported');
    expect(refused.hint).toContain(`crontab -e): @reboot env AKA_DATA_DIR=${user.dataDir} `);
    expect(refused.hint).toMatch(/ platform:start$/);
    expect(told()).toEqual(['--user show-environment']);
    expect(existsSync(join(user.home, '.config', 'systemd'))).toBe(false);
    const nothing = await aka(user, 'platform:disable');
    expectClean(nothing);
    expect(nothing).toMatchObject({ code: 0, stdout: 'Unit\taka-platform.service\nState\tnot enabled\n' });
  });

  scenario('is not enabled where systemd refuses: what it said is told', async (user) => {
    withSystemctl(user, 'case "$2" in enable) echo "Unit is masked." >&2; exit 1;; esac');
    const ended = await aka(user, 'platform:enable');
    expectFailure(ended, 6);
    expect(ended.stderr).toContain('Unit is masked.');
  });
});
