import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HABITS, type Wanted } from './habits.js';
import { type Ended, runHere } from './in-process.js';

const home = mkdtempSync(join(tmpdir(), 'aka-habits-'));
const ENV = { AKA_DATA_DIR: join(home, 'data'), AKA_CONFIG_DIR: join(home, 'config') };
const UNSET = ['AKKERIS_APP', 'AKKERIS_PLATFORM', 'AKKERIS_API_HOST', 'AKA_API', 'EDITOR', 'VISUAL'];
const before = { ...process.env };

beforeAll(async () => {
  Object.assign(process.env, ENV);
  for (const name of UNSET) delete process.env[name];
  for (const line of [
    'spaces:create shop',
    'apps:create web --space shop',
    'apps:create api --space shop',
    'apps:create radar --space shop',
    'config:set X=1 A=1 -a web-shop',
    'ps:create web --command true -a web-shop',
    'ps:create worker --command true -a web-shop',
    'pipelines:create line',
    'pipelines:add line -a web-shop --stage development',
  ])
    expect({ line, ...(await runHere(words(line))) }).toMatchObject({ line, code: 0 });
});
afterAll(() => {
  process.env = before;
  rmSync(home, { recursive: true, force: true });
});

describe('what people type out of habit does what it should', () => {
  test.each(HABITS)('%s', async (line, wanted) => {
    const ended = await runHere(words(line));
    await expectWanted(ended, wanted);
    // What another command is run for is told once, on standard error.
    expect(ended.stderr.match(/^Running: /gm)?.length ?? 0).toBeLessThanOrEqual(1);
  });
});

async function expectWanted(ended: Ended, wanted: Wanted): Promise<void> {
  if ('exit' in wanted) {
    expect(ended.code).toBe(wanted.exit);
    expect(`${ended.stdout}${ended.stderr}`).toMatch(wanted.says);
    return;
  }
  const other = await runHere('as' in wanted ? words(wanted.as) : ['help', wanted.help]);
  expect(outcome(ended)).toEqual(outcome(other));
  if ('help' in wanted) expect(ended.stdout).toContain('USAGE');
}

/** What is the same for two lines that do the same. */
function outcome({ code, stdout, stderr }: Ended): object {
  return { code, stdout, error: /^error: .*/m.exec(stderr)?.[0] };
}

/** The words of a line, of which those in double quotes may have blanks. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
