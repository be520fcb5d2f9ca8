import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  holdsRedacted,
  isSensitiveName,
  REDACTED,
  redact,
  redactText,
  redactValue,
  redactVars,
  secretsIn,
} from '../../src/model/redaction.js';
import {
  HARMLESS_NAMES,
  HARMLESS_VALUES,
  SENSITIVE_NAMES,
  SENSITIVE_VALUES,
  VECTORS,
} from './redaction-corpus.js';

const FALSE_HITS_ALLOWED = 0.02;

describe('the labelled corpus', () => {
  test('is large enough to tell, and names nothing twice', () => {
    const names = [...SENSITIVE_NAMES, ...HARMLESS_NAMES];
    const values = [...SENSITIVE_VALUES.map(({ value }) => value), ...HARMLESS_VALUES];
    expect(names.length + values.length).toBeGreaterThanOrEqual(300);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    expect(values.filter((value, at) => values.indexOf(value) !== at)).toEqual([]);
  });

  test('no sensitive name is missed', () => {
    expect(SENSITIVE_NAMES.filter((name) => !isSensitiveName(name))).toEqual([]);
  });

  test('no secret in a value is missed', () => {
    const missed = SENSITIVE_VALUES.filter(({ value, hidden }) => {
      const shown = [redactValue(value), redactText(value), redact('SETTING', value)];
      return hidden.some((piece) => shown.some((text) => text.includes(piece)));
    });
    expect(missed).toEqual([]);
  });

  test('the harmless rest of a value stays', () => {
    const lost = SENSITIVE_VALUES.filter(({ value, shown }) => {
      const redacted = redactValue(value);
      return !redacted.includes(REDACTED) || shown.some((piece) => !redacted.includes(piece));
    });
    expect(lost).toEqual([]);
  });

  test('at most 2 % of the harmless names and values are hit, and no others than these', () => {
    const names = HARMLESS_NAMES.filter((name) => isSensitiveName(name));
    const values = HARMLESS_VALUES.filter((value) => redactValue(value) !== value);
    expect(names).toEqual(['COOKIE_DOMAIN', 'GIT_HASH', 'AUTH_HOST', 'DISABLE_AUTH']);
    expect(values).toEqual([]);
    expect(names.length / HARMLESS_NAMES.length).toBeLessThanOrEqual(FALSE_HITS_ALLOWED);
  });

  test.each(VECTORS)('$name=$value is shown as $shown', ({ name, value, shown }) => {
    expect(redact(name, value)).toBe(shown);
  });
});

describe('names', () => {
  test("an administrator's words are whole words, phrases or joined, in any case and number", () => {
    const rules = { words: ['licence', 'STOCK_QUOTE', 'mandant', 'macOS', ''] };
    for (const name of [
      'LICENCE',
      'app_licence',
      'Licences',
      'APP_STOCK_QUOTE',
      'stockQuote',
      'MANDANT2',
      'MACOS_ID',
    ]) {
      expect([name, isSensitiveName(name, rules)]).toEqual([name, true]);
      expect([name, isSensitiveName(name)]).toEqual([name, false]);
    }
    for (const name of ['LICENCED', 'STOCK', 'QUOTE_STOCK', 'PORT', '']) {
      expect([name, isSensitiveName(name, rules)]).toEqual([name, false]);
    }
  });

  test('an exception is exact, wins over words and leaves the value rules on', () => {
    const rules = { words: ['licence'], exceptions: ['COOKIE_DOMAIN', 'AUTH_URL', 'LICENCE'] };
    expect(isSensitiveName('COOKIE_DOMAIN', rules)).toBe(false);
    expect(isSensitiveName('LICENCE', rules)).toBe(false);
    expect(isSensitiveName('cookie_domain', rules)).toBe(true);
    expect(isSensitiveName('COOKIE_DOMAINS', rules)).toBe(true);
    expect(redact('AUTH_URL', 'https://h/', rules)).toBe('https://h/');
    expect(redact('AUTH_URL', 'https://u:hunter2@h/', rules)).toBe('https://u:[redacted]@h/');
  });

  test('a sensitive word makes any longer name sensitive, whatever the case and the separator', () => {
    const word = fc.constantFrom(
      'password',
      'pwd',
      'pw',
      'secret',
      'token',
      'key',
      'salt',
      'auth',
      'hash',
      'jwt',
      'pin',
      'cookie',
      'cert',
    );
    const other = fc.constantFrom('app', 'db', 'my', 'old', 'host', 'url', 'author', 'x1', 'monkey');
    const spelling = fc.constantFrom<(words: string[]) => string>(
      (words) => words.join('_').toUpperCase(),
      (words) => words.join('_'),
      (words) => words.join('-'),
      (words) => words.join('.'),
      (words) =>
        words.map((each, at) => (at === 0 ? each : each.charAt(0).toUpperCase() + each.slice(1))).join(''),
    );
    fc.assert(
      fc.property(
        fc.array(other, { maxLength: 3 }),
        word,
        fc.array(other, { maxLength: 2 }),
        spelling,
        (before, each, after, spell) => {
          expect(isSensitiveName(spell([...before, each, ...after]))).toBe(true);
          expect(isSensitiveName(spell([...before, 'app', ...after]))).toBe(false);
        },
      ),
    );
  });
});

