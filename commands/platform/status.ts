import { EXIT } from '../../src/cli/exit-codes.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Cell, Facts, Output } from '../../src/cli/output.js';
import { sizeText } from '../../src/cli/sizes.js';
import type { DaemonStatus, StatusSection } from '../../src/contract/daemon.js';
import { VERSION } from '../../src/contract/version.js';

type Status =
  | ({ readonly state: 'running' } & DaemonStatus)
  /** `not_answering`: it starts, stops or is stuck. */
  | { readonly state: 'stopped' | 'not_answering'; readonly pid: number | null };

export default class PlatformStatus extends MachineCommand<Status & { readonly data_dir: string }> {
  static override summary = 'show whether the platform of this machine runs';
  static override description = 'The exit code is 0 if it runs, and 1 if it does not.';
  static override examples = [
    '<%= config.bin %> platform:status',
    '<%= config.bin %> platform:status --json | jq .pid',
  ];

  async run(): Promise<Status & { readonly data_dir: string }> {
    await this.parse(PlatformStatus);
    const machine = this.thisMachine('be looked at from here');
    const { dataDir: data_dir } = machine;
    const now = await machine.state();
    if (now.state !== 'running') {
      this.answer = EXIT.no;
      if (now.state === 'stopped') this.hint('Start it: aka platform:start');
      return { state: now.state, pid: now.state === 'stopped' ? null : (now.pid ?? null), data_dir };
    }
    const { version } = now.status;
    if (version !== VERSION) {
      this.caution(
        `It is aka ${version}, and this is aka ${VERSION}. To change it: aka platform:stop, then aka platform:start`,
      );
    }
    return { state: 'running', ...now.status, data_dir };
  }

  protected render(status: Status & { readonly data_dir: string }, out: Output): void {
    out.facts([...stateFacts(status), ['Data', status.data_dir]]);
    if (status.state !== 'running') return;
    for (const section of status.sections) {
      out.heading(capital(section.name));
      out.facts(factsOf(section));
    }
  }
}

function stateFacts(status: Status): Facts {
  if (status.state !== 'running') {
    const state =
      status.state === 'stopped' ? 'not running' : 'starting, stopping or stuck: it gives no answer';
    return [['State', state], ...(status.pid === null ? [] : [['Process', status.pid] as const])];
  }
  return [
    ['State', 'running'],
    ['Process', status.pid],
    ['Version', status.version],
    ['Since', status.started_at],
    ['Memory', sizeText(status.memory_bytes)],
    ['Addresses', status.addresses],
  ];
}

function factsOf({ facts }: StatusSection): Facts {
  return Object.entries(facts).map(([name, value]): [string, Cell | readonly Cell[]] =>
    typeof value === 'number' && name.endsWith('_bytes')
      ? [words(name.slice(0, -'_bytes'.length)), sizeText(value)]
      : [words(name), value],
  );
}

function words(name: string): string {
  return capital(name.replaceAll('_', ' '));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
