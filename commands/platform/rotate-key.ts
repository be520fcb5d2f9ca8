import type { Rotation } from '../../src/cli/local-platform.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Output } from '../../src/cli/output.js';

export default class PlatformRotateKey extends MachineCommand<Rotation> {
  static override summary = 'encrypt all config vars with a new key';
  static override description =
    'Use it if the key may have leaked. Earlier backups still contain the old key and the config vars of that time. Also change any leaked values.';
  static override examples = ['<%= config.bin %> platform:rotate-key'];

  async run(): Promise<Rotation> {
    await this.parse(PlatformRotateKey);
    const platform = await this.localPlatform('have its key changed from here');
    await this.announce();
    const rotation = await platform.rotateKey();
    if (!rotation.old_key_removed) {
      this.caution(
        'A process still reads what the old key sealed, so it is kept. Run this again to remove it.',
      );
    }
    return rotation;
  }

  protected render(rotation: Rotation, out: Output): void {
    out.facts([
      ['Key', rotation.key],
      ['File', rotation.file],
      ['Config vars', rotation.config_vars],
      ['Credential vars', rotation.credential_vars],
      ['Answers', rotation.answers],
      ['Webhooks', rotation.reporters],
      ['Hooks', rotation.hooks],
      ['Settings', rotation.settings],
    ]);
  }
}