describe('the interface', () => {
  test('an empty value stays empty, even of a sensitive name', () => {
    expect(redact('PASSWORD', '')).toBe('');
    expect(redactValue('')).toBe('');
    expect(redactText('')).toBe('');
  });

  test('vars are redacted one by one, with the rules, keeping names and order', () => {
    const vars = { PORT: '80', API_KEY: 'x', URL: 'redis://:pw@h', LICENCE: 'abc', EMPTY_KEY: '' };
    const redacted = redactVars(vars, { words: ['licence'] });
    expect(Object.entries(redacted)).toEqual([
      ['PORT', '80'],
      ['API_KEY', REDACTED],
      ['URL', 'redis://:[redacted]@h'],
      ['LICENCE', REDACTED],
      ['EMPTY_KEY', ''],
    ]);
    expect(vars.API_KEY).toBe('x');
  });

  test('a var may have the name of a property of all objects', () => {
    const vars: Record<string, string> = JSON.parse('{"__proto__":"redis://:pw@h","constructor":"x"}');
    expect(Object.entries(redactVars(vars))).toEqual([
      ['__proto__', 'redis://:[redacted]@h'],
      ['constructor', 'x'],
    ]);
  });

  test.each([
    ['failed with DB_PASSWORD=hunter2 on web', 'failed with DB_PASSWORD=[redacted] on web'],
    ['config var API_TOKEN: hunter2', 'config var API_TOKEN: [redacted]'],
    [
      'body {"user":"bob","password":"hunter2"} refused',
      'body {"user":"bob","password":"[redacted]"} refused',
    ],
    ['> Authorization: Basic Ym9iOmh1bnRlcjI=\n> Accept: */*', '> Authorization: [redacted]\n> Accept: */*'],
    ['curl -H "Authorization: Bearer hunter2" http://h/', 'curl -H "Authorization: [redacted]" http://h/'],
    [
      'got credentials:hunter2 and credentials:createx',
      'got credentials:[redacted] and credentials:[redacted]',
    ],
    ['credentials: create', 'credentials: [redacted]'],
    ['got auth:hunter2 and auth:loginx', 'got auth:[redacted] and auth:[redacted]'],
    ['auth: login', 'auth: [redacted]'],
    ['Unexpected argument: --password=hunter2', 'Unexpected argument: --password=[redacted]'],
    ['run --api-key hunter2 --port 80', 'run --api-key [redacted] --port 80'],
    [
      'cannot reach postgres://u:hun ter2@db:5432/x, retrying',
      'cannot reach postgres://u:[redacted]@db:5432/x, retrying',
    ],
    ['cannot reach user:p@ss@tcp(db:3306)/x', 'cannot reach user:[redacted]@tcp(db:3306)/x'],
    ['set HTTP_PROXY=bob:hunter2@proxy:3128 first', 'set HTTP_PROXY=bob:[redacted]@proxy:3128 first'],
  ])('of a text, %s is shown as %s', (text, shown) => {
    expect(redactText(text)).toBe(shown);
  });

  test.each([
    'Space default exists.',
    'Set it with aka config:set KEY=VALUE, or KEY=- to read it from standard input.',
    'No var PASSWORD in web-prod.',
    'Take it away first: aka credentials:detach mail -a web-demo',
    'Did you mean aka auth:login? Or aka credentials:info?',
    'Log in again: aka auth:login; or aka auth:token, auth:whoami.',
    'Or with a token instead: aka auth:login --token-file FILE',
    'aka credentials:create NAME --level general KEY=-',
    'plan credentials:production, or "credentials:general".',
    'GET http://127.0.0.1:8080/apps/web/config-vars -> 200 in 12 ms',
    '    at parse (file:///srv/token.js:10:5)',
    'Mail ops@example.com about https://status.example.com:8443/.',
  ])('a text without a secret stays: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });

  test.each([
    REDACTED,
    '[REDACTED]',
    '[Redacted]',
    'postgres://u:[redacted]@h/db',
    'postgres://u:%5Bredacted%5D@h/db',
    'postgres://u:%5bREDACTED%5d@h/db',
    'https://h/?next=https%3A%2F%2Fu%3A%255Bredacted%255D%40h',
    '{"password":"\\u005bredacted\\u005d"}',
    'a\n[redacted]\nb',
    '[ redacted ]',
  ])('%j holds the marker', (value) => {
    expect(holdsRedacted(value)).toBe(true);
  });

  test.each(['', 'redacted', '[redact]', 'unredacted]', '%5Bredact%5D'])(
    '%j does not hold the marker',
    (value) => {
      expect(holdsRedacted(value)).toBe(false);
    },
  );

  test('whatever is redacted holds the marker, so it is never taken back', () => {
    for (const { value } of SENSITIVE_VALUES) expect(holdsRedacted(redactValue(value))).toBe(true);
  });
});

const SYNTAX = [
  ...'@ / : % + # ? = & ; , " \' \\ { } [ ] < > $ ! ( ) | - . `'.split(' '),
  ' ',
  'é',
  '✓',
  '🎉',
  'key',
  'token=',
  '"pwd":"',
  'eyJ',
  '%40',
  '\\n',
  '--key ',
];

/** Secrets made to look like the syntax round them. A line end ends the line formats, and `://` may begin another URL. */
const secrets = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 24 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 16 }),
    fc
      .array(fc.oneof(fc.constantFrom(...SYNTAX), fc.string({ maxLength: 3 })), {
        minLength: 1,
        maxLength: 12,
      })
      .map((parts) => parts.join('')),
  )
  .filter((secret) => !/[\r\n\u2028\u2029]|:\/\//.test(secret));

const json = (text: string): string => JSON.stringify(text);

/** Every place a secret may stand in, with what is kept of it in prose too. */
const WRAPPERS: Record<string, { wrap: (secret: string) => string; onlyValue?: boolean }> = {
  url: { wrap: (s) => `postgres://user:${s}@db.example.com:5432/main`, onlyValue: true },
  'short host': { wrap: (s) => `amqp://user:${s}@mq`, onlyValue: true },
  'url list': { wrap: (s) => `amqp://u:${s}@h1,amqp://u:${s}@h2`, onlyValue: true },
  'jdbc url': { wrap: (s) => `jdbc:postgresql://u:${s}@h:5/db`, onlyValue: true },
  'url in JSON': { wrap: (s) => JSON.stringify({ url: `postgres://u:${s}@h/db` }), onlyValue: true },
  driver: { wrap: (s) => `user:${s}@tcp(db:3306)/main`, onlyValue: true },
  parameter: { wrap: (s) => `https://h/?a=1&password=${encodeURIComponent(s)}&b=2` },
  PARAMETER: { wrap: (s) => `https://h/?a=1&Client_SECRET=${encodeURIComponent(s)}` },
  fragment: { wrap: (s) => `https://h/#access_token=${encodeURIComponent(s)}&b=2` },
  JSON: { wrap: (s) => JSON.stringify({ a: 1, password: s, b: 'x' }) },
  'JSON, indented': { wrap: (s) => JSON.stringify({ a: [{ apiKey: s }], b: 'x' }, undefined, 2) },
  'JSON in JSON': { wrap: (s) => JSON.stringify({ a: JSON.stringify({ token: s, b: 'x' }) }) },
  'JSON list': {
    wrap: (s) =>
      JSON.stringify([
        { name: 'DB_PASSWORD', value: s },
        { name: 'B', value: 'x' },
      ]),
  },
  'ADO, double quotes': { wrap: (s) => `Server=h;Password="${s.replaceAll('"', '""')}";Database=d` },
  'ADO, single quotes': { wrap: (s) => `Server=h;Pwd='${s.replaceAll("'", "''")}';Database=d` },
  ODBC: { wrap: (s) => `Server=h;PWD={${s.replaceAll('}', '}}')}};Database=d` },
  libpq: { wrap: (s) => `host=h password='${s.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}' dbname=d` },
  dotenv: { wrap: (s) => `A=1\nDB_PASSWORD=${json(s)}\nB=2` },
  YAML: { wrap: (s) => `a: 1\npassword: ${json(s)}\nb: 2` },
  PEM: { wrap: (s) => `-----BEGIN PRIVATE KEY-----\nMII${s}MII\n-----END PRIVATE KEY-----` },
};

/** A piece of four characters that came through and isn't of the wrapper. */
function leaked(shown: string, secret: string, wrapper: string): string | undefined {
  const rest = shown.replaceAll(REDACTED, '\0');
  const spellings = [secret, encodeURIComponent(secret), json(secret).slice(1, -1)];
  for (const spelling of spellings) {
    for (let at = 0; at + 4 <= spelling.length; at++) {
      const piece = spelling.slice(at, at + 4);
      if (rest.includes(piece) && !wrapper.includes(piece)) return piece;
    }
  }
  return undefined;
}

const LITERALS = /^(?:true|false|null|none|undefined|nil|yes|no|on|off|value|-|\*+|\.{3})?\s*$/i;

describe('any secret', () => {
  test.each(Object.entries(WRAPPERS))(
    'in a %s, none of it comes through',
    (_, { wrap, onlyValue = false }) => {
      fc.assert(
        fc.property(
          secrets.filter((secret) => !LITERALS.test(secret)),
          (secret) => {
            const value = wrap(secret);
            const shown = [
              redactValue(value),
              redactValue(redactValue(value)),
              ...(onlyValue ? [] : [redactText(value)]),
            ];
            for (const text of shown)
              expect([value, text, leaked(text, secret, wrap(''))]).toEqual([value, text, undefined]);
          },
        ),
        { numRuns: 300 },
      );
    },
  );

  test('in JSON leaves JSON, with the other members as they were', () => {
    fc.assert(
      fc.property(
        secrets,
        fc.oneof(fc.integer(), fc.boolean(), fc.array(fc.integer()), secrets),
        (secret, other) => {
          const value = JSON.stringify({ a: 1, password: other, token: secret, b: 'x' });
          const shown: unknown = JSON.parse(redactValue(value));
          expect(shown).toMatchObject({ a: 1, b: 'x' });
        },
      ),
    );
  });

  test('under a sensitive name is hidden whole', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SENSITIVE_NAMES), fc.string({ minLength: 1 }), (name, value) => {
        expect(redact(name, value)).toBe(REDACTED);
      }),
    );
  });
});

