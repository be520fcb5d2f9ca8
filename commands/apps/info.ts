import { appFacts } from '../../src/cli/app-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { App, Discovery } from '../../src/contract/wire.js';
import { discoveryVars } from '../../src/model/discovery.js';

type AppInfo = App & { service: Discovery['apps'][number] | null };

export default class AppsInfo extends AkaCommand<AppInfo> {
  static override summary = 'show an app: domain, space, and how it is found';
  static override examples = ['<%= config.bin %> apps:info -a web-demo'];
  static override flags = { app: appFlag };

  async run(): Promise<AppInfo> {
    const { flags } = await this.parse(AppsInfo);
    const api = await this.api();
    const app = await api.apps.get({ app: appNamed(flags.app) });
    const discovery = await api.spaces.discovery({ space: app.space.name });
    return { ...app, service: discovery.apps.find(({ id }) => id === app.id) ?? null };
  }

  protected render({ service, ...app }: AppInfo, out: Output): void {
    out.facts(appFacts(app));
    if (service !== null) {
      out.heading(`The other apps of ${app.space.name} find it with`);
      out.table([], Object.entries(discoveryVars([service])));
    }
  }
}
