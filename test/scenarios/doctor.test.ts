import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { scenario } from './scenario.js';

scenario('the doctor exits 1 with a problem, 0 without, and never shows the key', async (user) => {
  await user.does('spaces:create', 'demo');
  const well = await user.does('platform:doctor', '--json');
  expect(well.json()).toMatchObject({ ok: true });
  const [name = ''] = readdirSync(join(user.configDir, 'keys'));
  const file = join(user.configDir, 'keys', name);
  const key = readFileSync(file, 'utf8');
  chmodSync(file, 0o644);
  const ill = await user.run(['platform:doctor']);
  expect(ill.code).toBe(1);
  expect(ill.stdout).toMatch(/^key\tproblem\t/m);
  for (const { stdout, stderr } of [well, ill]) expect(stdout + stderr).not.toContain(key);
});
