import { spawn } from 'node:child_process';

/** Opens an address in the browser of whoever sits at this machine; false if there is none, or it is no web address. */
export async function openInBrowser(address: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return false;
  const program = programFor(env);
  if (program === undefined) return false;
  const child = spawn(program, [url.href], { stdio: 'ignore', detached: true });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}

/** Without a display, xdg-open would open a browser in the terminal. */
function programFor(env: NodeJS.ProcessEnv): string | undefined {
  if (process.platform === 'darwin') return 'open';
  return env.DISPLAY || env.WAYLAND_DISPLAY ? 'xdg-open' : undefined;
}
