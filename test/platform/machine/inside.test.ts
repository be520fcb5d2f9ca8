import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { buildProgram, describeEngines, readableFolder } from '../engine/engines.js';

const WRITTEN = ['8.8.4.4', '::ffff:8.8.4.4', '64:ff9b::8.8.4.4', '2606:4700:0:0::5', '2606:4700::0005'];
const PROGRAM = `
import { execFileSync } from 'node:child_process';
import { isInside, isThisMachineOrLink } from './src/platform/machine/inside.js';
const written = ${JSON.stringify(WRITTEN)};
const found = () => written.filter((each) => isInside(each) && isThisMachineOrLink(each));
const before = found();
for (const address of ['8.8.4.4/32', '2606:4700::5/128']) execFileSync('ip', ['addr', 'add', address, 'dev', 'lo']);
execFileSync('ip', ['link', 'set', 'lo', 'up']);
console.log(JSON.stringify({ before, after: found() }));
`;

describeEngines('an address that an interface gets while the platform runs', ({ rootless, user }) => {
  test('is of this machine from then on, however it is written', () => {
    const program = join(readableFolder(), 'program.mjs');
    buildProgram(PROGRAM, program);
    const args = [...(rootless ? ['-U', '-r'] : []), '-n', process.execPath, program];
    const said = execFileSync('unshare', args, { encoding: 'utf8', ...user });
    expect(JSON.parse(said)).toEqual({ before: [], after: WRITTEN });
  });
});
