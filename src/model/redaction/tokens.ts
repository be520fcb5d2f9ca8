import { matches, type Span } from './spans.js';

function isSecretBlock(label: string): boolean {
  return /PRIVATE|SECRET|ENCRYPTED|KEY/i.test(label) && !/PUBLIC/i.test(label);
}

/** The bodies of private PEM, OpenSSH, PGP and SSH2 blocks, also without an end, and of PuTTY's key files. */
export function findBlocks(text: string): Span[] {
  const spans: Span[] = [];
  let body: number | undefined;
  let outside = 0;
  for (const mark of text.matchAll(/-{4,5} ?(BEGIN|END) ([A-Z0-9 ]{1,60}?) ?-{4,5}/gi)) {
    const [whole, kind = '', label = ''] = mark;
    const secret = isSecretBlock(label);
    if (body !== undefined) spans.push({ start: body, end: mark.index });
    // An end without its beginning: the key was cut off in front.
    else if (secret && kind.toUpperCase() === 'END') spans.push({ start: outside, end: mark.index });
    outside = mark.index + whole.length;
    body = secret && kind.toUpperCase() === 'BEGIN' ? outside : undefined;
  }
  if (body !== undefined) spans.push({ start: body, end: text.length });
  const putty = text.includes('PuTTY-User-Key-File') ? text.indexOf('Private-Lines:') : -1;
  if (putty !== -1) spans.push({ start: putty + 'Private-Lines:'.length, end: text.length });
  return spans.map((span) => trim(text, span)).filter((span) => span.start < span.end);
}

/** Leaves line ends, real or as `\n`, outside a span. */
function trim(text: string, { start, end }: Span): Span {
  let first = start;
  while (first < end) {
    const pair = text.slice(first, first + 2);
    if (pair === '\\n' || pair === '\\r') first += 2;
    else if (/^\s/.test(pair)) first += 1;
    else break;
  }
  let last = end;
  while (last > first) {
    const pair = text.slice(last - 2, last);
    if (pair === '\\n' || pair === '\\r') last -= 2;
    else if (/\s$/.test(pair)) last -= 1;
    else break;
  }
  return { start: first, end: Math.max(last, first) };
}

/** Not within a word, though an escape before it (`%3D`, `\n`) ends in a letter too. */
const ALONE = String.raw`(?<=^|[^A-Za-z0-9_-]|%[0-9A-Fa-f]{2}|\\[nrt])`;

/** Tokens by a piece that each of them holds: only where it is met is the expression compiled and tried. */
const DISTINCT: readonly (readonly [piece: string, token: string])[] = [
  ['gh', 'gh[oprsu]_[A-Za-z0-9_]{3,}'],
  ['github_pat_', 'github_pat_[A-Za-z0-9_]{3,}'],
  ['gl', 'gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\\w-]{3,}'],
  ['xox', 'xox[abceoprs](?:\\.xox[bp])?-[\\w-]{3,}'],
  ['xapp-', 'xapp-\\d-[\\w-]{3,}'],
  ['k_', '[sr]k_(?:live|test|prod)_\\w{3,}'],
  ['whsec_', 'whsec_[\\w+/=-]{3,}'],
  ['AGE-SECRET-KEY-1', 'AGE-SECRET-KEY-1[A-Za-z0-9]{3,}'],
  ['GOCSPX-', 'GOCSPX-[\\w-]{3,}'],
  ['_v1_', 'do[opr]_v1_[a-f0-9]{3,}'],
  ['shp', 'shp(?:at|ca|pa|ss)_[A-Za-z0-9]{3,}'],
  ['sq0', 'sq0(?:atp|csp|idp)-[\\w-]{3,}'],
  ['dckr_', 'dckr_(?:pat|oat)_[\\w-]{3,}'],
  ['sib-', 'x(?:key|smtp)sib-[\\w-]{3,}'],
  ['pscale_', 'pscale_(?:tkn|pw|oauth)_[\\w.=-]{3,}'],
  ['sntry', 'sntry[su]_[\\w+/=-]{3,}'],
  ['AIza', 'AIza[\\w-]{20,}'],
  ['b3BlbnNzaC1rZXktdjE', 'b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=\\s]*'],
  // PEM in base64, but for certificates and public keys.
  ['LS0tLS1CRUdJTi', 'LS0tLS1CRUdJTi(?!BDRVJUSUZJQ0FURS0|BQVUJMSUMgS0VZ)[A-Za-z0-9+/=]{3,}'],
];