const PIECES = [
  ...SENSITIVE_VALUES.map(({ value }) => value),
  ...HARMLESS_VALUES,
  ...SYNTAX,
  REDACTED,
  '\n',
  '\n  ',
  'https://',
  '@tcp(',
  'password',
  ': ',
  '-----BEGIN PRIVATE KEY-----',
];

/** Pieces of real values in any order, cut anywhere, with any character between. */
const mixtures = fc
  .array(
    fc.oneof(
      fc
        .tuple(fc.constantFrom(...PIECES), fc.nat(200), fc.nat(200))
        .map(([text, from, length]) => text.slice(from % (text.length + 1)).slice(0, length)),
      fc.constantFrom(...PIECES),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('any text', () => {
  test('is redacted without an error, and once redacted stays as it is', () => {
    fc.assert(
      fc.property(mixtures, (text) => {
        for (const rule of [redactValue, redactText]) {
          const shown = rule(text);
          expect(rule(shown)).toBe(shown);
        }
        expect(typeof isSensitiveName(text)).toBe('boolean');
      }),
      { numRuns: 1000 },
    );
  });

  test('without anything sensitive is returned byte for byte', () => {
    const word = fc.constantFrom(
      'web',
      'author',
      'a=1',
      'b: 2',
      '{"n":1}',
      'https://h/p?q=1',
      'x@example.com',
      '10:30',
      '"q"',
      '\n',
      '✓',
      ';',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const text = words.join(' ');
        expect(redactValue(text)).toBe(text);
        expect(redactText(text)).toBe(text);
      }),
    );
  });

  const HOSTILE = [
    ['://:@', 'a:', '{"', 'eyJ', 'eyJa.b.', 'a', '=', '"', '\\"', '\\', ' ', '\n', '%3D', '%25', '@', '['],
    ['token:', 'token= ', '"password":"', '"password":{', '"key":', 'password:\n ', 'a_file=/key_file=/'],
    [
      '-----BEGIN PRIVATE KEY-----',
      '--key ',
      'ab://c:d ',
      'ab://c:',
      'a://b@',
      '"ab://c:d@',
      'u:p@tcp(h)',
      '@tcp(',
    ],
    [
      'jdbc:oracle:thin:a/',
      'Bearer a ',
      'Basic ',
      'SG.aaaaaaaa',
      'sk-',
      '<a ',
      '$2y$',
      'password=[redacted] ',
      'pwd={}}',
    ],
    ["password '", '%3A%2F%2Fa%3A', 'key:1.1.1.1.1.1.1', 'PASSWORD_', 'aB', REDACTED],
  ].flat();
  const SMALL = 8 * 1024;
  const TIMES = 8;
  // Eight times the input takes about 8 times as long when linear, 64 times when quadratic.
  const GROWTH = 28;

  test.each(HOSTILE)('made of %j takes time linear in its length', (unit) => {
    for (const rule of [redactValue, redactText, isSensitiveName, holdsRedacted]) {
      const cost = (length: number): number => {
        const text = unit.repeat(Math.ceil(length / unit.length));
        // The time that this process has, not that of a machine that others keep busy.
        const before = process.cpuUsage();
        rule(text);
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1000;
      };
      let [small, large] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      let growth = Number.POSITIVE_INFINITY;
      // Others empty the processor's caches meanwhile, so the best that was seen of each counts.
      for (let tries = 0; tries < 20 && growth > GROWTH; tries++) {
        small = Math.min(small, cost(SMALL));
        large = Math.min(large, cost(SMALL * TIMES));
        growth = large / Math.max(small, 0.5);
      }
      expect(growth).toBeLessThanOrEqual(GROWTH);
    }
  });
});

