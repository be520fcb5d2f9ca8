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
  static override summary = "show or install trust in the platform's certificates";
  static override description =
    `Dynos already trust them. Without flags, shows how other programs on this machine can.

As root, --install adds the certificate authority to the system trust store, and --remove removes it. Most browsers have their own store. Name constraints limit the authority to the domains of its platform.`;
  static override examples = [
    '<%= config.bin %> platform:trust',
    '<%= config.bin %> platform:trust --json | jq .trusted',
    'sudo <%= config.bin %> platform:trust --install',
    'sudo <%= config.bin %> platform:trust --remove',
  ];
  static override flags = {
    install: Flags.boolean({
      description: 'add the authority to the system trust store',
      exclusive: ['remove'],
    }),
    remove: Flags.boolean({ description: 'remove the authority from the system trust store' }),
    confirm: Flags.string({
      description: 'with --install: short name of the authority, to skip the prompt',
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
