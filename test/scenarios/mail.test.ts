import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { certificate, type Mail, MailServer } from '../platform/mail/mail-server.js';
import { bodyOf, readMail } from '../platform/mail/mime.js';
import type { User } from './aka.js';
import { CANARIES, found } from './canaries.js';
import { Daemon } from './daemon.js';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';

const PASSWORD = 'correct-horse-battery-staple';
const LOGIN = { user: 'aka', password: PASSWORD };
const SET_UP = 'aka platform:configure --smtp-host HOST --mail-from ADDRESS --mail-to ADDRESS';

/** What sets up mail to a server, but for the password. */
async function flagsFor(user: User, { port }: MailServer): Promise<string[]> {
  writeFileSync(join(user.cwd, 'ca.pem'), (await certificate()).ca);
  const addresses = ['--mail-from', 'aka@example.com', '--mail-to', 'ann@example.com'];
  const server = ['--smtp-host', 'localhost', '--smtp-port', String(port), '--smtp-ca-file', 'ca.pem'];
  return ['platform:configure', ...server, '--smtp-user', 'aka', ...addresses];
}

async function setUp(user: User, server: MailServer): Promise<void> {
  writeFileSync(join(user.cwd, 'password'), `${PASSWORD}\n`);
  await user.does(...(await flagsFor(user, server)), '--smtp-password-file', 'password');
}

function subjectOf({ source }: Mail): string {
  return readMail(source).headers.subject ?? '';
}

/** Every file below the folders of a user's platform that has a text in it. */
function filesWith(user: User, text: string): string[] {
  return [user.dataDir, user.configDir].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((file) => statSync(file).isFile() && readFileSync(file).includes(text)),
  );
}

