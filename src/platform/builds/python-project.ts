import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { RuleError } from '../../model/rule.js';
import type { BuildStep, Tools } from './detect.js';
import { readSmall } from './small-file.js';

/** Where in a slug the virtual environment of a Python project is. */
export const VIRTUAL_ENVIRONMENT = '.venv';

const PYTHON = `${VIRTUAL_ENVIRONMENT}/bin/python`;
const FILE_MAX = 1024 * 1024;

/** Lock files that only their own tool can install from, and how to make a requirements.txt of each. */
const FOREIGN = {
  'poetry.lock': ['Poetry', 'poetry export --output requirements.txt'],
  'Pipfile.lock': ['Pipenv', 'pipenv requirements > requirements.txt'],
  Pipfile: ['Pipenv', 'pipenv lock && pipenv requirements > requirements.txt'],
} as const;

/** The dependencies of a pyproject.toml that builds no package. */
const DEPENDENCIES =
  'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"].get("dependencies", []), sep="\\n")';

/** What a Python project is installed from, in the order in which it is looked for. */
const FILES = [
  'requirements.txt',
  'uv.lock',
  ...Object.keys(FOREIGN),
  'pyproject.toml',
  'setup.py',
  'setup.cfg',
];

/** Whether a folder has one of the files that make it a Python project. */
export async function isPython(folder: string): Promise<boolean> {
  return (await fileOf(folder)) !== undefined;
}

/**
 * The steps of a Python project: a virtual environment in the slug, with what requirements.txt, uv.lock, pyproject.toml or
 * setup.py says. Undefined if it is none. Throws a {@link RuleError} if the machine lacks Python or uv, or for a lock file
 * of Poetry or Pipenv.
 */
export async function pythonProject(folder: string, has: Tools): Promise<BuildStep[] | undefined> {
  const file = await fileOf(folder);
  if (file === undefined) return undefined;
  if (!has('python3')) {
    throw lacking(
      'python3',
      file,
      'Install Python 3 with its venv module, such as: apt install python3-venv',
    );
  }
  if (file === 'requirements.txt') return [ENVIRONMENT, installed('--requirement requirements.txt')];
  if (file === 'uv.lock') {
    const hint = 'Install it in /usr/local/bin, or: uv export --no-dev --output-file requirements.txt';
    if (!has('uv')) throw lacking('uv', file, hint);
    return [
      { title: 'Install packages with uv', command: 'uv sync --locked --no-dev --no-editable', env: UV },
    ];
  }
  if (isForeign(file)) {
    const [tool, command] = FOREIGN[file];
    throw new RuleError(
      'unsupported_lock_file',
      `This app has a ${file}, and builds don't run ${tool}.`,
      `Write a requirements.txt and deploy it, too: ${command}`,
    );
  }
  if (file !== 'pyproject.toml' || (await hasTable(folder, 'build-system')))
    return [ENVIRONMENT, installed('.')];
  return [
    ENVIRONMENT,
    {
      title: 'Install the dependencies of pyproject.toml with pip',
      command: `${PYTHON} -c '${DEPENDENCIES}' > "$TMPDIR/requirements.txt" && ${PYTHON} -m pip install --requirement "$TMPDIR/requirements.txt"`,
      env: {},
    },
  ];
}

const ENVIRONMENT: BuildStep = {
  title: 'Make a virtual environment',
  command: `python3 -m venv --clear ${VIRTUAL_ENVIRONMENT}`,
  env: {},
};

/** Only with the Python of dynos, and nothing that leads out of the slug. */
const UV = { UV_PYTHON_DOWNLOADS: 'never', UV_PYTHON_PREFERENCE: 'only-system', UV_LINK_MODE: 'copy' };

function installed(what: string): BuildStep {
  return { title: 'Install packages with pip', command: `${PYTHON} -m pip install ${what}`, env: {} };
}

/** A pyproject.toml that only has settings of tools says nothing to install. */
async function fileOf(folder: string): Promise<string | undefined> {
  for (const file of FILES) {
    const isThere = await lstat(join(folder, file)).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    if (file === 'pyproject.toml' && !(await hasTable(folder, 'build-system', 'project'))) continue;
    return file;
  }
  return undefined;
}

async function hasTable(folder: string, ...tables: string[]): Promise<boolean> {
  const text = (await readSmall(folder, 'pyproject.toml', FILE_MAX)) ?? '';
  return text.split('\n').some((line) => tables.includes(/^\s*\[\s*([\w-]+)\s*\]/.exec(line)?.[1] ?? ''));
}

function isForeign(file: string): file is keyof typeof FOREIGN {
  return file in FOREIGN;
}

function lacking(tool: string, file: string, hint: string): RuleError {
  const article = /^[aeiou](?!v\.)/.test(file) ? 'an' : 'a';
  return new RuleError(
    'lacking_tool',
    `This app needs ${tool}, as it has ${article} ${file}, and this machine has none.`,
    hint,
  );
}