describe('what is secret of a var', () => {
  test.each([
    ['all of it where the name says so', 'DB_PASSWORD', 'correct horse', ['correct horse']],
    ['the password of a URL', 'UPSTREAM', 'postgres://app:hunter22@db/x', ['hunter22']],
    [
      'both, where both tell',
      'DB_PASSWORD',
      'postgres://app:hunter22@db/x',
      ['postgres://app:hunter22@db/x', 'hunter22'],
    ],
    ['each of several', 'HOSTS', 'redis://:one-one@a redis://:two-two@b', ['one-one', 'two-two']],
    [
      'what an object that is hidden whole holds',
      'SETTINGS',
      '{"credentials":{"user":"ann","pw":"hunter22"}}',
      ['{"user":"ann","pw":"hunter22"}', 'hunter22'],
    ],
    ['nothing where nothing is', 'COLOUR', 'red', []],
    ['nothing of what is empty', 'DB_PASSWORD', '', []],
  ])('is %s', (_, name, value, expected) => {
    expect(secretsIn(name, value)).toEqual(expected);
  });

  test('is by the rules of an administrator what they say', () => {
    const rules = { words: ['licence'], exceptions: ['API_KEY', 'LICENCE_URL'] };
    expect(secretsIn('LICENCE', 'abc-123', rules)).toEqual(['abc-123']);
    expect(secretsIn('API_KEY', 'abc-123', rules)).toEqual([]);
    expect(secretsIn('LICENCE_URL', 'https://u:hunter22@h/', rules)).toEqual(['hunter22']);
    expect(secretsIn('QUERY', 'a=1&licence=abc-123', rules)).toEqual(['abc-123']);
    expect(secretsIn('QUERY', 'a=1&API_KEY=abc-123', rules)).toEqual(['abc-123']);
  });

  test('is never in what is shown of it', () => {
    for (const { value } of SENSITIVE_VALUES) {
      const shown = redactValue(value);
      expect(
        secretsIn('SETTING', value).filter((secret) => secret.length > 12 && shown.includes(secret)),
      ).toEqual([]);
      expect(secretsIn('SETTING', value)).not.toEqual([]);
    }
  });
});

describe('words of an administrator', () => {
  test('hold in texts, too, and exceptions do not', () => {
    const rules = { words: ['licence'], exceptions: ['licence', 'password'] };
    expect(redactText('run with --licence abc-123', rules)).toBe('run with --licence [redacted]');
    expect(redactText('licence: abc-123', rules)).toBe('licence: [redacted]');
    expect(redactText('password=hunter22', rules)).toBe('password=[redacted]');
    expect(redactText('<licence>abc-123</licence>', rules)).toBe('<licence>[redacted]</licence>');
    expect(redactText('licence: abc-123')).toBe('licence: abc-123');
  });
});
