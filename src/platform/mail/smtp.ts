import { createHash } from 'node:crypto';
import type { Transporter } from 'nodemailer';
import { type ReadyMail, smtpPort } from '../../model/mail.js';
import { redactText } from '../../model/redaction.js';
import { printable } from '../../model/rule.js';
import { deadline } from '../deadline.js';

/** How a mail server is asked. */
export interface MailServer {
  readonly settings: ReadyMail;
  readonly password: string | undefined;
}

export interface Message {
  /** Without the angle brackets. The same one again is the same mail. */
  readonly messageId: string;
  readonly date: Date;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly { readonly filename: string; readonly content: string }[];
}

/** What came of sending a message. */
export interface Posted {
  /** Whom the server took it for. */
  readonly reached: readonly string[];
  /** What the server said, or why it said nothing: for people, without a full stop. */
  readonly answer: string;
  /** Whether the server was there and said something: another message may fare better. */
  readonly answered: boolean;
}

/** Sends a message to some of the recipients. Never throws for what a server does, or doesn't. */
export type Post = (
  server: MailServer,
  message: Message,
  to: readonly string[],
  signal?: AbortSignal,
) => Promise<Posted>;

/** How long a mail server may take for a message in all, and for each thing it is told, in milliseconds. */
export interface Patience {
  readonly whole: number;
  readonly step: number;
}
export const PATIENCE: Patience = { whole: 90_000, step: 30_000 };

/** How much of what a server says is kept, in characters. */
const ANSWER_MAX = 300;

/** Sends mail by SMTP. The server's certificate is verified, against the authority that is set if there is one. */
export function smtp(patience = PATIENCE): Post {
  return async (server, message, to, signal) => {
    const { createTransport } = await import('nodemailer');
    const transport = createTransport(optionsFor(server, patience));
    const bound = deadline(patience.whole, signal);
    try {
      return await within(bound.signal, send(transport, server, message, to));
    } catch (error) {
      const late = bound.isOver ? `no answer within ${patience.whole / 1000} s` : undefined;
      return { reached: [], ...whyNot(error, server, late) };
    } finally {
      bound.release();
      transport.close();
    }
  };
}

type SmtpTransporter = Transporter<import('nodemailer/lib/smtp-transport').SentMessageInfo>;

async function send(
  transport: SmtpTransporter,
  server: MailServer,
  { messageId, date, subject, text, html, attachments = [] }: Message,
  to: readonly string[],
): Promise<Posted> {
  const { mail_from: from, mail_to: all } = server.settings;
  const info = await transport.sendMail({
    from,
    to: [...all],
    // Whoever has it already is not sent it again, and still stands in its head.
    envelope: { from, to: [...to] },
    messageId: `<${messageId}>`,
    date,
    subject,
    text,
    ...(html !== undefined && { html }),
    attachments: attachments.map((each) => ({ ...each, contentType: 'application/x-ndjson' })),
    // Nobody's holiday answer comes back for it (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const refused = new Set(info.rejected.map(addressOf));
  const reached = to.filter((address) => !refused.has(address));
  const said = [info.response, ...(info.rejectedErrors ?? []).map(({ response }) => response ?? '')];
  return { reached, answered: true, answer: presentable(said.filter(Boolean).join('; '), server) };
}

function addressOf(recipient: string | { readonly address: string }): string {
  return typeof recipient === 'string' ? recipient : recipient.address;
}

function optionsFor({ settings, password }: MailServer, { step }: Patience) {
  const { smtp_host: host, smtp_tls: tls, smtp_user: user, smtp_ca: ca } = settings;
  return {
    host,
    port: smtpPort(settings),
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2' as const, ...(ca !== null && { ca }) },
    ...(user !== null && { auth: { user, pass: password ?? '' } }),
    connectionTimeout: step,
    greetingTimeout: step,
    socketTimeout: step,
    dnsTimeout: step,
  };
}

/** What comes of sending, unless the time is up before. */
async function within<T>(signal: AbortSignal, sending: Promise<T>): Promise<T> {
  const over = new AbortController();
  const broken = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new Error('it was broken off'));
    signal.addEventListener('abort', stop, { signal: over.signal });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([sending, broken]);
  } finally {
    over.abort();
    // What is given up may still fail, and nobody waits for it any more.
    sending.catch(() => {});
  }
}

function whyNot(error: unknown, server: MailServer, late: string | undefined) {
  const { code, command, response, responseCode, message } = error as {
    readonly code?: string;
    readonly command?: string;
    readonly response?: string;
    readonly responseCode?: number;
    readonly message?: string;
  };
  const answered = typeof responseCode === 'number';
  // Some servers repeat what they were told, which here is the password.
  if (code === 'EAUTH' || command?.startsWith('AUTH') === true) {
    const why = answered ? ` (${responseCode})` : '';
    return { answered, answer: `the mail server did not accept the user and the password${why}` };
  }
  const said = late ?? response ?? message ?? 'unknown';
  return { answered, answer: presentable(said, server).replace(/\.$/, '') };
}

/** What a server says in a line that can do no harm, without the password in any form that it was told. */
function presentable(text: string, { settings, password }: MailServer): string {
  const told = password === undefined ? [] : formsOf(settings.smtp_user ?? '', password);
  const masked = told.reduce((shown, form) => shown.replaceAll(form, '[redacted]'), text);
  return printable(redactText(masked.replace(/\s+/g, ' '))).slice(0, ANSWER_MAX);
}

function formsOf(user: string, password: string): string[] {
  return [password, base64(password), base64(`\0${user}\0${password}`)];
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** What a mail is known by: a name that is made of what it is about, so that it is the same whenever it is made. */
export function messageIdOf(about: readonly string[], { mail_from: from }: ReadyMail): string {
  const name = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 40);
  return `${name}@${from.slice(from.lastIndexOf('@') + 1)}`;
}
