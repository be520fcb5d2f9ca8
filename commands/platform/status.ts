import { EXIT } from '../../src/cli/exit-codes.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Cell, Facts, Output, Style } from '../../src/cli/output.js';
import type { DaemonStatus, StatusSection } from '../../src/contract/daemon.js';
import { VERSION } from '../../src/contract/version.js';
import { byteSize } from '../../src/model/byte-size.js';

/** How the names of facts end that are sizes, and of those that bound one. */
const BYTES = '_bytes';
const QUOTA = '_quota_bytes';

type Status =
  | ({ readonly state: 'running' } & DaemonStatus)
  /** `not_answering`: it starts, stops or is stuck. */
  | { readonly state: 'stopped' | 'not_answering'; readonly pid: number | null };

export default class PlatformStatus extends MachineCommand<Status & { readonly data_dir: string }> {
  static override summary = 'show the status of the local platform';
  static override description = "Exits 0 if it runs, and 1 if it doesn't.";
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
      out.facts(factsOf(section, out.style));
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
    ...restartFacts(status),
    ['Memory', byteSize(status.memory_bytes)],
    ['Addresses', status.addresses],
  ];
}

/** Whether and why it was restarted, and whether it will be. */
function restartFacts({ supervisor, restarts = 0, last_death: last }: DaemonStatus): Facts {
  const died = last && `${restarts} (last ${last.at}: ${last.how})`;
  return [
    ...(died ? [['Restarts', died] as const] : []),
    ['Supervisor', supervisor ? `process ${supervisor}` : 'none: if the platform dies, it is not restarted'],
  ];
}

/** Sizes in units that people read; one that has a quota is shown against it. */
function factsOf({ facts }: StatusSection, { caution }: Style): Facts {
  return Object.entries(facts).flatMap(([name, value]): [string, Cell | readonly Cell[]][] => {
    if (name.endsWith(QUOTA)) return [];
    if (Array.isArray(value)) return value.length === 0 ? [] : [[words(name), value]];
    if (typeof value !== 'number' || !name.endsWith(BYTES)) return [[words(name), value]];
    const what = name.slice(0, -BYTES.length);
    const quota = facts[`${what}${QUOTA}`];
    if (typeof quota !== 'number') return [[words(what), byteSize(value)]];
    const text = `${byteSize(value)} of ${byteSize(quota)}`;
    return [
      [
        words(what),
        value > quota ? { text: `${text}: what is left is in use, or new`, style: caution } : text,
      ],
    ];
  });
}

function words(name: string): string {
  return capital(name.replaceAll('_', ' '));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
