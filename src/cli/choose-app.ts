import type { Space } from '../contract/wire.js';
import { parseAppName } from '../model/names.js';
import { printable, RuleError } from '../model/rule.js';
import { ask } from './prompts.js';
import { complianceText } from './space-view.js';

/** The name of an app that is to be created, and its space. */
export interface AppChoice {
  readonly name: string;
  readonly space: string;
}

/** Asks at a terminal for what is not known yet of an app that is to be created: its space, then its name. */
export async function chooseApp(known: Partial<AppChoice>, spaces: readonly Space[]): Promise<AppChoice> {
  return ask(async (prompt) => {
    const space =
      known.space ??
      (
        await prompt<{ space: string }>([
          {
            type: 'select',
            name: 'space',
            message: 'Space, which an app never leaves:',
            choices: spaces.map(({ name, compliance }) => ({
              value: name,
              name: printable(compliance.length === 0 ? name : `${name} (${complianceText(compliance)})`),
              short: printable(name),
            })),
          },
        ])
      ).space;
    const name =
      known.name ??
      (
        await prompt<{ name: string }>([
          {
            type: 'input',
            name: 'name',
            message: 'Name of the app:',
            validate: (text: string) => fault(text, space) ?? true,
          },
        ])
      ).name;
    return { name, space };
  });
}

function fault(name: string, space: string): string | undefined {
  try {
    parseAppName(name, space);
    return undefined;
  } catch (error) {
    if (error instanceof RuleError) return error.message;
    throw error;
  }
}
