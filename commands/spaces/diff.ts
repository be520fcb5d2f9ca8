import { AkaCommand } from '../../src/cli/command.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { argument } from '../../src/cli/flags.js';
import type { Cell, Output, Style } from '../../src/cli/output.js';
import { redactionRulesOf } from '../../src/cli/redaction-rules.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { compareSpaces, type Difference, type SpaceContent, type SpaceDiff } from '../../src/model/diff.js';

export default class SpacesDiff extends AkaCommand<SpaceDiff> {
  static override summary = 'compare two spaces';
  static override description =
    `Compares compliance, apps, config vars and discovery vars. Config vars are compared app by app. Sensitive values are never shown. [redacted] values can't be compared.

Exits 0 if the spaces are the same, and 1 if they differ or can't be compared fully.`;
  static override examples = ['<%= config.bin %> spaces:diff demo-staging demo-production'];
  static override args = {
    space: argument.required('name of the first space'),
    'other-space': argument.required('name of the second space'),
  };

  async run(): Promise<SpaceDiff> {
    const { args } = await this.parse(SpacesDiff);
    const api = await this.api();
    const [a, b, rules] = await Promise.all([
      contentOf(api, args.space),
      contentOf(api, args['other-space']),
      redactionRulesOf(api),
    ]);
    const diff = compareSpaces(a, b, rules);
    this.answer = diff.same === true ? EXIT.done : EXIT.no;
    return diff;
  }

  protected render(diff: SpaceDiff, out: Output): void {
    for (const [kind, title] of [
      ['compliance', 'Compliance'],
      ['apps', 'Apps'],
      ['config', 'Config vars'],
      ['discovery', 'Discovery vars'],
    ] as const) {
      if (diff[kind].length === 0) continue;
      out.heading(title);
      out.table(
        ['NAME', 'IS', diff.a.toUpperCase(), diff.b.toUpperCase()],
        diff[kind].map((row) => [
          ...(out.isTerminal ? [] : [kind]),
          row.name,
          stateText(row, diff, out.style),
          row.a ?? '',
          row.b ?? '',
        ]),
      );
    }
    out.heading(verdictOf(diff));
  }
}

function verdictOf({ a, b, same }: SpaceDiff): string {
  if (same === null) return `Whether ${a} and ${b} are the same can't be known: some values are redacted.`;
  return `${a} and ${b} ${same ? 'are the same' : 'differ'}.`;
}

async function contentOf(api: AppsApi, name: string): Promise<SpaceContent> {
  const space = await api.spaces.get({ space: name });
  const { items } = await api.apps.list({ space: space.name });
  const apps = await Promise.all(
    items.map(async (app) => ({ name: app.simple_name, vars: await api.configVars.get({ app: app.name }) })),
  );
  return { name: space.name, compliance: space.compliance, apps };
}

function stateText({ state }: Difference, diff: SpaceDiff, style: Style): Cell {
  if (state === 'equal') return 'equal';
  if (state === 'hidden') return { text: 'hidden', style: style.faint };
  if (state === 'different') return { text: 'different', style: style.caution };
  return { text: `only in ${state === 'only_a' ? diff.a : diff.b}`, style: style.caution };
}
