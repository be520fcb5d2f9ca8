import { Flags } from '@oclif/core';
import type { Choice } from '../../src/cli/choose-space.js';
import { AkaCommand } from '../../src/cli/command.js';
import { explain } from '../../src/cli/compliance-view.js';
import { targetOf } from '../../src/cli/connect.js';
import {
  createSpace,
  type Plan,
  planSpace,
  remembering,
  unlessItExists,
} from '../../src/cli/create-space.js';
import { usage } from '../../src/cli/failure.js';
import { argument, complianceFlag } from '../../src/cli/flags.js';
import { foldersFor } from '../../src/cli/folders.js';
import type { Output } from '../../src/cli/output.js';
import { canAsk } from '../../src/cli/prompts.js';
import { complianceText, concernTexts, spaceFacts } from '../../src/cli/space-view.js';
import type { Space } from '../../src/contract/wire.js';
import {
  type Catalogue,
  COMPLIANCES,
  type Compliance,
  type ComplianceFacts,
  FOR_EVER,
  isCompliance,
  orderCompliance,
  parseCompliance,
} from '../../src/model/compliance.js';
import { parseSpaceName, type SpaceName } from '../../src/model/names.js';

export default class SpacesCreate extends AkaCommand<Space | Plan | ComplianceFacts[]> {
  static override summary = 'create a space';
  static override description =
    `Compliance is permanent: it can't be changed later. For its effects, use --explain or: <%= config.bin %> compliance

At a terminal without NAME, prompts for all values.`;
  static override examples = [
    '<%= config.bin %> spaces:create demo --compliance socs,prod',
    '<%= config.bin %> spaces:create demo --compliance socs --if-not-exists',
    '<%= config.bin %> spaces:create demo --compliance internal --dry-run',
  ];
  static override args = {
    name: argument.optional('name: 2 to 40 letters, digits and single dashes, starting with a letter'),
  };
  static override flags = {
    compliance: complianceFlag,
    internal: Flags.boolean({ char: 'i', description: 'same as adding internal to --compliance' }),
    stack: Flags.string({
      char: 's',
      description: "stack of the space (default the platform's default)",
      helpValue: 'STACK',
    }),
    description: Flags.string({ char: 'd', description: 'description of the space', helpValue: 'TEXT' }),
    'if-not-exists': Flags.boolean({
      description: 'succeed if the space exists with the same compliance and stack',
    }),
    'dry-run': Flags.boolean({
      description: 'validate and show the space without creating it',
    }),
    explain: Flags.boolean({
      description: 'explain the effects of the compliance without creating the space',
    }),
  };

  protected override readonly judges = 'compliance';
  protected override readonly advice = ['remedy'];
  #existed = false;

  async run(): Promise<Space | Plan | ComplianceFacts[]> {
    const { args, flags } = await this.parse(SpacesCreate);
    const compliance = complianceOf(flags);
    if (flags.explain) {
      const catalogue = await this.#catalogue();
      return orderCompliance(compliance ?? COMPLIANCES).map((each) => catalogue[each]);
    }
    const { description, stack } = flags;
    const wish =
      args.name === undefined
        ? { ...(await this.#ask(compliance, stack)), description }
        : { name: nameOf(args.name, compliance), compliance: compliance ?? [], stack, description };
    const api = await this.api();
    const { configDir } = foldersFor(this.env);
    const make = (): Promise<Space | Plan> =>
      flags['dry-run'] ? planSpace(api, wish) : remembering(configDir, () => createSpace(api, wish));
    if (!flags['if-not-exists']) return this.#doubted(await make());
    const { result, existed } = await unlessItExists(api, wish, { make, configDir });
    this.#existed = existed;
    // Such a platform lists a space before its cluster makes it, and keeps it listed if that fails.
    if (!isPlan(result) && existed && result.effects !== undefined && result.apps === 0) {
      this.caution(
        `Space ${result.name} has no apps: whether the cluster behind it made it can't be seen before one runs there.`,
      );
    }
    return this.#doubted(result);
  }

  protected render(result: Space | Plan | ComplianceFacts[], out: Output): void {
    if (Array.isArray(result)) return explain(out, result);
    if (isPlan(result)) {
      out.facts([
        ['Created', 'nothing: this is what it would be'],
        ['Space', result.name],
        ['Compliance', complianceText(result.compliance)],
        ['Stack', `${result.stack} in region ${result.region}`],
      ]);
      return out.note(FOR_EVER);
    }
    out.note(this.#existed ? 'It exists already, as asked for:' : 'Created:');
    out.facts(spaceFacts(result));
    this.hint(`Next: aka apps:create NAME --space ${result.name}`);
  }

  /** Says what stands against what its compliance promises, also to a program's user; spaces:info has all of it. */
  #doubted(result: Space | Plan): Space | Plan {
    const concerns = isPlan(result) ? [] : (result.concerns ?? []);
    const mendable = concerns.filter(({ remedy }) => remedy !== undefined);
    for (const text of concernTexts(mendable)) this.caution(text);
    return result;
  }

  async #ask(compliance: readonly Compliance[] | undefined, stack: string | undefined): Promise<Choice> {
    if (!canAsk()) {
      throw usage(
        'NAME is missing, and there is no terminal to ask for it.',
        'Write: aka spaces:create NAME',
      );
    }
    await this.announce();
    const { stacks } = await this.api();
    const { chooseSpace } = await import('../../src/cli/choose-space.js');
    return chooseSpace({
      compliance,
      stack,
      stacks: stack === undefined ? await stacks.list() : [],
      catalogue: await this.#catalogue(),
    });
  }

  async #catalogue(): Promise<Catalogue> {
    const { catalogueOf } = await import('../../src/cli/catalogue.js');
    const target = await targetOf(this.flags, this.env);
    return catalogueOf(
      target,
      () => this.api(),
      (text) => this.caution(text),
    );
  }
}

function isPlan(result: Space | Plan): result is Plan {
  return 'dry_run' in result;
}

/** The chosen compliance; undefined if no flag said anything about it. */
function complianceOf(flags: {
  compliance?: string[] | undefined;
  internal: boolean;
}): Compliance[] | undefined {
  if (flags.compliance === undefined) return flags.internal ? ['internal'] : undefined;
  return orderCompliance([
    ...parseCompliance(flags.compliance),
    ...(flags.internal ? (['internal'] as const) : []),
  ]);
}

/** Checks a name. One that is a compliance was meant as the second value of the flag. */
function nameOf(typed: string, compliance: readonly Compliance[] | undefined): SpaceName {
  const word = typed.toLowerCase();
  if (compliance !== undefined && isCompliance(word)) {
    throw usage(
      `NAME is missing: ${word} is a compliance, and they are separated by commas, not by blanks.`,
      `Write: aka spaces:create NAME --compliance ${orderCompliance([...compliance, word]).join(',')}`,
    );
  }
  return parseSpaceName(typed);
}
