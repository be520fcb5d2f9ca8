import { basename, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { argument } from '../../src/cli/flags.js';
import type { Restored } from '../../src/cli/local-platform.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Output } from '../../src/cli/output.js';
import { confirmName } from '../../src/cli/prompts.js';

export default class PlatformRestore extends MachineCommand<Restored> {
  static override summary = 'restore the local platform from a backup';
  static override description =
    'Verifies the backup before replacing anything. Keeps the previous state in the data folder. Works even if the current data is damaged or its key is lost.';
  static override examples = ['<%= config.bin %> platform:restore monday.backup --confirm monday.backup'];
  static override args = { file: argument.required('backup to restore') };
  static override flags = {
    confirm: Flags.string({
      description: 'name of the file without folders, to skip the prompt',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<Restored> {
    const { args, flags } = await this.parse(PlatformRestore);
    const platform = await this.localPlatform('be restored from here');
    await this.announce();
    const backup = await platform.openBackup(resolve(args.file));
    try {
      if (backup.loose) {
        this.caution(`Other users of this machine can read ${args.file}, and with it every config var.`);
      }
      if (backup.replaces) {
        const { spaces, apps, made_at } = backup.content;
        await confirmName(
          basename(args.file),
          flags.confirm,
          `The whole platform will be replaced by the backup of ${made_at} (${spaces} spaces, ${apps} apps).`,
        );
      }
      const restored = platform.restore(backup);
      if (restored.kept !== null) {
        this.caution(`What was there before is kept, with its config vars, in ${restored.kept}`);
      }
      if (restored.tokens > 0) {
        this.caution(
          'Who may come in over the network is as it was then: one whom that was taken from since may again. See: aka platform:tokens',
        );
      }
      return restored;
    } finally {
      backup.close();
    }
  }

  protected render(restored: Restored, out: Output): void {
    out.facts([
      ['Restored', restored.file],
      ['Made at', restored.made_at],
      ['Spaces', restored.spaces],
      ['Apps', restored.apps],
      ['Tokens', restored.tokens],
      ['Audit records', restored.audit.records],
      ['Audit head', restored.audit.head],
      ['Kept', restored.kept ?? 'nothing was there before'],
    ]);
  }
}
