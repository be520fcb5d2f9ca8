import { Flags } from '@oclif/core';
import { appFacts } from '../../src/cli/app-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { App } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';

export default class AppsUpdate extends AkaCommand<App> {
  static override summary = 'change description, labels or maintenance of an app';
  static override description = 'Name and space of an app never change.';
  static override examples = [
    '<%= config.bin %> apps:update -a web-demo --description "the shop"',
    '<%= config.bin %> apps:update -a web-demo --maintenance on',
  ];
  static override flags = {
    app: appFlag,
    description: Flags.string({ char: 'd', description: 'what the app is for', helpValue: 'TEXT' }),
    labels: Flags.string({ description: 'labels, with commas between them', helpValue: 'TEXT' }),
    maintenance: Flags.option({
      options: ['on', 'off'] as const,
      description: 'whether it answers that it is in maintenance',
    })(),
  };

  async run(): Promise<App> {
    const { flags } = await this.parse(AppsUpdate);
    const { description, labels, maintenance } = flags;
    const app = appNamed(flags.app);
    const change = given({
      description,
      labels,
      maintenance: maintenance === undefined ? undefined : maintenance === 'on',
    });
    if (Object.keys(change).length === 0) {
      throw usage('Nothing to change is named.', 'Name it: --description, --labels or --maintenance');
    }
    const { apps } = await this.api();
    return apps.update({ app, ...change });
  }

  protected render(app: App, out: Output): void {
    out.facts(appFacts(app));
  }
}
