import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { Ended, User } from './aka.js';
import { expectFailure } from './invariants.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

const ON_WEB = ['-a', 'web-demo'];

/** Values that have been lost or mangled on the way by tools like this one. */
const VALUES = {
  EMPTY: '',
  BLANKS: '  two  words  ',
  QUOTES: `it's "quoted" \`here\``,
  DOLLAR: 'a$HOME${HOME}$(id)`id`\\n',
  LINES: 'first\nsecond\n\nfourth',
  TAB: 'a\tb',
  EQUALS: 'a=b==',
  UNICODE: 'žluťoučký 🐎',
  JSON_TEXT: '{"a":[1,"two"],"b":null}',
  DASH: '--not-a-flag',
  NUMBER: '0123',
} as const;

describe('config vars', () => {
  scenario('come back as they were set, one by one and all together', async (user) => {
    await settle(user);
    await user.does(
      'config:set',
      ...ON_WEB,
      ...Object.entries(VALUES).map(([name, value]) => `${name}=${value}`),
    );
    expect((await user.does('config', ...ON_WEB, '--json')).json()).toMatchObject(VALUES);
    for (const [name, value] of Object.entries(VALUES)) {
      expect((await user.does('config:get', name, ...ON_WEB)).stdout).toBe(`${value}\n`);
      expect((await user.does('config:get', name, ...ON_WEB, '--json')).json<string>()).toBe(value);
    }
  });

  scenario('are read by a shell as they were set', async (user) => {
    await settle(user);
    await user.does(
      'config:set',
      ...ON_WEB,
      ...Object.entries(VALUES).map(([name, value]) => `${name}=${value}`),
    );
    for (const [name, value] of Object.entries(VALUES)) {
      const read = await user.sh(`eval "$(aka config --shell -a web-demo)"; printf '%s' "$${name}"`);
      expect({ name, value: read.stdout }).toEqual({ name, value });
    }
  });

  scenario('are plain rows of two cells in a pipe, whatever is in them', async (user) => {
    await settle(user);
    await user.does('config:set', ...ON_WEB, `LINES=${VALUES.LINES}`, `TAB=${VALUES.TAB}`);
    const rows = (await user.does('config', ...ON_WEB)).stdout.trimEnd().split('\n');
    for (const row of rows) expect(row.split('\t')).toHaveLength(2);
  });

  scenario('are set from standard input, without the line feed at its end', async (user) => {
    await settle(user);
    const set = await user.run(['config:set', 'DB_PASSWORD=-', ...ON_WEB], { stdin: 'two\nlines\n' });
    expect(set).toMatchObject({ code: 0, stdout: expect.not.stringContaining('lines') });
    expect((await user.does('config:get', 'DB_PASSWORD', ...ON_WEB)).stdout).toBe('two\nlines\n');
  });

  scenario('come back from a file of what config --shell prints', async (user) => {
    await settle(user);
    const words = Object.entries(VALUES).map(([name, value]) => `${name}=${value}`);
    await user.does('config:set', ...ON_WEB, ...words);
    const { stdout: file } = await user.does('config', '--shell', ...ON_WEB);
    const api = ['-a', 'api-demo'];
    const set = await user.run(['config:set', '--from-file', '-', ...api], { stdin: file });
    expect(set).toMatchObject({ code: 0 });
    expect((await user.does('config', ...api, '--json')).json()).toMatchObject(VALUES);
  });

  scenario('that are not UTF-8 are refused, and nothing is set', async (user) => {
    await settle(user);
    const octets = Buffer.from([0x41, 0x3d, 0xe9, 0x21, 0x0a]);
    writeFileSync(join(user.cwd, 'latin1.env'), octets);
    for (const line of [
      'aka config:set --from-file latin1.env -a web-demo',
      "printf '\\351!' | aka config:set A=- -a web-demo",
      'aka config:set "A=$(printf \'\\351!\')" -a web-demo',
      'aka apps:update --description "$(printf \'\\351!\')" -a web-demo',
    ]) {
      const ended = await user.sh(line);
      expectFailure(ended, 2);
      expect(ended.stderr).toContain('is not UTF-8 text');
      expect(ended.stderr).not.toContain('!');
    }
    expect(await user.run(['config:get', 'A', ...ON_WEB])).toMatchObject({ code: 4 });
    await user.does('config:set', 'A=\uFFFD', ...ON_WEB);
  });

  scenario('are not set from a file with a line that can not be read', async (user) => {
    await settle(user);
    const stdin = 'A=1\nhunter22\n';
    const ended = await user.run(['config:set', '--from-file', '-', ...ON_WEB], { stdin });
    expectFailure(ended, 2);
    expect(ended.stderr).toContain('Line 2 of the file is not of the form NAME=VALUE');
    expect(ended.stderr).not.toContain('hunter22');
    expect(await user.run(['config:get', 'A', ...ON_WEB])).toMatchObject({ code: 4 });
  });

  scenario('are set from a file, and from a file on standard input', async (user) => {
    await settle(user);
    const text = `# a comment\nA=1\nexport B="two words"\nC='#3'\n`;
    writeFileSync(join(user.cwd, '.env'), text);
    await user.does('config:set', '--from-file', '.env', ...ON_WEB);
    const expected = { A: '1', B: 'two words', C: '#3' };
    expect((await user.does('config', ...ON_WEB, '--json')).json()).toMatchObject(expected);
    await user.does('config:unset', 'A', 'B', 'C', ...ON_WEB);
    expect(await user.run(['config:set', '--from-file', '-', ...ON_WEB], { stdin: text })).toMatchObject({
      code: 0,
    });
    expect((await user.does('config', ...ON_WEB, '--json')).json()).toMatchObject(expected);
  });

  scenario('are found by their own names only, not by those that every object answers to', async (user) => {
    await settle(user);
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
      expectFailure(await user.run(['config:get', name, ...ON_WEB]), 4);
    await user.does('config:set', 'constructor=mine', ...ON_WEB);
    expect((await user.does('config:get', 'constructor', ...ON_WEB)).stdout).toBe('mine\n');
  });

  scenario('are set all or none', async (user) => {
    await settle(user);
    const before = (await user.does('config', ...ON_WEB, '--json')).json();
    for (const [words, exit] of [
      [['A=1', 'PORT=80'], 5],
      [['A=1', 'WEB_SERVICE_HOST=h'], 5],
      [['A=1', 'B-C=2'], 2],
      [['A=1', 'B'], 2],
      [['A=1', '__proto__=2'], 2],
      [['A=1', 'A=2'], 2],
      [['A=1', 'B=[redacted]'], 5],
      [['A=1', '--from-file', 'missing.env'], 2],
    ] as const) {
      expectFailure(await user.run(['config:set', ...words, ...ON_WEB]), exit);
    }
    expectFailure(await user.run(['config:unset', 'LOG_LEVEL', 'MISSING', ...ON_WEB]), 5);
    expect((await user.does('config', ...ON_WEB, '--json')).json()).toEqual(before);
  });

  scenario('belong to the app that AKKERIS_APP names, unless a flag names another', async (user) => {
    await settle(user);
    const env = { AKKERIS_APP: 'web-demo' };
    await user.run(['config:set', 'A=1'], { env });
    expect((await user.run(['config:get', 'A'], { env })).stdout).toBe('1\n');
    expectFailure(await user.run(['config:get', 'A', '-a', 'api-demo'], { env }), 4);
    expectFailure(await user.run(['config:get', 'A'], { env: { AKKERIS_APP: '' } }), 2);
    expectFailure(await user.run(['config:get', 'A'], { env: { AKKERIS_APP: 'gone-demo' } }), 4);
    expect((await user.run(['apps:info'], { env })).stdout).toContain('web-demo');
  });
});

