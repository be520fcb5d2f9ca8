import { Flags } from '@oclif/core';
import type { RunOrder } from '../contract/tunnels.js';
import { given } from '../model/given.js';
import { usage } from './failure.js';
import { appFlag } from './flags.js';

/** The flags of every command that starts a one-off dyno. */
export const runFlags = {
  app: appFlag,
  size: Flags.string({ description: 'dyno size (default the smallest)', helpValue: 'SIZE' }),
  env: Flags.string({
    char: 'e',
    description: 'environment variable for this run only; may be repeated',
    helpValue: 'NAME=VALUE',
    multiple: true,
    multipleNonGreedy: true,
  }),
};

/** Returns what to start. Throws a CommandError for a variable in another form, without showing its value: it may be a secret. */
export function runOrder(
  command: readonly string[],
  { size, env }: { readonly size?: string | undefined; readonly env?: readonly string[] | undefined },
): RunOrder {
  return { command: [...command], ...given({ size, env: envOf(env ?? []) }) };
}

function envOf(pairs: readonly string[]): Record<string, string> | undefined {
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw usage('--env takes NAME=VALUE.', 'For example: --env LOG_LEVEL=debug');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
