import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { agentCommand as builtAgent } from '../../../src/platform/engine/agent-command.js';
import { openEngine } from '../../../src/platform/engine/open.js';
import { runtimes } from '../../../src/platform/engine/runtimes.js';
import {
  agentCommand,
  buildProgram,
  describeEngines,
  identities,
  openTestEngine,
  POOL,
  readableFolder,
} from './engines.js';

describe('opening an engine', () => {
  const withNamespaces = identities.some(({ rootless }) => rootless) ? test : test.skip;

  withNamespaces('where namespaces are forbidden: loopback, with the reason', () => {
    const [auto, forced, why] = openAfter(FORBID, undefined, 'subnet');
    expect(auto).toMatchObject({ mode: 'loopback', rootless: expect.any(Boolean) });
    expect(JSON.stringify(auto)).toMatch(/namespaces can't be had here \([^"]*unshare[^"]*: [A-Z][a-z ]+\)"/);
    expect(forced).toMatchObject({
      id: 'failed',
      message: expect.stringMatching(/^The platform's network is subnets, but/),
    });
    expect(why).toMatch(/^unshare: .*: [A-Z][a-z ]+$/);
  });

  withNamespaces('without a tool that it takes: loopback, and the tool is named', () => {
    const hide =
      'for ip in /sbin/ip /usr/sbin/ip /bin/ip /usr/bin/ip; do mount --bind /dev/null $ip; done 2>&-';
    const [auto] = openAfter(hide, undefined);
    expect(auto).toMatchObject({ mode: 'loopback' });
    expect(JSON.stringify(auto)).toContain(': namespaces take ip (of iproute2), not found here"');
  });

  test('an agent without a network of its own refuses to touch the one it is in', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'aka-open-'));
    const [bundle = ''] = agentCommand().args;
    const agent = fork(bundle, { stdio: 'ignore', execArgv: [] });
    const machine = readlinkSync('/proc/self/ns/net');
    const order = {
      do: 'open',
      dir,
      name: 'x',
      runtimes: [],
      etc: {},
      loopback: [],
      machineNetwork: false,
      machine,
    };
    agent.send({ number: 1, order });
    const [answer] = (await once(agent, 'message')) as [unknown];
    agent.send({ number: 2, order: { do: 'open', dir: 7 } });
    const [invalid] = (await once(agent, 'message')) as [unknown];
    const gone = once(agent, 'exit');
    agent.disconnect();
    await gone;
    expect(answer).toMatchObject({ number: 1, error: { id: 'failed' } });
    expect(invalid).toMatchObject({ number: 2, error: { id: 'invalid' } });
    expect(readdirSync(dir)).toEqual([]);
    rmSync(dir, { recursive: true });
  });
});

describe('the agent that is published', () => {
  const withNamespaces = identities.length > 0 ? test : test.skip;

  withNamespaces(
    'is found from the sources, and works; what an engine before it left is removed',
    async () => {
      const dir = readableFolder();
      writeFileSync(join(dir, 'left'), '');
      const events = { onExit: () => {}, onOutput: () => {} };
      const engine = await openEngine({
        dir,
        pool: POOL,
        agent: builtAgent(),
        name: 'published',
        mode: 'subnet',
        events,
      });
      const left = readdirSync(dir);
      await engine.ensureSpace({ name: 'a', network: { first: 0, count: 1 } });
      await engine.close();
      rmSync(dir, { recursive: true });
      expect({ mode: engine.facts.mode, left }).toEqual({ mode: 'subnet', left: [] });
    },
  );

  test('is found from wherever the build put the code that asks, or missed by name', () => {
    const root = readableFolder();
    const dist = join(root, 'dist');
    mkdirSync(join(dist, 'chunks'), { recursive: true });
    expect(() => builtAgent(dist)).toThrow(/agent\.cjs/);
    writeFileSync(join(dist, 'agent.cjs'), '');
    const command = { command: process.execPath, args: [join(dist, 'agent.cjs')] };
    expect([builtAgent(dist), builtAgent(join(dist, 'chunks'))]).toEqual([command, command]);
    rmSync(root, { recursive: true });
  });
});

