import { Flags } from '@oclif/core';
import type { Choice } from '../../src/cli/choose-space.js';
import { AkaCommand } from '../../src/cli/command.js';
import { explain } from '../../src/cli/compliance-view.js';
import { usage } from '../../src/cli/failure.js';
import { argument, complianceFlag } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { canAsk } from '../../src/cli/prompts.js';
import { complianceText, spaceFacts } from '../../src/cli/space-view.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { AppsApiError, conflict } from '../../src/contract/errors.js';
import type { Space } from '../../src/contract/wire.js';
import {
  CATALOGUE,
  COMPLIANCES,
  type Compliance,
  type ComplianceFacts,
  checkStackFor,
  FOR_EVER,
  isCompliance,
  orderCompliance,
  parseCompliance,
  sameCompliance,
} from '../../src/model/compliance.js';
import { parseSpaceName } from '../../src/model/names.js';

/** What `--dry-run` answers. */
interface Plan {
  readonly dry_run: true;
  readonly name: string;
  readonly compliance: readonly Compliance[];
  readonly description: string;
  readonly stack: string;
  readonly region: string;
}

/** What is asked for, with every rule that needs no platform checked. */
interface Wish {
  readonly name: string;
  readonly compliance: readonly Compliance[];
  readonly stack: string | undefined;
  readonly description: string | undefined;
}

export default class SpacesCreate extends AkaCommand<Space | Plan | ComplianceFacts[]> {
  static override summary = 'create a space';
  static override description =
    `${FOR_EVER} See what each one does with --explain or: <%= config.bin %> compliance

Without NAME, at a terminal, it asks for everything.`;
  static override examples = [
    '<%= config.bin %> spaces:create demo --compliance socs,prod',
    '<%= config.bin %> spaces:create demo --compliance socs --if-not-exists',
    '<%= config.bin %> spaces:create demo --compliance internal --dry-run',
  ];
  static override args = {
    name: argument.optional('name: 2 to 40 letters, digits and single dashes, a letter first'),
  };
  static override flags = {
    compliance: complianceFlag,
    internal: Flags.boolean({ char: 'i', description: 'the same as adding internal to --compliance' }),
    stack: Flags.string({ char: 's', description: 'stack to create it on; each platform has a default' }),
    description: Flags.string({ char: 'd', description: 'what the space is for' }),
    'if-not-exists': Flags.boolean({
      description: 'succeed if it exists with the same compliance and stack',
    }),
    'dry-run': Flags.boolean({
      description: 'check everything, say what would be created, and create nothing',
    }),
    explain: Flags.boolean({
      description: 'say what the compliance does, refuses and needs, and create nothing',
    }),
  };

  #outcome: 'created' | 'exists' | 'planned' | 'explained' = 'created';

