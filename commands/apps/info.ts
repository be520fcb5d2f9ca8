import { appFacts } from '../../src/cli/app-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { AppsApiError } from '../../src/contract/errors.js';
import type { App, Discovery, PipelineCoupling } from '../../src/contract/wire.js';
import { discoveryVars } from '../../src/model/discovery.js';

type AppInfo = App & { service: Discovery['apps'][number] | null; couplings: PipelineCoupling[] };

export default class AppsInfo extends AkaCommand<AppInfo> {
  static override summary = 'show an app: domain, space, and how it is found';
  static override examples = ['<%= config.bin %> apps:info -a web-demo'];
  static override flags = { app: appFlag };

  async run(): Promise<AppInfo> {
    const { flags } = await this.parse(AppsInfo);
    const api = await this.api();
    const app = await api.apps.get({ app: appNamed(flags.app) });
    const [discovery, couplings] = await Promise.all([
      api.spaces.discovery({ space: app.space.name }),
      couplingsOf(api, app.name),
    ]);
    return { ...app, service: discovery.apps.find(({ id }) => id === app.id) ?? null, couplings };
  }

  protected render({ service, couplings, ...app }: AppInfo, out: Output): void {
    const stages = couplings.map(({ pipeline, stage }) => `${pipeline.name ?? pipeline.id} at ${stage}`);
    out.facts([...appFacts(app), ...(stages.length > 0 ? ([['Pipelines', stages]] as const) : [])]);
    if (service !== null) {
      out.heading(`The other apps of ${app.space.name} find it with`);
      out.table([], Object.entries(discoveryVars([service])));
    }
  }
}

/** The pipelines of an app; none where the platform says that there is no such thing. */
async function couplingsOf(api: AppsApi, app: string): Promise<PipelineCoupling[]> {
  return api.pipelineCouplings.ofApp({ app }).catch((error: unknown) => {
    if (error instanceof AppsApiError && (error.status === 404 || error.status === 501)) return [];
    throw error;
  });
}
