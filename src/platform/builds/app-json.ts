import { RuleError, shown } from '../../model/rule.js';
import { readSmall } from './small-file.js';

const BYTES_MAX = 1024 * 1024;

/**
 * The build command that an app.json names: `{"scripts": {"build": "make"}}`. It is run by a shell in the app's folder,
 * in place of what would be done otherwise. Everything else in an app.json is for others.
 */
export async function buildCommandOf(folder: string): Promise<string | undefined> {
  const app = await readJson(folder, 'app.json');
  if (app === undefined) return undefined;
  const { scripts } = app;
  if (scripts === undefined) return undefined;
  const build = isObject(scripts) ? scripts['build'] : null;
  if (build === undefined) return undefined;
  if (typeof build === 'string' && build.trim() !== '' && !build.includes('\0')) return build;
  throw new RuleError(
    'invalid_app_json',
    'The build command of app.json is no text.',
    'It reads: {"scripts": {"build": "COMMAND"}}',
  );
}

/** An object that a file holds as JSON. Throws a {@link RuleError} if it holds something else. */
export async function readJson(folder: string, name: string): Promise<Record<string, unknown> | undefined> {
  const text = await readSmall(folder, name, BYTES_MAX);
  if (text === undefined) return undefined;
  let value: unknown;
  let why = 'it is no object';
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    why = error instanceof Error ? error.message : String(error);
  }
  if (isObject(value)) return value;
  throw new RuleError(
    'invalid_json',
    `${name} can't be read: ${shown(why, 200)}.`,
    `Mend it: node -p "require('./${name}')"`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
