import { quoted } from '../../model/shell.js';
import type { TerminalSize } from './engine.js';

/** A command in a pseudo-terminal of its own, which util-linux's `script` makes and joins to its own stdin and stdout. */
export function inTerminal(argv: readonly string[], { rows, columns }: TerminalSize): string[] {
  const command = `stty rows ${rows} cols ${columns}; exec ${argv.map(quoted).join(' ')}`;
  return ['script', '--quiet', '--flush', '--return', '--command', command, '/dev/null'];
}
