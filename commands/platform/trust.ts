import { Flags } from '@oclif/core';
import type { TrustState } from '../../src/cli/local-platform.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Output } from '../../src/cli/output.js';
import { confirmName } from '../../src/cli/prompts.js';
import { type TrustStep, trustSteps } from '../../src/cli/trust-view.js';

type Trust = Pick<TrustState, 'fingerprint' | 'file' | 'names' | 'trusted'> & {
  /** Undefined where nothing was to be changed. */
  readonly changed?: boolean;
  readonly steps: readonly TrustStep[];
};

export default class PlatformTrust extends MachineCommand<Trust> {
  static override summary = "show or do what it takes to trust the platform's certificates";
  static override description =
    'Dynos trust them already. It shows how other programs of this machine do, each in its own way. With --install root adds the authority to what the whole system trusts, and with --remove takes it out; browsers mostly have their own list. The authority can only ever speak for the domains of its platform.';
  static override examples = [
    '<%= config.bin %> platform:trust',
    '<%= config.bin %> platform:trust --json | jq .trusted',
    'sudo <%= config.bin %> platform:trust --install',
    'sudo <%= config.bin %> platform:trust --remove',
  ];
  static override flags = {
    install: Flags.boolean({ description: 'have this system trust it', exclusive: ['remove'] }),
    remove: Flags.boolean({ description: 'have this system trust it no more' }),
    confirm: Flags.string({
      description: 'with --install: the short name of the authority, so that nothing is trusted by accident',
      helpValue: 'NAME',
      dependsOn: ['install'],
    }),
  };

  async run(): Promise<Trust> {
    const { flags } = await this.parse(PlatformTrust);
    const machine = await this.localPlatform('be trusted from here');
    if (!flags.install && !flags.remove) return shown(await machine.trust());
    const after = await machine.changeTrust(flags.install ? 'install' : 'remove', async (before) => {
      if (!flags.install || before.trusted === true) return;
      await confirmName(
        before.name,
        flags.confirm,
        `Every program that asks this system will trust ${before.subject}, for ${before.names.join(', ')} and all below.`,
      );
    });
    return { ...shown(after), changed: after.changed };
  }

  protected render({ fingerprint, file, names, trusted, changed, steps }: Trust, out: Output): void {
    out.facts([
      ['Fingerprint', fingerprint],
      ['File', file],
      ['For', names.map((name) => `*.${name}`)],
      ['System', trusted === null ? 'not known' : trusted ? 'trusts it' : "doesn't trust it"],
      ...(changed === undefined ? [] : [['Changed', changed ? 'yes' : 'no, it was so before'] as const]),
    ]);
    if (changed !== undefined) return;
    out.heading('To have it trusted by');
    if (!out.isTerminal) return out.facts(steps.map((step) => [step.for, step.do]));
    for (const step of steps) {
      out.note(step.for);
      // Never broken: it is there to be copied.
      out.raw(`  ${step.do}`);
    }
  }
}

function shown(state: TrustState): Trust {
  const { fingerprint, file, names, trusted } = state;
  return { fingerprint, file, names, trusted, steps: trustSteps(state) };
}