describe('in a socs space', () => {
  scenario('sensitive values are shown to nobody, and others are', async (user) => {
    await settle(user);
    expect((await user.does('config', '-a', 'web-vault', '--json')).json()).toMatchObject({
      LOG_LEVEL: 'info',
      DATABASE_URL: 'postgres://web:[redacted]@db/web',
    });
    for (const argv of [
      ['config'],
      ['config', '--shell'],
      ['config:get', 'DATABASE_URL'],
      ['config:why', 'DATABASE_URL'],
    ]) {
      const { stdout, stderr } = await user.does(...argv, '-a', 'web-vault');
      expect(stdout).toContain('[redacted]');
      expect(stdout + stderr).not.toContain('hunter33');
    }
  });

  scenario('what is shown in place of a value is never taken for one', async (user) => {
    await settle(user);
    const { stdout } = await user.does('config:get', 'DATABASE_URL', '-a', 'web-vault');
    writeFileSync(join(user.cwd, '.env'), `DATABASE_URL=${stdout}`);
    expectFailure(await user.run(['config:set', '--from-file', '.env', '-a', 'web-vault']), 5);
    expectFailure(await user.run(['config:set', 'A=x[REDACTED]y', '-a', 'web-vault']), 5);
    expectFailure(await user.run(['config:set', 'A=-', '-a', 'web-demo'], { stdin: '[redacted]\n' }), 5);
  });

  scenario('a file for a shell says that it is not the real thing', async (user) => {
    await settle(user);
    expect((await user.does('config', '--shell', '-a', 'web-vault')).stderr).toContain('redacted');
    expect((await user.does('config', '--shell', '-a', 'web-demo')).stderr).toBe('');
  });
});

