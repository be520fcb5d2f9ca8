import { expect, test } from '@jest/globals';
import { Flags } from '@oclif/core';
import * as fc from 'fast-check';
import { AkaCommand } from '../../src/cli/command.js';

/** A command that takes words as `run` and `config:set` do. */
class Words extends AkaCommand<readonly unknown[]> {
  static override strict = false;
  static override flags = { app: Flags.string({ char: 'a' }) };

  async run(): Promise<readonly unknown[]> {
    return (await this.parse(Words)).argv;
  }

  protected render(): void {}
}

const wordsOf = (argv: string[]): Promise<readonly unknown[]> =>
  new Words(argv, { bin: 'aka', runHook: async () => ({ successes: [], failures: [] }) } as never).run();

const word = fc.oneof(
  fc.constantFrom('-a', '--', 'web-shop', '--json', 'b', '-la', '--app=x', '-', ''),
  fc.string(),
);

test('the words behind -- are passed on as they were typed, whatever they are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(word), async (words) => {
      expect(await wordsOf(['-a', 'web-shop', '--', ...words])).toEqual(words);
    }),
  );
});

test('words without flags among them keep their order without --, too', async () => {
  const plain = fc.array(fc.constantFrom('echo', 'b', 'a', 'web-shop'), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(plain, async (words) => {
      expect(await wordsOf(['-a', 'web-shop', ...words])).toEqual(words);
    }),
  );
});
