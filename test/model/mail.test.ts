import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  checkAddress,
  checkMail,
  checkSmtpPassword,
  DEFAULT_MAIL,
  isMailReady,
  mailPeriodText,
  needsPasswordAgain,
  parseMailPeriod,
  smtpPort,
} from '../../src/model/mail.js';

const MAIL = {
  ...DEFAULT_MAIL,
  smtp_host: 'mail.example.com',
  mail_from: 'aka@example.com',
  mail_to: ['ann@example.com'],
};

const accepts = (text: string): boolean => {
  try {
    checkAddress(text);
    return true;
  } catch {
    return false;
  }
};

describe('a mail address', () => {
  test.each(['a@b', 'ann.lee+aka@mail.example.com', "o'neil@example.com", 'root@localhost'])(
    'is %s',
    (text) => {
      expect(accepts(text)).toBe(true);
    },
  );

  test.each([
    '',
    'ann',
    '@example.com',
    'ann@',
    'ann@@example.com',
    '.ann@example.com',
    'ann..lee@example.com',
    'ann@-example.com',
    'ann@example..com',
    '"ann lee"@example.com',
    'Ann <ann@example.com>',
    'ann@example.com,bob@example.com',
    'ann@exämple.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(20)}`,
  ])('is not %j', (text) => {
    expect(accepts(text)).toBe(false);
  });

  test('never holds what could end a header or name a second one', () => {
    const near = fc.string({
      unit: fc.constantFrom(...Array.from('aZ0.@-_+ \r\n\t\0",;:<>()[]\\é')),
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        for (const tried of [text, `ann@example.com${text}`, `${text}@example.com`]) {
          if (accepts(tried)) expect(tried).toMatch(/^[^\s,;:<>()[\]"\\\u0000-\u001f\u007f-\uffff]+$/);
        }
      }),
    );
  });
});

describe('settings of mail', () => {
  test('are ready with a server, a sender and somebody to mail to', () => {
    expect(isMailReady(MAIL)).toBe(true);
    for (const lacking of [{ smtp_host: null }, { mail_from: null }, { mail_to: [] }]) {
      expect(isMailReady({ ...MAIL, ...lacking })).toBe(false);
      expect(() => checkMail({ ...MAIL, ...lacking })).not.toThrow();
    }
  });

  test.each([
    ['implicit', 465],
    ['starttls', 587],
    ['none', 25],
  ] as const)('have the usual port for %s', (smtp_tls, port) => {
    expect(smtpPort({ ...MAIL, smtp_tls })).toBe(port);
    expect(smtpPort({ ...MAIL, smtp_tls, smtp_port: 2525 })).toBe(2525);
  });

  test.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['localhost', true],
    ['127.0.0.1.example.com', false],
    ['mail.example.com', false],
    ['10.0.0.1', false],
  ])('go without TLS to %s: %j', (smtp_host, may) => {
    const check = () => checkMail({ ...MAIL, smtp_tls: 'none', smtp_host });
    if (may) expect(check).not.toThrow();
    else expect(check).toThrow(/without TLS/);
  });

  test.each([
    { smtp_host: '' },
    { smtp_host: 'mail example' },
    { smtp_host: 'mail\r\nexample' },
    { smtp_port: 0 },
    { smtp_port: 1.5 },
    { smtp_user: '' },
    { smtp_user: 'a\nb' },
    { mail_from: 'nobody' },
    { mail_to: ['nobody'] },
    { mail_to: ['a@b', 'a@b'] },
    { mail_to: Array.from({ length: 51 }, (_, n) => `a${n}@b`) },
    { mail_period_hours: 0 },
    { mail_period_hours: 745 },
    { mail_period_hours: 1.5 },
  ])('are not %j', (wrong) => {
    expect(() => checkMail({ ...MAIL, ...wrong })).toThrow();
  });

  test('have a password for a user, that is never told', () => {
    for (const wrong of ['', 'hunter22\n', 'x'.repeat(1025)]) {
      expect(() => checkSmtpPassword(wrong)).toThrow(/^The smtp password is not one/);
    }
    expect(() => checkSmtpPassword('ä b"c')).not.toThrow();
  });

  test('need it again for whatever else it would be told', () => {
    const user = { ...MAIL, smtp_user: 'aka' };
    expect(needsPasswordAgain(user, { ...user, mail_to: ['bob@example.com'], mail_period_hours: 1 })).toBe(
      false,
    );
    expect(needsPasswordAgain(user, { ...user, smtp_port: 465 })).toBe(false);
    expect(needsPasswordAgain(user, { ...user, smtp_user: null, smtp_host: 'eve' })).toBe(false);
    for (const other of [
      { smtp_host: 'eve.example.com' },
      { smtp_port: 466 },
      { smtp_user: 'eve' },
      { smtp_ca: 'hers' },
      { smtp_tls: 'starttls' as const },
    ]) {
      expect(needsPasswordAgain(user, { ...user, ...other })).toBe(true);
    }
  });
});

describe('a period', () => {
  test.each([
    ['1h', 1, 'hour'],
    ['36h', 36, '36 hours'],
    ['24h', 24, 'day'],
    ['daily', 24, 'day'],
    ['7d', 168, '7 days'],
    ['Weekly', 168, '7 days'],
    ['monthly', 720, '30 days'],
    ['31D', 744, '31 days'],
  ])('of %s is %i hours, every %s', (text, hours, said) => {
    expect(parseMailPeriod(text)).toBe(hours);
    expect(mailPeriodText(hours)).toBe(said);
  });

  test.each(['', '0h', '7', 'd', '-1d', '32d', '745h', '1.5d', 'yearly', '1 d', 'toString'])(
    'is not %j',
    (text) => {
      expect(() => parseMailPeriod(text)).toThrow(/can't come every/);
    },
  );
});
