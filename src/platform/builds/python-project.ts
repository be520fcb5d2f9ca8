import { RuleError } from '../../model/rule.js';
import type { BuildStep, Tools } from './detect.js';
import { readSmall } from './small-file.js';

/** Where in a slug the virtual environment of a Python project is. */
export const VIRTUAL_ENVIRONMENT = '.venv';

const REQUIREMENTS_MAX = 1024 * 1024;

/**
 * The steps of a Python project: a virtual environment in the slug, with what requirements.txt says. Undefined if it is
 * none. Throws a {@link RuleError} if the machine has no Python.
 */
export async function pythonProject(folder: string, has: Tools): Promise<BuildStep[] | undefined> {
  if ((await readSmall(folder, 'requirements.txt', REQUIREMENTS_MAX)) === undefined) return undefined;
  if (!has('python3')) {
    throw new RuleError(
      'lacking_tool',
      'This app needs python3, as it has a requirements.txt, and this machine has none.',
      'Install Python 3 with its venv module, such as: apt install python3-venv',
    );
  }
  return [
    {
      title: 'Make a virtual environment',
      command: `python3 -m venv --clear ${VIRTUAL_ENVIRONMENT}`,
      env: {},
    },
    {
      title: 'Install packages with pip',
      command: `${VIRTUAL_ENVIRONMENT}/bin/python -m pip install --requirement requirements.txt`,
      env: {},
    },
  ];
}
