import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import type { Output } from '../../src/cli/output.js';
import type { App } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';

export default class Apps extends AkaCommand<App[]> {
  static override summary = 'list apps';
  static override examples = ['<%= config.bin %> apps', '<%= config.bin %> apps --space demo'];
  static override flags = {
    space: Flags.string({ char: 's', description: 'only apps in this space', helpValue: 'SPACE' }),
  };

  async run(): Promise<App[]> {
    const { flags } = await this.parse(Apps);
    const { apps } = await this.api();
    const { items } = await apps.list(given({ space: flags.space }));
    return items;
  }

  protected render(apps: App[], out: Output): void {
    if (apps.length === 0) return out.note('No apps yet: aka apps:create NAME --space SPACE');
    out.table(
      ['APP', 'SPACE', 'DOMAIN', 'DESCRIPTION'],
      apps.map((app) => [app.name, app.space.name, app.web_url, app.description ?? '']),
    );
  }
}
