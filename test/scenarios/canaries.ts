import { createHmac } from 'node:crypto';

/** A secret that can be found wherever it turns up, and how it is told to `aka`. */
export interface Canary {
  /** What kind of secret it is. */
  readonly kind: string;
  readonly name: string;
  readonly value: string;
  /** The part of the value that must not turn up, in lower case. */
  readonly secret: string;
  /** Whether the value alone shows that it is one. The others are secrets for their name only. */
  readonly telling: boolean;
}

/** Characters that look random and are the same in every run: letters and digits, in lower case. */
function random(seed: string, length: number): string {
  const digest = createHmac('sha256', 'canary').update(seed).digest('hex');
  return `q${digest.repeat(Math.ceil(length / 64))}`.slice(0, length);
}

type Shape = readonly [kind: string, name: string, value: (secret: string) => string, length?: number];

/** Secrets that their form gives away, under names that say nothing. */
const TELLING: readonly Shape[] = [
  ['the password of a URL', 'UPSTREAM', (s) => `postgres://app:${s}@db.internal:5432/app`],
  ['the password of a URL without a user', 'QUEUE', (s) => `redis://:${s}@cache:6379/0`],
  ['a password with an at sign in a URL', 'BROKER', (s) => `amqps://app:a@b/${s}@mq/vhost`],
  ['a URL within a sentence', 'NOTE', (s) => `see https://me:${s}@wiki.internal/page for more`],
  ['several URLs', 'HOSTS', (s) => `mongodb://a:${s}@h1:1,mongodb://b:${s}@h2:2/x`],
  ['a DSN', 'SOURCE', (s) => `app:${s}@tcp(db.internal:3306)/app?parseTime=true`],
  ['an ADO string', 'MAIN', (s) => `Server=db;Database=app;User Id=app;Password=${s};`],
  ['a JDBC parameter', 'JDBC', (s) => `jdbc:postgresql://db/app?user=app&password=${s}`],
  ['a query parameter', 'FEED', (s) => `https://feed.example.com/v1?format=json&api_key=${s}`],
  ['a query parameter in capitals', 'SIGNED', (s) => `https://s.example.com/o?Expires=9&Signature=${s}`],
  ['a GitHub token', 'DEPLOY', (s) => `ghp_${s}`, 36],
  ['a fine-grained GitHub token', 'FINE', (s) => `github_pat_${s.slice(0, 22)}_${s.slice(22)}`, 81],
  ['a GitLab token', 'MIRROR', (s) => `glpat-${s.slice(0, 10)}_${s.slice(10)}`, 24],
  ['a Slack token', 'CHAT', (s) => `xoxb-123456789012-1234567890123-${s}`, 24],
  ['a Slack webhook', 'NOTIFY', (s) => `https://hooks.slack.com/services/T00000000/B00000000/${s}`, 24],
  ['a Stripe key', 'BILLING', (s) => `sk_live_${s}`, 24],
  ['a SendGrid key', 'MAILER', (s) => `SG.${s.slice(0, 22)}.${s.slice(22)}`, 65],
  ['an npm token', 'REGISTRY', (s) => `npm_${s}`, 36],
  ['a JWT', 'SESSION_TEXT', (s) => `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.${s}`, 43],
  ['a PEM key', 'CONTENT', (s) => `-----BEGIN PRIVATE KEY-----\n${s}\n-----END PRIVATE KEY-----\n`, 64],
  [
    'a PEM key in one line',
    'ONELINE',
    (s) => `-----BEGIN RSA PRIVATE KEY-----\\n${s}\\n-----END RSA PRIVATE KEY-----`,
    64,
  ],
  ['a member of JSON', 'SETTINGS', (s) => `{"host":"db","password":"${s}"}`],
  ['a member deep in JSON', 'NESTED', (s) => `{"a":[{"clientSecret":"${s}"}]}`],
  ['an Authorization header', 'HEADER', (s) => `Authorization: Bearer ${s}`, 40],
  ['basic authorization', 'BASIC', (s) => `Authorization: Basic ${s}==`, 32],
];

/** Secrets that only their name gives away. */
const NAMED: readonly Shape[] = [
  'DB_PASSWORD',
  'DB_PWD',
  'SMTP_PW',
  'PASSPHRASE',
  'API_KEY',
  'APIKEY',
  'SECRET',
  'CLIENT_SECRET',
  'SECRET_KEY_BASE',
  'PRIVATE_KEY',
  'TOKEN',
  'ACCESS_TOKEN',
  'JWT',
  'SALT',
  'COOKIE',
  'PIN',
  'CREDENTIALS',
  'SIGNING_CERT',
  'AUTH',
  'BASIC_AUTH',
  'HASH',
  'ENCRYPTION_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'db_password',
  'StripeApiKey',
].map((name) => [`a value named ${name}`, name, (secret: string) => secret] as const);

function canary([kind, name, value, length = 24]: Shape, telling: boolean): Canary {
  const secret = random(`${kind} ${name}`, length);
  return { kind, name, value: value(secret), secret, telling };
}

export const CANARIES: readonly Canary[] = [
  ...TELLING.map((shape) => canary(shape, true)),
  ...NAMED.map((shape) => canary(shape, false)),
];

/** The kinds of those that turn up in some bytes, whatever the case of letters, whole or in any longer part. */
export function found(bytes: Uint8Array | string, canaries: readonly Canary[] = CANARIES): string[] {
  const text = (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1')).toLowerCase();
  return canaries
    .filter(({ secret }) => partsOf(secret).some((part) => text.includes(part)))
    .map(({ kind }) => kind);
}

/** A secret that was cut in the middle is still one. */
function partsOf(secret: string): string[] {
  const part = 12;
  return Array.from({ length: Math.floor(secret.length / part) }, (_, index) =>
    secret.slice(index * part, (index + 1) * part),
  );
}
