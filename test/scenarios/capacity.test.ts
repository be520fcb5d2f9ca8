import { describe, expect } from '@jest/globals';
import type { Dyno, SpaceCheck } from '../../src/contract/wire.js';
import { expectFailure } from './invariants.js';
import { hello, running } from './running.js';

const are =
  (...wanted: string[]) =>
  (dynos: readonly Dyno[]) =>
    dynos.map(({ name, state }) => `${name} ${state}`).join() === wanted.join();

interface Status {
  readonly sections: readonly { readonly name: string; readonly facts: Record<string, unknown> }[];
}

describe('a machine with room for two dynos', () => {
  running('is for prod first, says who gives way, and gives it back', async (m) => {
    const { user } = m;
    const set = await user.does('platform:configure', '--capacity-memory', '1100MiB', '--capacity-cpu', '2');
    expect(set.stderr).toContain('capacity-memory: auto -> 1.1 GiB, at once\n');
    await m.deploys('web-shop');
    await user.does('ps:update', 'web', '-q', '2', '-a', 'web-shop');
    await m.until('web-shop', are('web.1 up', 'web.2 up'));
    expectFailure(await user.run(['ps:update', 'web', '--size', 'gp3', '-a', 'web-shop']), 5);

    await user.does('spaces:create', 'live', '--compliance', 'prod');
    await m.deploys('web-live', hello());
    await m.until('web-shop', are('web.1 up', 'web.2 evicted'));
    const waited = await user.run(['ps:wait', '-a', 'web-shop', '--wait=1']);
    expectFailure(waited, 8);
    expect(waited.stderr).toMatch(/web\.2 of web-shop is evicted \(gave way to a dyno of a prod space/);
    for (const command of ['ps -a web-shop', 'spaces:ps shop', 'spaces:topology shop']) {
      expect((await user.does(...command.split(' '))).stdout).toMatch(/web\.2\tevicted\t/);
    }
    expect((await user.does('spaces:info', 'shop')).stdout).toMatch(/^Dynos\tweb 1\/2 \(1 evicted\) up$/m);
    expect((await user.does('logs', '-a', 'web-shop')).stdout).toContain('| Evicted: gave way to');
    const { stdout: shown } = await user.does('platform:status');
    expect(shown).toMatch(/^Memory\t1\.1 GiB\nTaken by prod\t512 MiB\nTaken by others\t512 MiB\nCores\t2$/m);
    expect(shown).toMatch(/^Evicted\tweb\.2 of web-shop: gave way/m);
    const check = (await user.does('spaces:check', 'live', '--json')).json<SpaceCheck>();
    expect(check.promises.find(({ promise }) => promise === 'prod_first')).toMatchObject({
      state: 'ok',
      evidence: 'none of its dynos lacks room; of 1.1 GiB prod has 512 MiB, others 512 MiB',
    });

    process.kill(await m.pid(), 'SIGKILL');
    await user.does('platform:start');
    await m.until('web-live', are('web.1 up'));
    await m.until('web-shop', are('web.1 up', 'web.2 evicted'));

    await user.does('platform:configure', '--capacity-memory', '600MiB');
    await m.until('web-shop', are('web.1 evicted', 'web.2 evicted'));
    expect((await m.asks('web-live')).status).toBe(200);
    await user.does('platform:configure', '--capacity-memory', 'auto', '--capacity-cpu', 'auto');
    await m.until('web-shop', are('web.1 up', 'web.2 up'));
    const { sections } = (await user.does('platform:status', '--json')).json<Status>();
    expect(sections.find(({ name }) => name === 'capacity')?.facts).toMatchObject({ evicted: [] });
    const audit = (await user.does('audits', '--space', 'shop', '--size', '100', '--json')).json<
      { action: string }[]
    >();
    const actions = audit.map(({ action }) => action).filter((action) => /evict|return/.test(action));
    expect(actions.toReversed()).toEqual(['dyno.evict', 'dyno.evict', 'dyno.return', 'dyno.return']);
  });
});
