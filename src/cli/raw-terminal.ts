import { spawn, spawnSync } from 'node:child_process';

/**
 * Waits on its standard input for the word that everything is in order. If it ends without that word, the program
 * before it was killed: then the terminal, on descriptor 3, gets back the settings it had.
 */
const GUARD = `trap '' HUP INT QUIT TERM TSTP TTOU; read -r word; [ "$word" = done ] || stty "$1" <&3`;

/**
 * Hands every key of this terminal to whoever reads standard input, also Ctrl-C. Returns what undoes that; should this
 * process be killed before, the terminal is put right all the same.
 */
export function rawTerminal(stdin: NodeJS.ReadStream): () => void {
  const settings = spawnSync('stty', ['-g'], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
  const saved = settings.status === 0 ? settings.stdout.trim() : undefined;
  const guard =
    saved === undefined
      ? undefined
      : // In a session of its own, where nothing meant for this program ends it.
        spawn('sh', ['-c', GUARD, 'sh', saved], { stdio: ['pipe', 'ignore', 'ignore', 0], detached: true });
  guard?.on('error', () => undefined);
  guard?.stdin?.on('error', () => undefined);
  guard?.unref();
  stdin.setRawMode(true);
  let isRaw = true;
  const restore = (): void => {
    if (!isRaw) return;
    isRaw = false;
    process.off('exit', restore);
    stdin.setRawMode(false);
    guard?.stdin?.end('done\n');
  };
  process.once('exit', restore);
  return restore;
}
