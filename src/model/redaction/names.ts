/** What an administrator adds: words that make a name sensitive, and names (as they are written) that never are. */
export interface RedactionRules {
  words?: Words;
  exceptions?: readonly string[];
}

/** Words that an administrator adds: all of the rules that hold within a value, where an exception reveals nothing. */
export type Words = readonly string[] | undefined;

/** Sensitive where they are a whole word of the name, in singular or plural. */
const WORDS = new Set(
  (
    'pass password passwd passphrase passcode passkey pswd psw psk pwd pw pword pin pincode pat otp totp ' +
    'key keypair keyfile keyset keyid keydata keypass keystore keytab privkey priv private secret token ' +
    'salt pepper auth oauth authorization authcode authheader bearer hash hmac jwt jwk cookie cert ' +
    'certificate credential cred sas pem pfx ppk jks netrc pgpass htpasswd kubeconfig mnemonic userpin ' +
    'adminpin cardpin simpin devicepin loginpin passwort kennwort senha contrasena motdepasse ' +
    'encryption keyring keychain connstr connstring connectionstr connectionstring'
  ).split(' '),
);

/** Joined to other words without a separator: some tell a secret wherever they stand, the shorter ones at the end only. */
const JOINED =
  /password(?!less)|passwd|passphrase|passcode|passwort|kennwort|pwd|credential|secret(?!ar[iy]|ion|ed?$|ly$)|token(?!i[sz]|om)|jwt|apikey|privatekey|(?:key|pass|pw|auth|hash|salt|cert|certificate|cred|cookie|bearer)s?$/;

/** Ordinary words that end like a joined form. */
const ORDINARY = new Set(
  (
    'monkey surveymonkey chaosmonkey tampermonkey donkey turkey hockey jockey whiskey mickey rickey hickey ' +
    'lackey malarkey flunkey turnkey hotkey smokey hokey pokey bypass compass trespass surpass underpass ' +
    'overpass encompass lowpass highpass bandpass basalt rehash concert sacred forbearer pallbearer'
  ).split(' '),
);

/** Secrets that take two words to tell. */
const PHRASES =
  /_(?:(?:access|recovery|backup|security|verification)_codes?|(?:seed|recovery|wallet)_(?:phrase|seed)|(?:signing|signer|encryption|crypto|master|hd|bip39)_seed|conn(?:ection)?_str(?:ing)?s?|id_(?:rsa|dsa|ecdsa|ed_25519)|service_account_json)_|[^_]_sk_$|^_dsn_$/;

/** A name that ends in a quantity or a choice is a setting about a secret, as PASSWORD_MIN_LENGTH or TOKEN_TTL are. */
const SETTING =
  /_(?:ttl|length|len|rounds?|count|size|limit|interval|timeout|seconds?|secs?|minutes?|hours?|days?|ms|age|expiry|expires|expires_in|expiration|lifetime|version|retries|attempts|cost|iterations|bits|enabled?|disabled?|required|optional|secure|httponly|http_only|samesite|same_site|mode|method|type|algorithm|algo|alg|strategy|mechanism|source)_$|_(?:max|min|num|total)(?:_[a-z]+)?_tokens_$/;

const BOUNDARY =
  /[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])/;

const CAMEL_CASE = /^[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,})*$/;

/** File formats of key stores, which the digit boundary would take apart. */
const STORES = /(?<![A-Za-z0-9])(?:p12|pkcs12|pkcs8)(?![A-Za-z0-9])/i;

/** A first look that costs little: every word, joined form and phrase above holds one of these. */
const STEM =
  /pass|pw|psw|psk|pin|pat|otp|key|priv|secret|token|salt|pepper|auth|bearer|hash|hmac|jw[tk]|cookie|cert|cred|sas|pem|pfx|ppk|jks|netrc|kubec|mnemonic|wort|senha|contras|code|phrase|seed|p12|pkcs|dsn|conn|crypt|sk$|id_?[red]|service_?acc|keychain/i;

/** The words of a name as `_one_two_`, so that a phrase is found by looking for `_phrase_`. */
function phrase(words: readonly string[]): string {
  return `_${words.filter((word) => word !== '').join('_')}_`.toLowerCase();
}

function isSensitiveWord(word: string): boolean {
  const singular = /[^s]s$/.test(word) ? word.slice(0, -1) : word;
  if (word === 'hashes' || WORDS.has(word) || WORDS.has(singular)) return true;
  return JOINED.test(word) && !ORDINARY.has(word) && !ORDINARY.has(singular);
}

/** `appDbMonkey` does not end in a key: ordinary words are left out of it. */
function withoutOrdinaryWords(segment: string): string {
  return segment
    .split(BOUNDARY)
    .filter((word) => !ORDINARY.has(word.toLowerCase()))
    .join('');
}

/** The words of a name, split within `macOS` and not. */
function spellings(name: string): string[] {
  return [phrase(name.split(BOUNDARY)), phrase(name.split(/[^A-Za-z0-9]+/))];
}

function holdsWordOf(words: readonly string[], name: string): boolean {
  const names = spellings(name);
  return words.flatMap(spellings).some((word) => {
    if (word === '__') return false;
    const plural = `${word.slice(0, -1)}s_`;
    return names.some((each) => each.includes(word) || each.includes(plural));
  });
}

/**
 * Whether a name alone says that its value is secret: by whole words, split at `_`, `-`, `.`, camelCase and digits, and
 * by known joined forms such as DBPASSWORD and apikey. Any string is a name; time is linear in its length.
 */
export function isSensitiveName(name: string, rules: RedactionRules = {}): boolean {
  if (rules.exceptions?.includes(name)) return false;
  if (rules.words !== undefined && rules.words.length > 0 && holdsWordOf(rules.words, name)) return true;
  if (!STEM.test(name)) return false;
  const words = name.split(BOUNDARY);
  const whole = phrase(words);
  if (SETTING.test(whole)) return false;
  if (STORES.test(name) || PHRASES.test(whole)) return true;
  // Odd cases, such as `pAsSwOrD` and `JWTs`, only make words when taken together.
  const odd = name.split(/[^A-Za-z]+/).filter((segment) => segment.length > 64 || !CAMEL_CASE.test(segment));
  const together = odd.map((segment) => withoutOrdinaryWords(segment));
  return [...words, ...together].some((word) => isSensitiveWord(word.toLowerCase()));
}

/** Names that are harmless for a var but carry a secret as a parameter, a member or an attribute. */
const MEMBERS =
  /(?:^|[^a-z])(?:sig|signature|sessionid|session_id|jsessionid|phpsessid|connect\.sid|assertion|samlresponse|code_?verifier)$/i;

/** A name as it stands inside a value: percent-encoded, with JSON escapes, or at the end of an encoded URL. */
function decode(raw: string): string {
  let name = raw.replace(/\\+u([0-9a-f]{4})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  for (let level = 0; level < 3 && name.includes('%'); level++) {
    name = name.replace(/%([0-9a-f]{2})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
  }
  return name.slice(Math.max(name.lastIndexOf('?'), name.lastIndexOf('&'), name.lastIndexOf('#')) + 1);
}

/** Whether the name of a parameter, JSON member, attribute or header says that its value is secret. */
export function isSensitiveMember(raw: string, words?: Words): boolean {
  const name = raw.includes('%') || raw.includes('\\') ? decode(raw) : raw;
  return isSensitiveName(name, { words }) || MEMBERS.test(name);
}
