import { EXIT } from '../../src/cli/exit-codes.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import { mailFlags, mailSettingsIn } from '../../src/cli/mail-flags.js';
import type { Output } from '../../src/cli/output.js';
import {
  changesOf,
  type SomeSettings,
  settingFacts,
  settingFlags,
  settingName,
  settingsIn,
  settingText,
  waiting,
} from '../../src/cli/settings-view.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import type { MailTest, PlatformSettings } from '../../src/contract/wire.js';
import { checkSettings, openHosts } from '../../src/model/settings.js';

type Configured = PlatformSettings & {
  /** What was changed, and what of it waits for the next start of the daemon. */
  readonly changed: readonly string[];
  readonly at_next_start: readonly string[];
  readonly mail_test?: MailTest;
};

export default class PlatformConfigure extends MachineCommand<Configured> {
  static override summary = 'show or change the settings of the platform';
  static override description = `Without flags, shows the settings. With flags, changes all of them or none.

Quotas, capacity, egress, build network, mail and redaction take effect at once. Addresses, ports and network take effect at the next start. 5GB uses powers of 1000; 5GiB and 5G use powers of 1024.`;
  static override examples = [
    '<%= config.bin %> platform:configure',
    '<%= config.bin %> platform:configure --router-port 9443 --http-port 9080',
    '<%= config.bin %> platform:configure --slug-quota 5GB --log-quota 500MB --json',
    '<%= config.bin %> platform:configure --redact-word licence --redact-word mandant --redact-exception COOKIE_DOMAIN',
    '<%= config.bin %> platform:configure --capacity-memory 4GiB --capacity-cpu 4',
    'pass show smtp | <%= config.bin %> platform:configure --smtp-host smtp.example.com --smtp-user aka --smtp-password-file - --mail-from aka@example.com --mail-to admins@example.com',
    '<%= config.bin %> platform:configure --smtp-test',
    '<%= config.bin %> platform:configure --internal-host 127.0.0.2 --internal-allow 127.0.0.0/8 --internal-allow 10.0.0.0/8',
  ];
  static override flags = { ...settingFlags, ...mailFlags };

  async run(): Promise<Configured> {
    const { flags } = await this.parse(PlatformConfigure);
    const some = settingsIn(flags);
    const api = await this.api();
    const before = await api.platform.settings();
    const wanted = { ...some, ...(await mailSettingsIn(flags, before)) };
    const configured = await this.#configure(api, before, wanted);
    return flags['smtp-test'] ? { ...configured, mail_test: await this.#testMail(api) } : configured;
  }

  protected render(settings: Configured, out: Output): void {
    out.facts(settingFacts(settings));
  }

  async #configure(api: AppsApi, before: PlatformSettings, wanted: SomeSettings): Promise<Configured> {
    if (Object.keys(wanted).length === 0) return { ...before, changed: [], at_next_start: [] };
    checkSettings({ ...before, ...wanted });
    const after = await api.platform.configure(wanted);
    const changed = changesOf(before, after);
    // Another in the place of one that is set looks the same.
    if (typeof wanted.smtp_password === 'string' && !changed.includes('smtp_password'))
      changed.push('smtp_password');
    const later = waiting(changed);
    this.#say(before, after, changed);
    await this.#warn(after, changed);
    if (later.length > 0 && (await api.platform.info()).running === true) {
      this.caution(
        `${names(later)} ${later.length === 1 ? 'waits' : 'wait'} for the next start of the platform, while addresses are shown as they will be: aka platform:stop, then aka platform:start`,
      );
    }
    return { ...after, changed, at_next_start: later };
  }

  async #testMail(api: AppsApi): Promise<MailTest> {
    this.progress('Mailing a test ...');
    const test = await api.platform.testMail();
    if (test.ok) this.progress(`${test.server} took it: ${test.answer}`);
    else this.caution(`${test.server} did not take it for everybody: ${test.answer}`);
    this.answer = test.ok ? EXIT.done : EXIT.no;
    return test;
  }

  #say(before: PlatformSettings, after: PlatformSettings, changed: readonly (keyof SomeSettings)[]): void {
    if (changed.length === 0) this.progress('Everything is like that already.');
    for (const name of changed) {
      const when = waiting([name]).length > 0 ? 'at the next start' : 'at once';
      if (name === 'smtp_password') {
        // Of a password that is followed by a colon, nothing is shown.
        this.progress(`${settingName(name)} is ${after.smtp_password} now, ${when}`);
        continue;
      }
      this.progress(
        `${settingName(name)}: ${settingText(before, name)} -> ${settingText(after, name)}, ${when}`,
      );
    }
  }

  /** Of what a change means beyond what it says. */
  async #warn(after: PlatformSettings, changed: readonly (keyof SomeSettings)[]): Promise<void> {
    for (const name of openHosts(after).filter((each) => changed.includes(each))) {
      this.caution(
        name === 'router_host'
          ? `Other machines will reach every app that isn't internal, at ${after.router_host}. For this one alone: --router-host 127.0.0.1`
          : `Other machines in ${settingText(after, 'internal_allow')} will reach internal apps, at ${after.internal_host}.`,
      );
    }
    if (changed.includes('network')) {
      this.caution(
        'The host and port of every app in the discovery vars become others. What has them written down must be changed.',
      );
    }
    if (changed.includes('build_network') && after.build_network === 'machine') {
      this.caution(
        'Builds of every space will reach internal apps and everything that listens on localhost of this machine.',
      );
    }
    await this.#warnOfPorts(after, changed);
  }

  async #warnOfPorts(after: PlatformSettings, changed: readonly (keyof SomeSettings)[]): Promise<void> {
    const here = await this.machineInUse();
    if (here === undefined) return;
    for (const name of ['router_port', 'http_port', 'internal_port'] as const) {
      const needs = changed.includes(name) ? await here.neededToListen(after[name]) : undefined;
      if (needs !== undefined) {
        this.caution(
          `This user may not listen on port ${after[name]} (${settingName(name)}) yet. To allow it: ${needs}`,
        );
      }
    }
  }
}

function names(each: readonly (keyof SomeSettings)[]): string {
  return each.map(settingName).join(', ');
}
