import { appFacts } from '../../src/cli/app-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { concernCells } from '../../src/cli/space-view.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { AppsApiError } from '../../src/contract/errors.js';
import type { App, Concern, PipelineCoupling, Service } from '../../src/contract/wire.js';
import { tagConcerns, tagsOfApp } from '../../src/model/akkeris.js';
import { discoveryVars } from '../../src/model/discovery.js';

type AppInfo = App & {
  service: Service | null;
  couplings: PipelineCoupling[];
  /** What the tags of its space say and don't do; none where there can't be such tags. */
  concerns: Concern[];
};

export default class AppsInfo extends AkaCommand<AppInfo> {
  static override summary = 'show an app';
  static override description = 'Shows its domain, space, pipelines and discovery vars.';
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
    const service = discovery.apps.find(({ id }) => id === app.id) ?? null;
    return { ...app, service, couplings, concerns: tagConcerns(tagsOfApp(app.space.compliance)) };
  }

  protected render({ service, couplings, concerns, ...app }: AppInfo, out: Output): void {
    const stages = couplings.map(({ pipeline, stage }) => `${pipeline.name ?? pipeline.id} at ${stage}`);
    const doubts = concernCells(concerns, out.style);
    out.facts([
      ...appFacts(app),
      ...(stages.length > 0 ? ([['Pipelines', stages]] as const) : []),
      ...(doubts.length > 0 ? ([['Its space', doubts]] as const) : []),
    ]);
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
