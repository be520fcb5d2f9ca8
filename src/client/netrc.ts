/**
 * The password that a .netrc file has for one of these machines, the first of them that is in it; undefined if none is.
 * Of several entries of a machine the first one with a password counts. The `default` entry is for no machine in
 * particular: what is in it is sent nowhere. Words are as the file of curl has them: with double quotes if there are
 * blanks in them, and a backslash before what is to be taken as it is in those.
 */
export function netrcPassword(text: string, machines: readonly string[]): string | undefined {
  const passwords = passwordsIn(text);
  const machine = machines.find((each) => passwords.has(each.toLowerCase()));
  return machine === undefined ? undefined : passwords.get(machine.toLowerCase());
}

function passwordsIn(text: string): Map<string, string> {
  const passwords = new Map<string, string>();
  const words = new Words(text);
  let machine: string | undefined;
  for (let word = words.keyword(); word !== undefined; word = words.keyword()) {
    if (word === 'default') machine = undefined;
    else if (word === 'macdef') words.skipMacro();
    else {
      const value = words.next();
      if (word === 'machine') machine = value?.toLowerCase();
      else if (word === 'password' && machine !== undefined && value !== undefined) {
        if (!passwords.has(machine)) passwords.set(machine, value);
      }
    }
  }
  return passwords;
}

/** Reads a file of words from its beginning, in one pass. */
class Words {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next word where no value is expected: what begins with # there is a comment. */
  keyword(): string | undefined {
    for (;;) {
      const word = this.next();
      if (word?.startsWith('#') !== true) return word;
      this.#at = this.#endOf('\n', this.#at - 1);
    }
  }

  next(): string | undefined {
    const blanks = /\s*/y;
    blanks.lastIndex = this.#at;
    blanks.test(this.#text);
    this.#at = blanks.lastIndex;
    if (this.#at >= this.#text.length) return undefined;
    return this.#quoted() ?? this.#plain();
  }

  #plain(): string {
    const word = /\S+/y;
    word.lastIndex = this.#at;
    const [plain = ''] = word.exec(this.#text) ?? [];
    this.#at = word.lastIndex;
    return plain;
  }

  /** Undefined if it has no quote at its beginning, or none at its end. */
  #quoted(): string | undefined {
    if (this.#text[this.#at] !== '"') return undefined;
    let word = '';
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      if (this.#text[at] === '"') {
        this.#at = at + 1;
        return word;
      }
      if (this.#text[at] === '\\') at++;
      word += this.#text[at] ?? '';
    }
    return undefined;
  }

  /** A macro has a name, and lines up to an empty one. */
  skipMacro(): void {
    this.next();
    const end = /\n[ \t\r]*(?:\n|$)/g;
    end.lastIndex = this.#at;
    this.#at = end.test(this.#text) ? end.lastIndex : this.#text.length;
  }

  #endOf(mark: string, from: number): number {
    const at = this.#text.indexOf(mark, from);
    return at === -1 ? this.#text.length : at;
  }
}