/** The same for tokens whose beginning could end another word. */
const STANDALONE: readonly (readonly [piece: string, token: string])[] = [
  ['aka_', 'aka_[\\w-]{40,}'],
  ['sk-', 'sk-(?=[\\w-]*\\d)[\\w-]{16,}'],
  ['A', '(?:AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ABIA|ACCA)[A-Z0-9]{12,}(?:[:,|][A-Za-z0-9/+=]{40})?'],
  ['LTAI', 'LTAI[A-Za-z0-9]{16,}'],
  ['AKID', 'AKID[A-Za-z0-9]{20,}'],
  ['AKCp', 'AKCp[A-Za-z0-9]{20,}'],
  ['ya29.', 'ya29\\.[\\w.-]{8,}'],
  ['1//0', '1//0[\\w-]{16,}'],
  ['SG.', 'SG\\.[\\w-]{8,}\\.[\\w-]{8,}'],
  ['npm_', 'npm_[A-Za-z0-9]{20,}'],
  ['pypi-Ag', 'pypi-Ag[\\w-]{8,}'],
  ['hv', 'hv[sbr]\\.[\\w-]{8,}'],
  ['EAA', 'EAA[A-Za-z0-9]{20,}'],
  ['key-', 'key-[a-z0-9]{24,}'],
  ['SK', 'SK[0-9a-f]{32}'],
  ['hf_', 'hf_[A-Za-z0-9]{20,}'],
  ['r8_', 'r8_[A-Za-z0-9]{20,}'],
  ['gsk_', 'gsk_[A-Za-z0-9]{20,}'],
  ['xai-', 'xai-[A-Za-z0-9]{20,}'],
  ['pplx-', 'pplx-[A-Za-z0-9]{20,}'],
  ['dapi', 'dapi[a-f0-9]{32}'],
  ['dp.', 'dp\\.(?:pt|st|ct|sa|scim|audit)\\.[\\w.]{16,}'],
  ['HRKU-', 'HRKU-[\\w-]{16,}'],
  ['TT3', 'AT(?:ATT|CTT)3[\\w=-]{20,}'],
  ['ATBB', 'ATBB[A-Za-z0-9]{20,}'],
  ['sl.', 'sl\\.[\\w-]{40,}'],
  ['NR', 'NR(?:AK|II|JS)-[\\w-]{16,}'],
  ['gl', 'gl(?:sa|c)_[\\w=]{20,}'],
  ['pul-', 'pul-[a-f0-9]{32,}'],
  ['rubygems_', 'rubygems_[a-f0-9]{32,}'],
  ['sbp_', 'sbp_[a-f0-9]{32,}'],
  ['lin_', 'lin_(?:api|oauth)_[A-Za-z0-9]{16,}'],
  ['_', '(?:ntn|secret)_[A-Za-z0-9]{30,}'],
  ['fig', 'fig[dou]_[\\w-]{16,}'],
  ['PMAK-', 'PMAK-[a-f0-9-]{16,}'],
  ['CCIPAT_', 'CCIPAT_\\w{16,}'],
  ['tskey-', 'tskey-[\\w-]{8,}'],
  ['tfp_', 'tfp_[\\w-]{16,}'],
  ['nfp_', 'nfp_[A-Za-z0-9]{16,}'],
  ['rnd_', 'rnd_[A-Za-z0-9]{16,}'],
  ['re_', 're_[A-Za-z0-9]{6,}_[A-Za-z0-9]{12,}'],
  ['phx_', 'phx_[A-Za-z0-9]{20,}'],
  ['sq', 'sq[upa]_[a-f0-9]{32,}'],
  ['sgp_', 'sgp_[a-f0-9_]{32,}'],
  ['bkua_', 'bkua_[a-f0-9]{16,}'],
  ['FlyV1 fm', 'FlyV1 fm\\w_[\\w+/=,-]{8,}'],
  ['fo1_', 'fo1_[\\w-]{16,}'],
  ['pat', 'pat[A-Za-z0-9]{14}\\.[a-f0-9]{32,}'],
  ['oy2', 'oy2[a-z0-9]{40,}'],
  ['ops_eyJ', 'ops_eyJ[\\w+/=-]{16,}'],
  ['A3-', 'A3-[A-Z0-9]{6}-[A-Z0-9-]{16,}'],
  ['EZ', 'EZ[AT]K[A-Za-z0-9]{32,}'],
  ['FLWSECK', 'FLWSECK[_-][\\w-]{12,}'],
  ['access-', 'access-(?:sandbox|development|production)-[a-f0-9-]{16,}'],
  ['-us', '[a-f0-9]{32}-us\\d{1,2}'],
  ['.atlasv1.', '[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{20,}'],
  ['Q~', '[\\w~.]{3}\\dQ~[\\w~.-]{30,}'],
  [':AA', '\\d{8,10}:AA[\\w-]{30,}'],
  ['.', '[MNO][\\w-]{23,25}\\.[\\w-]{6}\\.[\\w-]{27,}'],
];

/** Password hashes in the `$id$salt$hash` form. */
const CRYPT = /\$(?:2[abxy]?|argon2(?:id|i|d)|apr1|[156y]|scrypt|pbkdf2(?:-\w{1,10})?)\$[\w./$=,+-]{16,}/g;

