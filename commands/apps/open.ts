import { openInBrowser } from '../../src/cli/browser.js';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';

type Opened = { readonly app: string; readonly web_url: string };

export default class AppsOpen extends AkaCommand<Opened> {
  static override summary = 'open an app in a browser';
  static override description = 'Prints the URL of the app. Opens a browser at a terminal only.';
  static override examples = ['<%= config.bin %> apps:open -a web-demo'];
  static override flags = { app: appFlag };

  async run(): Promise<Opened> {
    const { flags } = await this.parse(AppsOpen);
    const app = appNamed(flags.app);
    const { apps, platform } = await this.api();
    const { name, web_url: url } = await apps.get({ app });
    if ((await platform.info()).running === false)
      this.caution("The platform isn't running: nothing answers there. Start it: aka platform:start");
    return { app: name, web_url: url };
  }

  protected async render({ web_url: url }: Opened, out: Output): Promise<void> {
    out.line(url);
    if (out.isTerminal && !(await openInBrowser(url, this.env)))
      this.hint('There is no browser here to open it in.');
  }
}
