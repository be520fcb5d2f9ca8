import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Output } from '../../src/cli/output.js';

interface Disabled {
  readonly unit: string;
  readonly was_enabled: boolean;
}

export default class PlatformDisable extends MachineCommand<Disabled> {
  static override summary = 'stop starting the platform at boot';
  static override description = "Reverts platform:enable. Doesn't stop a running platform.";
  static override examples = ['<%= config.bin %> platform:disable'];

  async run(): Promise<Disabled> {
    await this.parse(PlatformDisable);
    return await this.thisMachine('be disabled from here').disable();
  }

  protected render({ unit, was_enabled }: Disabled, out: Output): void {
    out.facts([
      ['Unit', unit],
      ['State', was_enabled ? 'disabled' : 'not enabled'],
    ]);
  }
}
