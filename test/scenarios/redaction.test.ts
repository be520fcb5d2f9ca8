import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { User } from './aka.js';
import { CANARIES, found } from './canaries.js';
import { running, until } from './running.js';

/** Prints every secret in every way that programs do: whole, in pieces, a byte at a time, encoded, one in another. */
const PRINTS = `
const secrets = ${JSON.stringify(CANARIES.map(({ name }) => name))}.map((name) => [name, process.env[name]]);
const say = (text) => new Promise((done) => process.stdout.write(text, done));
const pause = () => new Promise((done) => setTimeout(done, 5));
exports.print = async () => {
  for (const [name, value] of secrets) {
    await say(name + ' is ' + value + ' and again' + value + value + '\\n');
    const half = value.length >> 1;
    await say(value.slice(0, half));
    await pause();
    await say(value.slice(half) + '\\n');
    process.stderr.write(value + '\\n');
    await say(JSON.stringify({ [name]: value }) + encodeURIComponent(value) + '\\n');
    await say(Buffer.from('user:' + value).toString('base64') + '\\n');
  }
  for (const character of secrets[0][1] + secrets[19][1] + '\\n') { await say(character); await pause(); }
  await say('x'.repeat(8180) + secrets[30][1] + '\\n');
  await say('all of it was printed\\n');
};
`;

const FILES = {
  Procfile: 'web: node server.js\n',
  'package.json': '{"scripts":{"build":"node build.js"}}',
  'prints.js': PRINTS,
  'build.js': `require('./prints.js').print();`,
  'server.js': `
const { print } = require('./prints.js');
require('node:http').createServer((request, response) => {
  if (request.url === '/crash') {
    process.stderr.write('no login with ' + process.env.DB_PASSWORD + '\\n', () => process.exit(3));
  } else response.end(JSON.stringify(process.env));
}).listen(process.env.PORT, print);
`,
};

const REAL = Object.fromEntries(CANARIES.map(({ name, value }) => [name, value]));

/** Also encoded, in the way that some programs print one. */
function leaksIn(bytes: Buffer | string): string[] {
  const text = bytes.toString('latin1');
  const encoded = CANARIES.filter(({ secret }) =>
    [0, 1, 2].some((before) => {
      const whole = Buffer.from(' '.repeat(before) + secret).toString('base64');
      return text.includes(whole.slice(4, 20));
    }),
  );
  return [...found(bytes), ...encoded.map(({ kind }) => `${kind}, in base64`)];
}

function filesOf(user: User): string[] {
  return [join(user.dataDir, 'logs'), user.dataDir, user.configDir].flatMap((folder) =>
    readdirSync(folder, { recursive: folder.endsWith('logs'), encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((file) => statSync(file).isFile()),
  );
}

describe('in a socs space', () => {
  running('secrets are nowhere but in dynos and builds, which have the real ones', async (m) => {
    const { user } = m;
    writeFileSync(join(user.cwd, 'vars.json'), JSON.stringify(REAL));
    await user.does('spaces:create', 'vault', '--compliance', 'socs');
    await user.does('apps:create', 'web', '--space', 'vault');
    await user.does('config:set', ...Object.entries(REAL).map((pair) => pair.join('=')), '-a', 'web-vault');
    const source = ['--repo', 'https://github.com/acme/vault', '--sha', '0123456789'.repeat(4)];
    await user.does('deploy', m.folder('web', FILES), '-a', 'web-vault', '--no-wait', ...source);
    const { checks } = (await user.does('builds:info', '1', '-a', 'web-vault', '--json')).json<{
      checks: { context: string }[];
    }>();
    for (const { context } of checks) {
      const reason = `It is a test of ${REAL['DB_PASSWORD']}`;
      await user.does('builds:overrule', '1', '-a', 'web-vault', '--context', context, '--reason', reason);
    }
    await until(
      'it is up',
      async () => (await m.dynos('web-vault')).some(({ state }) => state === 'up'),
      60_000,
    );
    expect(JSON.parse((await m.asks('web-vault')).text)).toMatchObject(REAL);
    const log = async (): Promise<string> =>
      (await user.does('logs', '-a', 'web-vault', '--lines', '10000')).stdout;
    await until('it printed all', async () => (await log()).split('all of it was printed').length === 3);

    const everywhere = async (): Promise<void> => {
      for (const line of [
        'logs -a web-vault --lines 10000',
        'logs --space vault --lines 10000 --json',
        'builds:output 1 -a web-vault',
        'builds -a web-vault --json',
        'releases -a web-vault --json',
        'ps -a web-vault --json',
        'spaces:topology vault --json',
        'audits --size 10000 --json',
        'config -a web-vault --shell --debug',
        'spaces:diff vault vault --json --debug',
        'platform:logs',
        'platform:doctor --json',
      ]) {
        const { stdout, stderr } = await user.run(line.split(' '));
        expect({ line, leaks: leaksIn(stdout + stderr) }).toEqual({ line, leaks: [] });
      }
      for (const file of filesOf(user)) {
        expect({ file, leaks: leaksIn(readFileSync(file)) }).toEqual({ file, leaks: [] });
      }
    };
    await everywhere();

    // Whoever may run programs in a dyno sees what they print; what they were is recorded without it.
    const run = await user.does('run', '-a', 'web-vault', '--', 'printenv', 'DB_PASSWORD');
    expect(run.stdout.trim()).toBe(REAL['DB_PASSWORD']);
    await user.does('run', '-a', 'web-vault', '--', 'echo', REAL['DB_PASSWORD'] ?? '');

    await m.asks('web-vault', '/crash');
    await m.until('web-vault', ([dyno]) => (dyno?.restarts ?? 0) > 0 && dyno?.state === 'up');
    await user.does('releases:rollback', 'v2', '-a', 'web-vault');
    await user.does('config:set', 'DB_PASSWORD=something-else-now', '-a', 'web-vault');
    const isNew = async (): Promise<boolean> =>
      (await m.asks('web-vault')).text.includes('something-else-now');
    await until('it has the new value', isNew, 60_000);
    await everywhere();

    await user.does('platform:stop');
    await user.does('platform:backup', 'a.backup', '--debug');
    await user.does('platform:restore', 'a.backup', '--confirm', 'a.backup', '--debug');
    await everywhere();
    const shown = (await user.does('config', '-a', 'web-vault', '--json')).json<Record<string, string>>();
    for (const { name } of CANARIES) expect(shown[name]).toContain('[redacted]');
  });
});
