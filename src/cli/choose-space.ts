import type { Stack } from '../contract/wire.js';
import { type Catalogue, COMPLIANCES, type Compliance } from '../model/compliance.js';
import { parseSpaceName, type SpaceName, spaceNameFault } from '../model/names.js';
import { printable } from '../model/rule.js';
import { usage } from './failure.js';
import { styleFor } from './output.js';
import { ask } from './prompts.js';
import { wrap } from './terminal-output.js';

/** What a person chose for a space that is to be created. */
export interface Choice {
  readonly name: SpaceName;
  readonly compliance: readonly Compliance[];
  readonly stack: string | undefined;
}

/** What is known without asking. */
interface Known {
  readonly compliance: readonly Compliance[] | undefined;
  readonly stack: string | undefined;
  readonly stacks: readonly Stack[];
  readonly catalogue: Catalogue;
}

/**
 * Asks for a space at a terminal: name, compliance and stack - what the flags say already is not asked again - and
 * then, with everything shown, whether to create it. Throws unless the last answer is yes.
 */
export async function chooseSpace(known: Known): Promise<Choice> {
  const style = await styleFor(process.stderr, process.env);
  return ask(async (prompt) => {
    const answers = await prompt<{ name: string }>([
      {
        type: 'input',
        name: 'name',
        message: 'Name of the space:',
        validate: (text: string) => spaceNameFault(text) ?? true,
        transformer: (text: string, { isFinal }: { isFinal?: boolean }) => {
          const broken = text === '' || isFinal === true ? undefined : spaceNameFault(text);
          return broken === undefined ? text : `${text}  ${style.caution(broken)}`;
        },
      },
    ]);
    const name = parseSpaceName(answers.name);
    const compliance = known.compliance ?? (await askCompliance(prompt, known.catalogue));
    const stack = known.stack ?? (await askStack(prompt, known.stacks));
    const lines = [
      `Space       ${name}`,
      `Compliance  ${compliance.join(',') || 'none'} - for ever: it can't be changed later`,
      ...(stack === undefined ? [] : [`Stack       ${printable(stack)}`]),
    ];
    process.stderr.write(`\n${lines.join('\n')}\n\n`);
    const { sure } = await prompt<{ sure: boolean }>([
      { type: 'confirm', name: 'sure', message: 'Create it?', default: false },
    ]);
    if (!sure) throw usage('Nothing was created.', undefined, 'not_confirmed');
    return { name, compliance, stack };
  });
}

type Prompt = Parameters<Parameters<typeof ask>[0]>[0];

async function askCompliance(prompt: Prompt, catalogue: Catalogue): Promise<Compliance[]> {
  const { compliance } = await prompt<{ compliance: Compliance[] }>([
    {
      type: 'checkbox',
      name: 'compliance',
      message: 'Compliance, which can never be changed:',
      choices: COMPLIANCES.map((name) => ({
        value: name,
        name: `${name} - ${catalogue[name].summary}`,
        short: name,
        // The prompt would break it wherever the line ends, within words, too.
        description: wrap(
          [...catalogue[name].does, `refuses ${catalogue[name].refuses.join('; ')}`].join('; '),
          process.stderr.columns || 80,
        ),
      })),
    },
  ]);
  return compliance;
}

async function askStack(prompt: Prompt, stacks: readonly Stack[]): Promise<string | undefined> {
  const usable = stacks.filter((stack) => stack.state !== 'deprecated');
  if (usable.length < 2) return usable[0]?.name;
  const { stack } = await prompt<{ stack: string }>([
    {
      type: 'select',
      name: 'stack',
      message: 'Stack:',
      default: usable.find((each) => each.default)?.name,
      choices: usable.map(({ name, region }) => ({
        value: name,
        name: printable(`${name} in region ${region.name}`),
      })),
    },
  ]);
  return stack;
}