describe('what a Node outside /usr needs', () => {
  test.each(['/usr/bin/node', '/usr/local/bin/node', '/nix/store/x/bin/node'])('nothing: %s', (path) => {
    expect(runtimes(path, '/home/me')).toEqual([]);
  });

  test('its own folder, if that is an installation and nothing more', () => {
    const home = mkdtempSync(join(tmpdir(), 'aka-home-'));
    const version = join(home, '.nvm', 'versions', 'v20');
    mkdirSync(join(version, 'lib', 'node_modules'), { recursive: true });
    expect(runtimes(join(version, 'bin', 'node'), home)).toEqual([version]);
    expect(runtimes(join(home, 'stuff', 'node'), home)).toEqual([join(home, 'stuff', 'node')]);
    mkdirSync(join(home, 'lib', 'node_modules'), { recursive: true });
    // A prefix in the home folder itself: the file alone, or everything there would be seen.
    expect(runtimes(join(home, 'bin', 'node'), home)).toEqual([join(home, 'bin', 'node')]);
    expect(runtimes('/bin2/node', home)).toEqual(['/bin2/node']);
    rmSync(home, { recursive: true });
  });
});

describeEngines('runtimes of the machine', (identity) => {
  test('are found where they are, read-only, without what is beside them', async () => {
    // Folders of /tmp would be hidden by the dyno's own; these are on every machine and not in a dyno.
    const [folder, file] = ['/etc/profile.d', '/etc/profile'];
    const engine = await openTestEngine(identity, {}, { runtimes: [folder, file] });
    await engine.ensureSpace({ name: 'a', network: { first: 0, count: 1 } });
    const script = `ls -a ${folder}; cat ${file}; ls /etc/shells /etc/shadow; touch ${folder}/x ${file}; grep -c ${folder} /proc/self/mounts`;
    const { stdout } = await engine.execute(['sh', '-c', `(${script}) 2>/dev/null`]);
    const flags = await engine.execute(['grep', folder, '/proc/self/mounts']);
    await engine.close();
    const there = ['.', '..', ...readdirSync(folder)].sort().join('\n');
    expect(stdout).toBe(`${there}\n${readFileSync(file, 'utf8')}1\n`);
    expect(flags.stdout).toMatch(/ ro,nosuid,nodev/);
  });
});

const FORBID = ['user', 'net', 'mnt', 'pid']
  .map((kind) => `echo 0 > /proc/sys/user/max_${kind}_namespaces`)
  .join('; ');

/**
 * Opens engines for each mode asked for, in namespaces that a script has made poorer; returns their facts or errors, and
 * what the doctor would hear last.
 */
function openAfter(script: string, ...modes: readonly ('subnet' | undefined)[]): unknown[] {
  const folder = readableFolder();
  const program = join(folder, 'open.mjs');
  buildProgram(
    `import { openEngine } from './src/platform/engine/open.js';
     import { whyNoNamespaces } from './src/platform/engine/namespaces.js';
     import { parsePool } from './src/model/addresses.js';
     const [dir, agent, modes] = JSON.parse(process.argv[2]);
     const results = [];
     for (const mode of modes) {
       try {
         const engine = await openEngine({ dir, agent, name: 'x', pool: parsePool('10.64.0.0/10'), events: { onExit() {}, onOutput() {} }, ...(mode && { mode }) });
         results.push(engine.facts);
         await engine.close();
       } catch (error) { results.push({ id: error.id, message: error.message }); }
     }
     results.push(await whyNoNamespaces({ rootless: true }));
     console.log(JSON.stringify(results));`,
    program,
  );
  const options = [join(folder, 'dir'), agentCommand(), modes.map((mode) => mode ?? null)];
  const drop = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--'];
  const { stdout, stderr } = spawnSync(
    'unshare',
    [
      '-U',
      '-r',
      '-m',
      'sh',
      '-c',
      `${script}; exec "$@"`,
      'sh',
      ...drop,
      process.execPath,
      program,
      JSON.stringify(options),
    ],
    { encoding: 'utf8' },
  );
  rmSync(folder, { recursive: true });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as unknown[];
}
