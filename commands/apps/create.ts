import { Flags } from '@oclif/core';
import { appFacts } from '../../src/cli/app-view.js';
import type { AppChoice } from '../../src/cli/choose-app.js';
import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import { looksLikeApp } from '../../src/cli/input/app-word.js';
import type { Output } from '../../src/cli/output.js';
import { canAsk } from '../../src/cli/prompts.js';
import { concernTexts, warnOfBudget } from '../../src/cli/space-view.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { AppsApiError } from '../../src/contract/errors.js';
import type { App, Discovery } from '../../src/contract/wire.js';
import { tagConcerns, tagsOfApp } from '../../src/model/akkeris.js';
import { discoveryNames, discoveryVars } from '../../src/model/discovery.js';
import { given } from '../../src/model/given.js';

/** More vars than these would hide what was created from a reader. */
const MOST_SHOWN = 10;

/** `discovery` is null if it couldn't be looked at: the app was created all the same. */
type CreatedApp = App & { discovery: Discovery | null };

export default class AppsCreate extends AkaCommand<CreatedApp> {
  static override summary = 'create an app in a space';
  static override description =
    `An app can't move to another space. Its name has no dash because it becomes part of its domain and of its two discovery vars.

At a terminal, prompts for missing values.`;
  static override examples = [
    '<%= config.bin %> apps:create web --space demo',
    '<%= config.bin %> apps:create api --space demo --org main --description "the public API"',
  ];
  static override usage = 'apps:create NAME --space SPACE [flags]';
  static override args = {
    name: argument.optional('name: letters and digits, starting with a letter; or APP-SPACE'),
  };
  static override flags = {
    space: Flags.string({
      char: 's',
      description: 'space to create the app in',
      helpValue: 'SPACE',
    }),
    org: Flags.string({
      char: 'o',
      description: "organization that owns the app (default the platform's default)",
      helpValue: 'ORG',
    }),
    description: Flags.string({ char: 'd', description: 'description of the app', helpValue: 'TEXT' }),
    labels: Flags.string({ description: 'labels, separated by commas', helpValue: 'TEXT' }),
  };

  async run(): Promise<CreatedApp> {
    const { args, flags } = await this.parse(AppsCreate);
    const { org, description, labels } = flags;
    const api = await this.api();
    const app = await api.apps.create({
      ...(await this.#choice(api, args.name, flags.space)),
      ...given({ org, description, labels }),
    });
    const discovery = await this.#discovery(api, app);
    if (discovery !== null) warnOfBudget(discovery, (message) => this.caution(message));
    const concerns = tagConcerns(tagsOfApp(app.space.compliance));
    for (const text of concernTexts(concerns)) this.caution(`Space ${app.space.name}: ${text}`);
    return { ...app, discovery };
  }

  async #discovery({ spaces }: AppsApi, { name, space }: App): Promise<Discovery | null> {
    try {
      return await spaces.discovery({ space: space.name });
    } catch (error) {
      if (!(error instanceof AppsApiError)) throw error;
      this.caution(`App ${name} was created; how it is found can't be shown: ${error.message}`);
      return null;
    }
  }

  /** The name and the space that were typed, apart or as APP-SPACE, or that a person chooses. */
  async #choice(api: AppsApi, name: string | undefined, space: string | undefined): Promise<AppChoice> {
    if (name !== undefined && space !== undefined) {
      const end = `-${space}`.toLowerCase();
      const isWhole = looksLikeApp(name) && name.toLowerCase().endsWith(end);
      return { name: isWhole ? name.slice(0, -end.length) : name, space };
    }
    if (name === undefined && !canAsk()) {
      throw usage('NAME is missing.', 'Usage: aka apps:create NAME --space SPACE [flags]');
    }
    const { items: spaces } = await api.spaces.list();
    const [, app, rest] = /^([a-z][a-z0-9]*)-(.+)$/i.exec(name ?? '') ?? [];
    const named = spaces.find((each) => each.name === rest?.toLowerCase());
    if (app !== undefined && named !== undefined) return { name: app, space: named.name };
    if (canAsk()) {
      await this.announce();
      const { chooseApp } = await import('../../src/cli/choose-app.js');
      return chooseApp({ ...given({ name, space }) }, spaces);
    }
    throw usage(
      '--space is missing.',
      `Add --space SPACE, one of: ${spaces
        .slice(0, MOST_SHOWN)
        .map((each) => each.name)
        .join(', ')}${spaces.length > MOST_SHOWN ? ', ... (aka spaces)' : ''}`,
    );
  }

  protected render({ discovery, ...app }: CreatedApp, out: Output): void {
    out.note('Created:');
    if (discovery === null) return out.facts(appFacts(app));
    const own = discoveryNames(app.simple_name);
    const vars = Object.entries(discoveryVars(discovery.apps));
    out.facts(appFacts(app));
    out.heading(`The other apps of ${app.space.name} find it with`);
    out.table(
      [],
      vars.filter(([name]) => name === own.host || name === own.port),
    );
    const others = vars.filter(([name]) => name !== own.host && name !== own.port);
    if (others.length > MOST_SHOWN && out.isTerminal) {
      out.line();
      out.note(`How its dynos find the ${others.length / 2} others: aka spaces:env ${app.space.name}`);
    } else if (others.length > 0) {
      out.heading('Its dynos find the others with');
      out.table([], others);
    }
    this.hint(`Next: aka deploy FOLDER -a ${app.name}`);
  }
}