describe('a socs space while mail is not set', () => {
  scenario('warns when it is created, says so, and has nothing mailed', async (user) => {
    const created = await user.does('spaces:create', 'vault', '--compliance', 'socs', '--json');
    expect(created.stderr).toMatch(/^warning: The digests of space vault can't be mailed/m);
    expect(created.stderr).toContain(SET_UP);
    const info = await user.does('spaces:info', 'vault');
    expect(info.stdout).toContain('Digests\tnot mailed\n');
    expect(info.stdout).toContain(`Mend it: ${SET_UP}`);
    const sent = await user.run(['audits:digest', '--space', 'vault', '--send', '--json']);
    expect(expectJsonFailure(sent, 5)).toMatchObject({ id: 'mail_not_set', hint: `Set them: ${SET_UP}` });
    const tested = await user.run(['platform:configure', '--smtp-test', '--json']);
    expect(expectJsonFailure(tested, 5)).toMatchObject({ id: 'mail_not_set' });
    expect((await user.does('spaces:create', 'shop', '--compliance', 'prod')).stderr).toBe('');
  });
});

describe('mail is set up', () => {
  scenario('with a password from standard input, which nobody sees again', async (user) => {
    const server = await MailServer.start({ secure: true, ...LOGIN });
    const flags = await flagsFor(user, server);
    const missing = await user.run(flags);
    expectFailure(missing, 2);
    expect(missing.stderr).toContain('or - for standard input, with --smtp-password-file');
    const ended = await user.run(
      [...flags, '--smtp-password-file', '-', '--mail-period', 'daily', '--smtp-test'],
      {
        stdin: `${PASSWORD}\n`,
      },
    );
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/^smtp-password is set now, at once$/m);
    expect(ended.stderr).toMatch(/took it: 250/);
    expect(ended.stdout).toMatch(/^smtp-password\tset$/m);
    expect(ended.stdout).toMatch(/^mail-period\tevery day$/m);
    expect(server.mails.map(subjectOf)).toEqual(['[aka] test: mail goes out']);
    const said = [
      ended,
      await user.does('platform:configure', '--json'),
      await user.does('platform:configure', '--debug'),
      await user.does('audits', '--size', '100', '--json'),
    ];
    for (const { stdout, stderr } of said) expect(`${stdout}${stderr}`).not.toContain(PASSWORD);
    expect(filesWith(user, PASSWORD)).toEqual([]);
  });

  scenario('with a password that is typed, and not shown', async (user) => {
    const server = await MailServer.start({ secure: true, ...LOGIN });
    const { code, screen } = await user.atTerminal(
      [...(await flagsFor(user, server)), '--smtp-test'],
      async (terminal) => {
        await terminal.sees('Password of aka at localhost:');
        terminal.types(PASSWORD);
        terminal.press('enter');
        await terminal.sees('took it: 250');
      },
    );
    expect(code).toBe(0);
    expect(screen).not.toContain(PASSWORD.slice(0, 8));
    expect(server.mails).toHaveLength(1);
  });

  scenario('and tried: what the server answers is told, with exit code 1', async (user) => {
    const server = await MailServer.start({ secure: true, user: 'aka', password: 'another' });
    await setUp(user, server);
    const ended = await user.run(['platform:configure', '--smtp-test', '--json']);
    expect(ended.code).toBe(1);
    expect(ended.json()).toMatchObject({
      mail_test: {
        ok: false,
        reached: [],
        answer: 'the mail server did not accept the user and the password (535)',
      },
    });
    expect(ended.stderr).not.toContain(PASSWORD);
  });

  scenario.each<[flags: string, says: RegExp]>(
    [
      ['to no address', '--mail-to ann', /"ann" is no mail address/],
      ['from no address', '--mail-from aka@', /"aka@" is no mail address/],
      ['too seldom', '--mail-period 1y', /can't come every "1y"/],
      ['without TLS to elsewhere', '--smtp-host mail.example.com --smtp-tls none', /can't go without TLS/],
      ['with a file that is none', '--smtp-ca-file nothing.pem', /There is no such file/],
    ],
    async (user, flags, says) => {
      const ended = await user.run(['platform:configure', ...flags.split(' ')]);
      expectFailure(ended, 2);
      expect(ended.stderr).toMatch(says);
    },
  );
});

describe('digests', () => {
  scenario('are shown and mailed when somebody asks, without a secret in them', async (user) => {
    const server = await MailServer.start({ secure: true, ...LOGIN });
    await setUp(user, server);
    expect((await user.does('spaces:create', 'vault', '--compliance', 'socs')).stderr).toBe('');
    await user.does('apps:create', 'web', '--space', 'vault');
    await user.does(
      'config:set',
      ...CANARIES.map(({ name, value }) => `${name}=${value}`),
      '-a',
      'web-vault',
    );
    await user.run(['config:unset', ...CANARIES.slice(1).map(({ value }) => value), '-a', 'web-vault']);
    await user.does('apps:update', '-a', 'web-vault', '--description', CANARIES[0]?.value ?? '');
    const text = await user.does('audits:digest', '--space', 'vault');
    expect(text.stdout).toMatch(/^Space vault: \d+ changes, \d+ refusals?$/m);
    expect(text.stdout).toMatch(/config\.change/);
    const html = await user.does('audits:digest', '--space', 'vault', '--html');
    expect(html.stdout).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    const sent = await user.does('audits:digest', '--space', 'vault', '--send');
    expect(sent.stdout).toMatch(/^State\tsent$/m);
    expect(sent.stdout).toMatch(/^Reached\t1 of 1$/m);
    const [mail] = await server.mailed();
    const read = readMail(mail?.source ?? '');
    const bodies = read.parts.map(({ body }) => body);
    expect(bodies).toHaveLength(3);
    expect(found([text.stdout, html.stdout, read.headers.subject, ...bodies].join('\n'))).toEqual([]);
    writeFileSync(join(user.cwd, 'vault.jsonl'), bodyOf(read, 'application/x-ndjson'));
    const head = /Head: ([0-9a-f]{64})/.exec(bodyOf(read, 'text/plain'))?.[1] ?? '';
    await user.does('audits:verify', '--file', 'vault.jsonl', '--against', head);
    await user.does('audits:verify', '--against', head);
    const info = await user.does('spaces:info', 'vault');
    expect(info.stdout).toMatch(/^Digests\tevery 7 days to 1 administrator, next .*\tlast sent /m);
  });

  scenario('that nobody takes wait, and are mailed when the daemon starts', async (user) => {
    const server = await MailServer.start({ secure: true, ...LOGIN, data: '451 not now' });
    await setUp(user, server);
    await user.does('spaces:create', 'vault', '--compliance', 'socs');
    const sent = await user.run(['audits:digest', '--space', 'vault', '--send']);
    expect(sent.code).toBe(8);
    expect(sent.stdout).toMatch(/^State\twaiting$/m);
    expect(sent.stderr).toMatch(/^warning: .*not now/m);
    expect((await user.does('spaces:info', 'vault')).stdout).toMatch(/1 not sent since .*not now/);
    // A week goes by, but not for this test.
    const { Database } = await import('../../src/platform/store/database.js');
    const db = new Database(user.database);
    db.run("UPDATE digest_marks SET since = '2020-01-01T00:00:00.000Z'");
    db.run("UPDATE digests SET next_at = '2020-01-01T00:00:00.000Z'");
    db.close();
    await server.behave({});
    const daemon = await Daemon.start(user);
    try {
      expect((await server.mailed(2)).map(subjectOf)).toEqual([
        expect.stringMatching(/^\[aka\] space vault, /),
        expect.stringMatching(/^\[aka\] space vault, .*2020-01-01 to /),
      ]);
      const sections = async () =>
        (await user.does('platform:status', '--json')).json<{
          sections: { name: string; facts: Record<string, unknown> }[];
        }>().sections;
      for (;;) {
        const mail = (await sections()).find(({ name }) => name === 'mail');
        expect(mail?.facts).toMatchObject({ server: `localhost:${server.port}` });
        if (mail?.facts.waiting === 0) break;
      }
      expect((await user.does('platform:status')).stdout).toMatch(/^Last sent\t\d{4}-/m);
    } finally {
      await daemon.stop();
    }
  });
});