/** URLs that are a secret as a whole; what follows the last fixed part is hidden. */
const WEBHOOKS = [
  /hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/(?<secret>[^\s"'<>`]+)/gi,
  /outlook\.office(?:365)?\.com\/webhook\/(?<secret>[^\s"'<>`]+)/gi,
  /\.webhook\.office\.com\/(?:webhookb2\/)?(?<secret>[^\s"'<>`]+)/gi,
  /discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/(?<secret>[^\s"'<>`]+)/gi,
  /hooks\.zapier\.com\/hooks\/(?:catch\/)?(?<secret>[^\s"'<>`]+)/gi,
  /maker\.ifttt\.com\/(?:trigger\/[^/\s"'<>]{1,80}\/(?:json\/)?with\/key|use)\/(?<secret>[^\s"'<>`]+)/gi,
  /api\.telegram\.org\/(?:file\/)?bot(?<secret>[^/\s"'<>`]+)/gi,
  /hook\.(?:[a-z0-9]{2,5}\.)?(?:make|integromat)\.com\/(?<secret>[^\s"'<>`]+)/gi,
  /events\.pagerduty\.com\/integration\/(?<secret>[^/\s"'<>`]+)/gi,
  /open\.(?:feishu\.cn|larksuite\.com)\/open-apis\/bot\/v2\/hook\/(?<secret>[^\s"'<>`]+)/gi,
  /alert\.victorops\.com\/integrations\/generic\/(?<secret>[^\s"'<>`]+)/gi,
  /hc-ping\.com\/(?<secret>[^/\s"'<>`]+)/gi,
  /:\/\/[\w.:-]{1,255}\/hooks\/(?<secret>[a-z0-9]{26})(?![a-z0-9])/g,
];

const WEBHOOK_HINT = /hook|ifttt|telegram|pagerduty|victorops|hc-ping/i;

/** `code` is a key where it is long and random, as for cloud functions; a country code is not. */
const CODE = /[?&]code=(?<secret>(?=[^&\s]{0,200}\d)[\w%+/=-]{20,})/gi;

const BEARER = /\bbearer(?:\s|%20|\+){1,8}(?<secret>[\w.~+/%-]{1,}=*)/gi;

const BASIC = /\bbasic(?:\s|%20|\+){1,8}(?<secret>[A-Za-z0-9+/_-]{4,}(?:=|%3D){0,2})/gi;

const compiled = new Map<string, RegExp>();

/** Whether the text after `Bearer` is a token, as against the next word of a sentence. */
function isBearerToken(text: string, { start, end }: Span): boolean {
  const token = text.slice(start, end);
  if (/[\dA-Z]/.test(token) || token.length >= 20) return true;
  return /^\s*bearer\s+\S+\s*$/i.test(text) && !/^tokens?$/.test(token);
}

/** Whether the text after `Basic` decodes to `user:password`. */
function isBasicLogin(text: string, { start, end }: Span): boolean {
  const encoded = text
    .slice(start, end)
    .replace(/(?:=|%3D)+$/i, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  // One character over is no base64, nor are other alphabets: the expression that found it lets neither `atob` throw.
  return encoded.length % 4 !== 1 && atob(encoded).includes(':');
}

/** JSON web tokens: dotted base64url that begins with an object, whether signed, encrypted or cut off. */
function findWebTokens(text: string): Span[] {
  if (!text.includes('eyJ')) return [];
  const spans: Span[] = [];
  for (const run of text.matchAll(/(?<![\w.-])[\w.-]+/g)) {
    const start = run[0].indexOf('eyJ');
    if (start === -1) continue;
    const parts = run[0].slice(start).split('.', 3);
    if (parts.length === 3 || parts[1]?.startsWith('eyJ')) {
      spans.push({ start: run.index + start, end: run.index + run[0].length });
    }
  }
  return spans;
}

function findListed(text: string, list: readonly (readonly [string, string])[], before: string): Span[] {
  return list.flatMap(([piece, token]) => {
    if (!text.includes(piece)) return [];
    const pattern = compiled.get(token) ?? new RegExp(`${before}(?:${token})`, 'g');
    compiled.set(token, pattern);
    return matches(text, pattern);
  });
}

/** Secrets that are told by their own form, wherever they stand. */
export function findTokens(text: string): Span[] {
  return [
    ...findListed(text, DISTINCT, ''),
    ...findListed(text, STANDALONE, ALONE),
    ...findWebTokens(text),
    ...matches(text, CRYPT),
    ...(WEBHOOK_HINT.test(text) ? WEBHOOKS.flatMap((webhook) => matches(text, webhook)) : []),
    ...matches(text, CODE),
    ...matches(text, BEARER).filter((span) => isBearerToken(text, span)),
    ...matches(text, BASIC).filter((span) => isBasicLogin(text, span)),
  ];
}