describe('config:why says where a var comes from', () => {
  scenario.each(
    [
      ['from a user', 'LOG_LEVEL', { from: 'user', set: true, value: 'debug' }],
      [
        'from a user, redacted as its reason needs no secret',
        'DATABASE_URL',
        { from: 'user', set: true, value: 'postgres://web:[redacted]@db/web' },
      ],
      ['from nobody yet', 'CACHE', { from: 'user', set: false }],
      ['from discovery', 'API_SERVICE_HOST', { from: 'discovery', set: true }],
      ['from discovery, of the app itself', 'WEB_SERVICE_PORT', { from: 'discovery', set: true }],
      ['from the platform', 'PORT', { from: 'platform', set: true, value: '5000' }],
      ['refused, as no app of that name is there', 'SHOP_SERVICE_HOST', { from: 'refused', set: false }],
      ['refused, as it is no name', 'MY-VAR', { name: null, from: 'refused', set: false }],
      [
        'from the platform, while an app is built',
        'AKKERIS_GIT_SHA1',
        { from: 'platform', set: false, why: expect.not.stringContaining('every dyno') },
      ],
      ['from nobody, though every object answers to it', 'toString', { from: 'user', set: false }],
    ],
    async (user: User, name: string, expected: object) => {
      await settle(user);
      const why = (await user.does('config:why', name, '-a', 'web-demo', '--json')).json();
      expect(why).toMatchObject({ app: 'web-demo', why: expect.stringMatching(/\S/), ...expected });
    },
  );
});

describe('lines for a shell', () => {
  scenario('set the very values, whatever characters are in them', async (user) => {
    await settle(user);
    const value = 'cr\rx \u001b[31m \u202e it\'s $(id) \\ "q" \ttab';
    await user.does('config:set', `ODD=${value}`, '-a', 'web-demo');
    const { stdout } = await user.sh('eval "$(aka config -a web-demo --shell)"; printf %s "$ODD"');
    expect(stdout).toBe(value);
  });
});

describe('config:edit', () => {
  scenario('sets and unsets what differs, and removes the private file', async (user) => {
    await settle(user);
    await user.does('config:set', ...ON_WEB, ...Object.entries(VALUES).map((pair) => pair.join('=')));
    const before = (await user.does('config', ...ON_WEB, '--json')).json();
    const script = `stat -c %a "$1" "$(dirname "$1")" >&2; sed -i -e 's/^LOG_LEVEL=.*/LOG_LEVEL=warn/' -e '/^NUMBER=/d' "$1"; echo NEW=1 >> "$1"`;
    const ended = await edit(user, script, '--json');
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('600\n700\n') });
    expect(ended.json()).toEqual({ app: 'web-demo', set: ['LOG_LEVEL', 'NEW'], unset: ['NUMBER'] });
    const { NUMBER: _, ...others } = before;
    expect((await user.does('config', ...ON_WEB, '--json')).json()).toEqual({
      ...others,
      LOG_LEVEL: 'warn',
      NEW: '1',
    });
    expect(left(user)).toEqual([]);
  });

  scenario('changes nothing where nothing was changed, and without asking the platform to', async (user) => {
    await settle(user);
    const audits = async () => (await user.does('audits', '--json')).json();
    const before = await audits();
    expect(await edit(user, 'touch "$1"')).toMatchObject({ code: 0, stdout: 'Nothing was changed.\n' });
    expect(await audits()).toEqual(before);
  });

  scenario('removes the file whatever happens, and changes nothing then', async (user) => {
    await settle(user);
    const before = (await user.does('config', ...ON_WEB, '--json')).json();
    for (const [script, code] of [
      ['echo NEW=1 >> "$1"; exit 3', 1],
      ['echo "NEW=1\nno var" >> "$1"', 2],
      ['echo PORT=1 >> "$1"', 5],
      ['rm "$1"', 2],
      ['kill -TERM $P; sleep 0.1', 143],
      ['kill -INT $P; kill -INT $P; kill -HUP $P; sleep 0.1', 129],
    ] as const) {
      expect({ script, ...(await edit(user, script)) }).toMatchObject({ script, code });
      expect(left(user)).toEqual([]);
    }
    expect((await user.does('config', ...ON_WEB, '--json')).json()).toEqual(before);
    expectFailure(await user.run(['config:edit', ...ON_WEB]), 2);
  });
});

/** Edits with a script that gets the file as $1. */
function edit(user: User, script: string, ...more: string[]): Promise<Ended> {
  // A shell may stand between aka and its editor.
  const aka = 'P=$PPID; case $(cat /proc/$P/comm) in *sh) P=$(cut -d" " -f4 /proc/$P/stat) ;; esac';
  writeFileSync(join(user.home, 'editor'), `#!/bin/sh\n${aka}\n${script}\n`, { mode: 0o755 });
  const env = { EDITOR: join(user.home, 'editor'), XDG_RUNTIME_DIR: user.home };
  return user.run(['config:edit', ...ON_WEB, ...more], { env });
}

/** What is left of the files that were edited. */
function left(user: User): string[] {
  return readdirSync(user.home).filter((name) => name.startsWith('aka-edit-'));
}
