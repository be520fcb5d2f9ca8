import { Flags } from '@oclif/core';
import { openInBrowser } from '../src/cli/browser.js';
import { AkaCommand } from '../src/cli/command.js';
import { targetOf } from '../src/cli/connect.js';
import type { Output } from '../src/cli/output.js';
import { parseApiAddress } from '../src/client/api-address.js';
import { CONSOLE_PATH } from '../src/contract/console.js';

interface Link {
  readonly url: string;
  /** ISO 8601, UTC. */
  readonly expires_at: string;
}

export default class Console extends AkaCommand<Link> {
  static override summary = 'open the web console';
  static override description =
    'Prints a login link and opens it in a browser. The link works once, for a minute. With --api, needs the token of an administrator.';
  static override hiddenAliases = ['platform:console'];
  static override examples = ['<%= config.bin %> console', '<%= config.bin %> console --print'];
  static override flags = {
    'no-open': Flags.boolean({ description: 'open no browser' }),
    print: Flags.boolean({ description: 'print the link and nothing else, and open no browser' }),
  };

  #opens = true;
  #explains = true;

  async run(): Promise<Link> {
    const { flags } = await this.parse(Console);
    this.#opens = flags['no-open'] !== true && flags.print !== true;
    this.#explains = flags.print !== true;
    const target = await targetOf(this.flags, this.env);
    const { code, url, expires_at } = await (await this.running()).console.createCode();
    return { url: target.kind === 'http' ? (linkAt(target.url, code) ?? url) : url, expires_at };
  }

  protected async render({ url }: Link, out: Output): Promise<void> {
    out.line(url);
    if (!this.#explains) return;
    if (this.#opens && out.isTerminal && (await openInBrowser(url, this.env))) return;
    this.hint('Open it within a minute; it logs in one browser. For another one: aka console');
  }
}

/** The link at the address by which the platform is reached; undefined if that is no address for browsers. */
function linkAt(api: string, code: string): string | undefined {
  const address = parseApiAddress(api);
  return address.kind === 'unix'
    ? undefined
    : `${address.origin}${address.base}${CONSOLE_PATH}/#login=${code}`;
}
