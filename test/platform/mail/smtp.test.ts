import { describe, expect, test } from '@jest/globals';
import { DEFAULT_MAIL, type ReadyMail } from '../../../src/model/mail.js';
import {
  type MailServer as Known,
  type Message,
  type Posted,
  smtp,
} from '../../../src/platform/mail/smtp.js';
import { certificate, MailServer, type ServerOptions } from './mail-server.js';
import { bodyOf, readMail } from './mime.js';

const PASSWORD = 'correct-horse-battery';
const LOGIN = { user: 'aka', password: PASSWORD };
const TO = ['ann@example.com', 'bob@example.com'];
const MESSAGE: Message = {
  messageId: 'one@example.com',
  date: new Date('2026-11-23T09:00:00Z'),
  subject: 'A digest',
  text: 'Nothing happened: ä.\n',
};

/** How a platform knows a mail server: by implicit TLS, with its authority. */
async function known(
  { port }: { readonly port: number },
  settings: Partial<ReadyMail> = {},
  password?: string,
): Promise<Known> {
  const { ca } = await certificate();
  return {
    settings: {
      ...DEFAULT_MAIL,
      smtp_host: 'localhost',
      smtp_port: port,
      smtp_ca: ca,
      mail_from: 'aka@example.com',
      mail_to: TO,
      ...settings,
    },
    password,
  };
}

const send = (server: Known, to: readonly string[] = TO): Promise<Posted> => smtp()(server, MESSAGE, to);

describe('a mail goes out', () => {
  test.each<[string, ServerOptions, Partial<ReadyMail>, boolean]>([
    ['by implicit TLS', { secure: true }, {}, true],
    ['by STARTTLS', {}, { smtp_tls: 'starttls' }, true],
    ['without TLS to this machine', { tls: false }, { smtp_tls: 'none', smtp_host: '127.0.0.1' }, false],
  ])('%s, to everybody', async (_, options, settings, secure) => {
    const server = await MailServer.start({ ...options, ...LOGIN });
    const posted = await send(await known(server, { ...settings, smtp_user: 'aka' }, PASSWORD));
    expect(posted).toMatchObject({
      reached: TO,
      answered: true,
      answer: expect.stringContaining('taken as'),
    });
    const [mail] = server.mails;
    expect(mail).toMatchObject({ from: 'aka@example.com', to: TO, secure });
    const read = readMail(mail?.source ?? '');
    expect(read.headers).toMatchObject({
      'message-id': '<one@example.com>',
      date: 'Mon, 23 Nov 2026 09:00:00 +0000',
      from: 'aka@example.com',
      to: TO.join(', '),
      subject: 'A digest',
      'auto-submitted': 'auto-generated',
    });
    expect(bodyOf(read, 'text/plain').trimEnd()).toBe('Nothing happened: ä.');
  });

  test('to those who lack it only, with all in its head', async () => {
    const server = await MailServer.start({ secure: true });
    await send(await known(server), ['bob@example.com']);
    expect(server.mails[0]?.to).toEqual(['bob@example.com']);
    expect(readMail(server.mails[0]?.source ?? '').headers.to).toBe(TO.join(', '));
  });

  test('to the others where one is refused, which is told', async () => {
    const server = await MailServer.start({
      secure: true,
      refuse: { 'ann@example.com': '550 no such user' },
    });
    const posted = await send(await known(server));
    expect(posted).toMatchObject({ reached: ['bob@example.com'], answered: true });
    expect(posted.answer).toMatch(/550 no such user/);
  });
});

describe('nothing goes out', () => {
  test('to a server with the certificate of an authority that is not trusted', async () => {
    const server = await MailServer.start({ secure: true, ...LOGIN });
    const posted = await send(await known(server, { smtp_ca: null, smtp_user: 'aka' }, PASSWORD));
    expect(posted).toMatchObject({
      reached: [],
      answered: false,
      answer: expect.stringMatching(/certificate/),
    });
    expect(server.said.filter(({ auth }) => auth !== undefined)).toEqual([]);
  });

  test('to a server with the certificate of another name', async () => {
    const server = await MailServer.start({ secure: true });
    const posted = await send(await known(server, { smtp_host: '127.0.0.1' }));
    expect(posted).toMatchObject({ reached: [], answered: false });
    expect(server.mails).toEqual([]);
  });

  test('to a server that does not offer STARTTLS, not even the password', async () => {
    const server = await MailServer.start({ tls: false, ...LOGIN });
    const posted = await send(await known(server, { smtp_tls: 'starttls', smtp_user: 'aka' }, PASSWORD));
    expect(posted.reached).toEqual([]);
    expect(server.said.filter(({ auth }) => auth !== undefined)).toEqual([]);
  });

  test('with a wrong password, which is not told even if the server repeats it', async () => {
    const echo = `535 ${PASSWORD} ${Buffer.from(`\0aka\0${PASSWORD}`).toString('base64')} is wrong`;
    const server = await MailServer.start({ secure: true, user: 'aka', password: 'other', auth: echo });
    const posted = await send(await known(server, { smtp_user: 'aka' }, PASSWORD));
    expect(posted).toEqual({
      reached: [],
      answered: true,
      answer: 'the mail server did not accept the user and the password (535)',
    });
  });

  test.each([['451 try again later'], [`554 no: ${PASSWORD}`]])(
    'to a server that answers %s',
    async (data) => {
      const server = await MailServer.start({ secure: true, ...LOGIN, data });
      const posted = await send(await known(server, { smtp_user: 'aka' }, PASSWORD));
      expect(posted).toMatchObject({ reached: [], answered: true });
      expect(posted.answer).toContain(data.slice(0, 6));
      expect(posted.answer).not.toContain(PASSWORD);
    },
  );

  test('where every recipient is refused', async () => {
    const refuse = { 'ann@example.com': '550 no', 'bob@example.com': '451 later' };
    const server = await MailServer.start({ secure: true, refuse });
    expect(await send(await known(server))).toMatchObject({ reached: [], answered: true });
  });

  test('to a server that dies in the middle of it', async () => {
    const server = await MailServer.start({ secure: true, die: 'begun' });
    expect(await send(await known(server))).toMatchObject({ reached: [], answered: false });
    await server.ended();
  });

  test('to a server that is not there', async () => {
    const server = await MailServer.start({ secure: true });
    await server.kill();
    const posted = await send(await known(server));
    expect(posted).toMatchObject({
      reached: [],
      answered: false,
      answer: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  test.each([
    [{ whole: 100, step: 60_000 }, /^no answer within 0.1 s$/],
    [{ whole: 60_000, step: 100 }, /Greeting|timeout/i],
  ])('to a server that hangs, which is not waited for longer than %j', async (patience, says) => {
    const server = await MailServer.start({ tls: false, hang: true });
    const settings = { smtp_tls: 'none', smtp_host: '127.0.0.1' } as const;
    const posted = await smtp(patience)(await known(server, settings), MESSAGE, TO);
    expect(posted).toMatchObject({ reached: [], answered: false, answer: expect.stringMatching(says) });
  });

  test('when it is broken off', async () => {
    const server = await MailServer.start({ tls: false, hang: true });
    const stop = new AbortController();
    const settings = { smtp_tls: 'none', smtp_host: '127.0.0.1' } as const;
    const posting = smtp()(await known(server, settings), MESSAGE, TO, stop.signal);
    await server.until(() => server.connections > 0);
    stop.abort();
    expect(await posting).toMatchObject({ reached: [], answered: false });
  });
});