  async run(): Promise<Space | Plan | ComplianceFacts[]> {
    const { args, flags } = await this.parse(SpacesCreate);
    const compliance = complianceOf(flags);
    if (flags.explain) {
      this.#outcome = 'explained';
      return orderCompliance(compliance ?? COMPLIANCES).map((each) => CATALOGUE[each]);
    }
    const { description, stack } = flags;
    const wish =
      args.name === undefined
        ? { ...(await this.#ask(compliance, stack)), description }
        : { name: nameOf(args.name, compliance), compliance: compliance ?? [], stack, description };
    const api = await this.api();
    if (flags['if-not-exists']) {
      const existing = await find(api, wish.name);
      if (existing !== undefined) return this.#same(existing, wish);
    }
    return flags['dry-run'] ? this.#plan(api, wish) : this.#create(api, wish, flags['if-not-exists']);
  }

  protected async render(result: Space | Plan | ComplianceFacts[], out: Output): Promise<void> {
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
    out.note(this.#outcome === 'exists' ? 'It exists already, as asked for:' : 'Created:');
    out.facts(spaceFacts(result));
    this.hint(`Next: aka apps:create NAME --space ${result.name}`);
  }

  async #ask(compliance: readonly Compliance[] | undefined, stack: string | undefined): Promise<Choice> {
    if (!canAsk()) {
      throw usage(
        'NAME is missing, and there is no terminal to ask for it.',
        'Write: aka spaces:create NAME',
      );
    }
    const { stacks } = await this.api();
    const { chooseSpace } = await import('../../src/cli/choose-space.js');
    return chooseSpace({ compliance, stack, stacks: stack === undefined ? await stacks.list() : [] });
  }

  async #create(api: AppsApi, wish: Wish, ifNotExists: boolean): Promise<Space> {
    const { name, compliance, stack, description } = wish;
    try {
      const space = await api.spaces.create({
        name,
        compliance: [...compliance],
        ...(stack === undefined ? {} : { stack }),
        ...(description === undefined ? {} : { description }),
      });
      if (!sameCompliance(space.compliance, compliance)) throw storedOtherwise(space, compliance);
      return space;
    } catch (error) {
      // Somebody else was quicker, which is as good if theirs is the same.
      const existing =
        ifNotExists && error instanceof AppsApiError && error.id === 'exists'
          ? await find(api, name)
          : undefined;
      if (existing === undefined) throw error;
      return this.#same(existing, wish);
    }
  }

  /** Answers the existing space if it is what was asked for; says what differs if it isn't. */
  #same(existing: Space, { compliance, stack }: Wish): Space {
    const differences = [
      ...(sameCompliance(existing.compliance, compliance)
        ? []
        : [`its compliance is ${complianceText(existing.compliance)}, not ${complianceText(compliance)}`]),
      ...(stack === undefined || [existing.stack.name, existing.stack.id].includes(stack)
        ? []
        : [`its stack is ${existing.stack.name}, not ${stack}`]),
    ];
    if (differences.length > 0) {
      throw conflict(
        'exists_otherwise',
        `Space ${existing.name} exists, but ${differences.join(' and ')}.`,
        'Neither can be changed. Choose another name, or ask for what is there.',
      );
    }
    this.#outcome = 'exists';
    return existing;
  }

  async #plan(api: AppsApi, { name, compliance, stack: wanted, description = '' }: Wish): Promise<Plan> {
    const stacks = await api.stacks.list();
    const stack =
      wanted === undefined
        ? (stacks.find((each) => each.default) ?? stacks.find((each) => each.state === 'public'))
        : await api.stacks.get({ stack: wanted });
    if (stack === undefined)
      throw usage('This platform has no stack to create a space on.', 'Every stack: aka stacks');
    const region = await api.regions.get({ region: stack.region.name });
    checkStackFor(compliance, {
      name: stack.name,
      state: stack.state,
      region: { name: region.name, internalCapable: region.private_capable },
    });
    if ((await find(api, name)) !== undefined) {
      throw conflict('exists', `Space ${name} exists already.`, `Show it: aka spaces:info ${name}`);
    }
    this.#outcome = 'planned';
    return { dry_run: true, name, compliance, description, stack: stack.name, region: region.name };
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
function nameOf(typed: string, compliance: readonly Compliance[] | undefined): string {
  const word = typed.toLowerCase();
  if (compliance !== undefined && isCompliance(word)) {
    throw usage(
      `NAME is missing: ${word} is a compliance, and they are separated by commas, not by blanks.`,
      `Write: aka spaces:create NAME --compliance ${orderCompliance([...compliance, word]).join(',')}`,
    );
  }
  return parseSpaceName(typed);
}

async function find(api: AppsApi, name: string): Promise<Space | undefined> {
  try {
    return await api.spaces.get({ space: name });
  } catch (error) {
    if (error instanceof AppsApiError && error.status === 404) return undefined;
    throw error;
  }
}

function storedOtherwise(space: Space, asked: readonly Compliance[]): AppsApiError {
  return conflict(
    'stored_otherwise',
    `Space ${space.name} was created, but the platform stored the compliance ${complianceText(space.compliance)}, not ${complianceText(asked)}.`,
    'It can not be changed. Do not use this space; ask an administrator of the platform to remove it.',
  );
}
