import { describe, expect } from '@jest/globals';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';

interface Space {
  readonly name: string;
  readonly compliance: readonly string[];
}

describe('compliance is one set, however it is written', () => {
  scenario.each(
    [
      ['after NAME', ['shop', '--compliance', 'socs,prod']],
      ['before NAME', ['--compliance', 'socs,prod', 'shop']],
      ['by its letter', ['-c', 'prod,socs', 'shop']],
      ['with an equal sign', ['--compliance=socs,prod', 'shop']],
      ['as the flag repeated', ['-c', 'prod', 'shop', '-c', 'socs']],
      ['in capitals, with blanks and twice', ['shop', '-c', ' PROD , Socs,prod']],
    ],
    async (user, argv) => {
      const created = (await user.does('spaces:create', ...argv, '--json')).json<Space>();
      expect(created).toMatchObject({ name: 'shop', compliance: ['socs', 'prod'] });
    },
  );

  scenario('--internal adds to it, and adds nothing twice', async (user) => {
    const create = async (...argv: string[]) =>
      (await user.does('spaces:create', ...argv, '--json')).json<Space>();
    expect((await create('alone', '--internal')).compliance).toEqual(['internal']);
    expect((await create('added', '-c', 'prod', '-i')).compliance).toEqual(['prod', 'internal']);
    expect((await create('twice', '-c', 'internal,socs', '-i')).compliance).toEqual(['socs', 'internal']);
  });
});

describe('compliance is never guessed: nothing is created and the comma form is shown', () => {
  scenario.each(
    [
      ['without NAME', ['-c', 'prod', 'socs']],
      ['before NAME', ['-c', 'prod', 'socs', 'shop']],
      ['after NAME', ['shop', '-c', 'prod', 'socs']],
      ['round NAME', ['socs', 'shop', '-c', 'prod']],
      ['three words', ['shop', '-c', 'prod', 'socs', 'internal']],
      ['with semicolons', ['shop', '-c', 'prod;socs']],
      ['with blanks in one word', ['shop', '-c', 'prod socs']],
      ['with plus signs', ['shop', '-c', 'prod+socs']],
    ],
    async (user, argv) => {
      const ended = await user.run(['spaces:create', ...argv]);
      expectFailure(ended, 2);
      expect(ended.stderr).toMatch(/comma/);
      expect(ended.stderr).toMatch(/--compliance (socs,prod|prod,socs)/);
      expect((await user.does('spaces')).stdout).not.toMatch(/prod|socs/);
    },
  );

  scenario.each(
    [
      ['an empty value', ['-c', '']],
      ['an empty part', ['-c', 'socs,,prod']],
      ['a comma at the end', ['-c', 'socs,']],
      ['a word that holds one', ['-c', 'socsprod']],
      ['a misspelt one', ['-c', 'pord']],
    ],
    async (user, argv) => {
      const ended = await user.run(['spaces:create', 'shop', ...argv]);
      expectFailure(ended, 2);
      expect(ended.stderr).toMatch(/socs|prod/);
      expectFailure(await user.run(['spaces:info', 'shop']), 4);
    },
  );
});

describe('what is for ever can be looked at first', () => {
  scenario(
    '--dry-run says what would be created, with the exit code of creating it, and creates nothing',
    async (user) => {
      const plan = await user.does('spaces:create', 'shop', '-c', 'socs', '--dry-run', '--json');
      expect(plan.json()).toMatchObject({
        dry_run: true,
        name: 'shop',
        compliance: ['socs'],
        stack: 'local',
      });
      expect((await user.does('spaces:create', 'shop', '-c', 'socs', '--dry-run')).stdout).toContain('socs');
      expectFailure(await user.run(['spaces:info', 'shop']), 4);
      expectFailure(await user.run(['spaces:create', 'default', '--dry-run']), 5);
      expectFailure(await user.run(['spaces:create', 'prod', '--dry-run']), 5);
      expectFailure(await user.run(['spaces:create', 'shop', '--stack', 'lcoal', '--dry-run']), 4);
      expect((await user.does('audits', '--space', 'shop', '--json')).json()).toEqual([]);
    },
  );

  scenario('--explain says what each does, and creates nothing', async (user) => {
    const explained = await user.does('spaces:create', 'shop', '-c', 'prod,socs', '--explain', '--json');
    expect(explained.json<Space[]>().map(({ name }) => name)).toEqual(['socs', 'prod']);
    const spoken = await user.does('spaces:create', '-c', 'internal', '--explain');
    expect(spoken.stdout).toBe((await user.does('compliance:explain', 'internal')).stdout);
    expectFailure(await user.run(['spaces:info', 'shop']), 4);
  });

  scenario('no flag changes it afterwards', async (user) => {
    await user.does('spaces:create', 'shop', '-c', 'prod');
    expectFailure(await user.run(['spaces:update', 'shop', '-d', 'x', '--compliance', 'socs']), 2);
    await user.does('spaces:update', 'shop', '-d', 'x');
    expect((await user.does('spaces:info', 'shop', '--json')).json()).toMatchObject({ compliance: ['prod'] });
  });
});

describe('--if-not-exists', () => {
  scenario('succeeds when the same is there, in any order of its compliance', async (user) => {
    const first = await user.does('spaces:create', 'shop', '-c', 'socs,prod', '--if-not-exists', '--json');
    const again = await user.does('spaces:create', 'shop', '-c', 'prod,socs', '--if-not-exists', '--json');
    expect(again.json()).toEqual(first.json());
    await user.does('spaces:create', 'SHOP', '-c', 'prod,socs', '--stack', 'local', '--if-not-exists');
    expect((await user.does('audits', '--space', 'shop', '--json')).json()).toHaveLength(1);
  });

  scenario('is refused when the compliance is another, and says which it is', async (user) => {
    await user.does('spaces:create', 'shop', '-c', 'socs,prod');
    for (const argv of [['-c', 'prod'], [], ['-c', 'socs,prod,internal']]) {
      const other = await user.run(['spaces:create', 'shop', ...argv, '--if-not-exists', '--json']);
      expect(expectJsonFailure(other, 5).message).toContain('socs,prod');
    }
  });

  scenario('is refused when the stack is another, and says so', async (user) => {
    await user.does('spaces:create', 'shop');
    const other = await user.run(['spaces:create', 'shop', '--stack', 'elsewhere', '--if-not-exists']);
    expectFailure(other, 5);
    expect(other.stderr).toMatch(/stack.*local.*elsewhere/);
  });
});

describe('a space that is not to be', () => {
  scenario.each(
    [
      ['a name that a flag value has', 'socs', 5],
      ['a name of the system', 'kube-system', 5],
      ['two dashes', 'my--shop', 2],
      ['a digit first', '9shop', 2],
      ['one letter', 's', 2],
      ['41 letters', 's'.repeat(41), 2],
      ['control characters, which are shown escaped', 'sh\u001b[31mop\u0007', 2],
      ['nothing', '', 2],
    ],
    async (user, name, exit) => {
      expectFailure(await user.run(['spaces:create', name]), exit);
      expectJsonFailure(await user.run(['spaces:create', name, '--json']), exit);
      expect((await user.does('spaces')).stdout).toMatch(/^default\t[^\n]*\n$/);
    },
  );

  scenario('leaves nothing behind when it exists already', async (user) => {
    await user.does('spaces:create', 'shop');
    const before = (await user.does('spaces', '--json')).json();
    expectFailure(await user.run(['spaces:create', 'Shop', '-c', 'socs']), 5);
    expect((await user.does('spaces', '--json')).json()).toEqual(before);
  });
});
