import { Flags } from '@oclif/core';
import { appFacts } from '../../src/cli/app-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { App } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';

export default class AppsUpdate extends AkaCommand<App> {
  static override summary = 'update an app';
  static override description =
    "Changes the description, the labels or the maintenance mode. The name and the space of an app can't be changed.";
  static override examples = [
    '<%= config.bin %> apps:update -a web-demo --description "the shop"',
    '<%= config.bin %> apps:update -a web-demo --maintenance on',
  ];
  static override flags = {
    app: appFlag,
    description: Flags.string({ char: 'd', description: 'description of the app', helpValue: 'TEXT' }),
    labels: Flags.string({ description: 'labels, separated by commas', helpValue: 'TEXT' }),
    maintenance: Flags.option({
      options: ['on', 'off'] as const,
      description: 'maintenance mode: answers all requests with a maintenance page',
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
