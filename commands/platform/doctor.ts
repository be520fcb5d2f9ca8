import { EXIT } from '../../src/cli/exit-codes.js';
import type { Examination, Finding } from '../../src/cli/local-platform.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Cell, Output, Style } from '../../src/cli/output.js';

export default class PlatformDoctor extends MachineCommand<Examination> {
  static override summary = 'check this machine for problems, and show fixes';
  static override description =
    'Changes nothing. Warnings affect only some uses of the platform. Exits 1 if there is a problem.';
  static override examples = [
    '<%= config.bin %> platform:doctor',
    '<%= config.bin %> platform:doctor --json | jq .ok',
  ];

  protected override readonly advice = ['mend'];

  async run(): Promise<Examination> {
    await this.parse(PlatformDoctor);
    const examination = await this.thisMachine('be examined from here').examine();
    if (!examination.ok) this.answer = EXIT.no;
    return examination;
  }

  protected render({ checks }: Examination, out: Output): void {
    const found = checks.map(({ name, state, says }) => [name, painted(state, out.style), says]);
    if (!out.isTerminal)
      return out.table(
        [],
        found.map((row, n) => [...row, checks[n]?.mend ?? '']),
      );
    out.table(['CHECK', 'STATE', 'FOUND'], found);
    const mends = checks.flatMap(({ name, mend }): [string, string][] =>
      mend === undefined ? [] : [[name, mend]],
    );
    if (mends.length === 0) return;
    out.heading('To mend it, or to add what is optional');
    out.facts(mends);
  }
}

function painted(state: Finding['state'], style: Style): Cell {
  const paint = { ok: 'good', warning: 'caution', problem: 'bad' } as const;
  return { text: state, style: (text) => style[paint[state]](text) };
}
