import { Flags } from '@oclif/core';
import type { Host } from '../contract/wire.js';
import { shown } from '../model/rule.js';
import { usage } from './failure.js';

/** `--space`, once or several times: which spaces a service of the machine is about. */
export const spacesFlag = Flags.string({
  char: 's',
  description: 'space of the dynos; may be repeated',
  helpValue: 'SPACE',
  multiple: true,
  multipleNonGreedy: true,
  required: true,
});

/** A port as it was typed. Throws for anything else. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw usage(`${shown(text)} is not a port.`, 'A port is 1 to 65535.', 'invalid_port');
}

export const HOST_COLUMNS = ['PORT', 'NAME', 'SPACE'] as const;

/** A service of the machine, in those columns. */
export function hostRow({ port, name, space }: Host): [number, string, string] {
  return [port, name, space.name];
}
