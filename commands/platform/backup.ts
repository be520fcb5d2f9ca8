import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { argument } from '../../src/cli/flags.js';
import type { BackupMade } from '../../src/cli/local-platform.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Output } from '../../src/cli/output.js';

export default class PlatformBackup extends MachineCommand<BackupMade> {
  static override summary = 'back up the local platform to a file';
  static override description =
    'Takes a consistent snapshot while the platform runs, and verifies it. The file contains the encryption key. Anyone with the file can read all config vars.';
  static override examples = [
    '<%= config.bin %> platform:backup monday.backup',
    '<%= config.bin %> platform:backup latest.backup --force --json',
  ];
  static override args = { file: argument.required('file to write') };
  static override flags = {
    force: Flags.boolean({ char: 'f', description: 'overwrite the file if it exists' }),
  };

  async run(): Promise<BackupMade> {
    const { args, flags } = await this.parse(PlatformBackup);
    const platform = await this.localPlatform('be backed up from here');
    const made = await platform.backUp(resolve(args.file), { replace: flags.force });
    this.caution(`Whoever has ${made.file} can read every config var: the platform's own key is in it.`);
    if (made.loose) this.caution('The file system it is on lets other users read it.');
    return made;
  }

  protected render(made: BackupMade, out: Output): void {
    out.facts([
      ['File', made.file],
      ['Bytes', made.bytes],
      ['Spaces', made.spaces],
      ['Apps', made.apps],
      ['Tokens', made.tokens],
      ['Audit records', made.audit.records],
      ['Audit head', made.audit.head],
    ]);
  }
}
