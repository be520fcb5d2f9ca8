import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { usage } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import { checkRuns } from '../../src/cli/needs-running.js';
import type { Output } from '../../src/cli/output.js';
import { appOf, showTargets } from '../../src/cli/pipeline-view.js';
import { untilPromoted } from '../../src/cli/promotion.js';
import { secondsOf, waitFlag, withSeconds } from '../../src/cli/waiting.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import type {
  PipelineCoupling,
  Promotion,
  PromotionPlan,
  PromotionTarget,
  Release,
} from '../../src/contract/wire.js';
import { parseReason } from '../../src/model/checks.js';
import { given } from '../../src/model/given.js';

/** What was promoted; if it was waited for, with the releases it made. */
type Promoted = Promotion & { readonly released?: Release[] };

export default class PipelinesPromote extends AkaCommand<Promoted | PromotionPlan> {
  static override summary = 'promote the running release of an app to the next stage';
  static override description =
    `Releases the same slug with the config vars of each target app. The targets are all apps of the next stage, or those in --to. Promotes to all of them or to none.

An app in a socs space gets a build that waits for the status checks of that space.`;
  static override examples = [
    '<%= config.bin %> pipelines:promote ladder --from web-demo --dry-run',
    '<%= config.bin %> pipelines:promote ladder --from web-demo --wait',
    '<%= config.bin %> pipelines:promote ladder --from web-demo --to web-inside --wait',
  ];
  static override args = {
    pipeline: argument.optional('name of the pipeline (default the pipeline of the app)'),
  };
  static override flags = {
    from: Flags.string({
      char: 'a',
      aliases: ['app'],
      description: 'app with the release to promote',
      helpValue: 'APP-SPACE',
      required: true,
    }),
    to: Flags.string({
      description: 'app to promote to (default all apps of the next stage); may be repeated',
      helpValue: 'APP-SPACE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'dry-run': Flags.boolean({ description: 'show the effects without promoting' }),
    overrule: Flags.boolean({
      description: 'promote although required status checks are missing (administrators); needs --reason',
      dependsOn: ['reason'],
      exclusive: ['dry-run'],
    }),
    reason: Flags.string({
      description: 'reason, for the audit log',
      helpValue: 'TEXT',
      dependsOn: ['overrule'],
    }),
    wait: waitFlag,
  };

  async run(): Promise<Promoted | PromotionPlan> {
    const { args, flags } = await this.parse(PipelinesPromote, withSeconds(this.argv));
    const seconds = secondsOf(flags.wait);
    const { from, to } = flags;
    const reason = flags.reason === undefined ? undefined : parseReason(flags.reason);
    const api = await this.api();
    const pipeline = args.pipeline ?? (await pipelineOf(api, from));
    if (flags['dry-run']) return this.#plan({ pipeline, from, ...given({ to: to?.join(',') }) });
    if (flags.wait !== undefined) await checkRuns(api, 'nothing would release it', ', or leave out --wait');
    const { id } = await api.pipelines.get({ pipeline });
    const couplings = await api.pipelines.couplings({ pipeline });
    const idOf = (app: string): string => couplingOf(couplings, app)?.app.id ?? app;
    const version = couplingOf(couplings, from)?.release?.version;
    this.progress(
      `Promoting ${version === undefined ? '' : `v${version} of `}${from} to ${to?.join(', ') ?? 'the next stage'}`,
    );
    const promotion = await api.pipelinePromotions.create({
      pipeline: { id },
      source: { app: { id: idOf(from) } },
      ...(to !== undefined && { targets: to.map((app) => ({ app: { id: idOf(app) } })) }),
      ...(reason !== undefined && { safe: false, reason }),
    });
    if (flags.wait === undefined) return promotion;
    const say = (what: string): void => this.progress(what);
    return { ...promotion, released: await untilPromoted(api, promotion.targets ?? [], { seconds, say }) };
  }

  async #plan(wish: { pipeline: string; from: string; to?: string }): Promise<PromotionPlan> {
    const { pipelines } = await this.api();
    const plan = await pipelines.plan(wish);
    if (plan.targets.some(({ effect }) => effect === 'blocked')) this.answer = EXIT.no;
    return plan;
  }

  protected render(result: Promoted | PromotionPlan, out: Output): void {
    const { targets = [] } = result;
    const isPlan = !('status' in result);
    out.note(`${leadOf(targets, isPlan)}: ${sourceText(result)}`);
    showTargets(out, targets, isPlan);
    const [pending] = targets.filter(({ effect }) => effect === 'release' || effect === 'wait');
    if (!isPlan && pending !== undefined && !('released' in result)) {
      // What waits for its checks is a build as yet.
      const list = pending.effect === 'wait' ? 'builds' : 'releases';
      this.hint(`See what becomes of it: aka ${list} -a ${pending.app.name}; or --wait for it`);
    }
  }
}

/** The one pipeline that an app is in. Throws a CommandError if there is none, or more than one. */
async function pipelineOf({ pipelineCouplings }: AppsApi, app: string): Promise<string> {
  const names = (await pipelineCouplings.ofApp({ app })).map(({ pipeline }) => pipeline.name ?? pipeline.id);
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  throw name === undefined
    ? usage(`${app} is in no pipeline.`, `Add it to one: aka pipelines:add PIPELINE -a ${app} --stage STAGE`)
    : usage(
        `${app} is in several pipelines: ${names.join(', ')}.`,
        'Name one: aka pipelines:promote PIPELINE',
      );
}

/** The coupling of an app by its name or id. */
function couplingOf(couplings: readonly PipelineCoupling[], app: string): PipelineCoupling | undefined {
  const wanted = app.toLowerCase();
  return couplings.find((each) => appOf(each) === wanted || each.app.id === wanted);
}

function sourceText({ source: { app, release } }: Pick<Promotion, 'source'>): string {
  const version = release?.version === undefined ? '' : `v${release.version} of `;
  return `${version}${app.name ?? app.id}`;
}

function leadOf(targets: readonly PromotionTarget[], isPlan: boolean): string {
  if (targets.every(({ effect }) => effect === 'none')) return 'Nothing to promote';
  if (!isPlan) return 'Promoted';
  return targets.some(({ effect }) => effect === 'blocked')
    ? 'This would be refused'
    : 'This would be promoted';
}
