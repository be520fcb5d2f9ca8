import { Flags } from '@oclif/core';
import { EXIT } from '../../src/cli/exit-codes.js';
import { CommandError } from '../../src/cli/failure.js';
import { LocalPlatform } from '../../src/cli/local-platform.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Output } from '../../src/cli/output.js';
import { socketOf } from '../../src/contract/daemon.js';
import { reachedAt } from '../../src/model/addresses.js';
import { type HostLine, hostLines } from '../../src/model/hosts-block.js';

interface Hosts {
  readonly hosts: readonly HostLine[];
  /** What became of the hosts file; null where the lines are only shown. */
  readonly file: string | null;
  readonly changed: boolean;
}

export default class PlatformHosts extends MachineCommand<Hosts> {
  static override summary = 'show or install the host names of apps';
  static override description =
    `Browsers and curl resolve *.localhost themselves. Other programs need entries in the hosts file. Without flags, prints them, one line per app.

--install writes them to a marked block in /etc/hosts. Repeat it after apps are created or destroyed. As root, use the socket of another user's platform: --api unix:DATA/aka.sock`;
  static override examples = [
    '<%= config.bin %> platform:hosts',
    '<%= config.bin %> platform:hosts --space demo --json',
    'sudo <%= config.bin %> platform:hosts --install',
    'sudo <%= config.bin %> platform:hosts --remove',
  ];
  static override flags = {
    space: Flags.string({ char: 's', description: 'only apps in this space', helpValue: 'SPACE' }),
    install: Flags.boolean({ description: 'write the lines to /etc/hosts', exclusive: ['remove'] }),
    remove: Flags.boolean({ description: 'remove the lines from /etc/hosts', exclusive: ['space'] }),
  };

  async run(): Promise<Hosts> {
    const { flags } = await this.parse(PlatformHosts);
    if (!flags.install && !flags.remove)
      return { hosts: await this.#hosts(flags.space), file: null, changed: false };
    const dataDir = await this.dataDirInUse('have its hosts written from here');
    if (process.geteuid?.() !== 0) throw needsRoot(dataDir, flags.install);
    const hosts = flags.remove ? [] : await this.#hosts(flags.space);
    const machine = new LocalPlatform(this.env);
    return { hosts, ...(await machine.writeHosts(dataDir, hostLines(hosts))) };
  }

  protected render({ hosts, file, changed }: Hosts, out: Output): void {
    if (file === null) {
      for (const line of hostLines(hosts)) out.raw(line);
      return;
    }
    out.facts([
      ['File', file],
      ['State', changed ? 'changed' : 'as it was'],
      ['Hosts', hosts.length === 0 ? 'none' : hostLines(hosts)],
    ]);
  }

  /** Where each app is, by name. */
  async #hosts(space: string | undefined): Promise<HostLine[]> {
    const api = await this.api();
    const [apps, settings] = [
      await api.apps.list(space === undefined ? {} : { space }),
      await api.platform.settings(),
    ];
    const [outside, inside] = [reachedAt(settings.router_host), reachedAt(settings.internal_host)];
    return apps.items
      .map(({ web_url, space: { compliance } }) => ({
        address: /\binternal\b/.test(compliance) ? inside : outside,
        name: new URL(web_url).hostname,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** With sudo alone it would be root's platform; that of this user answers root, too. */
function needsRoot(dataDir: string, install: boolean): CommandError {
  const flag = install ? '--install' : '--remove';
  return new CommandError({
    id: 'needs_root',
    message: 'Only root may change /etc/hosts.',
    hint: `${install ? 'While the platform runs: ' : ''}sudo aka platform:hosts ${flag} --api unix:${socketOf(dataDir)}`,
    exit: EXIT.notAllowed,
  });
}
