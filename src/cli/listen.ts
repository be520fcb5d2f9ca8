import { Flags } from '@oclif/core';
import { usage } from './failure.js';

/** `--listen`: an address besides the unix socket. */
export const listenFlag = Flags.string({
  description: 'also listen on this loopback address; port 0 for any free port',
  helpValue: 'HOST:PORT',
});

/** What `--listen` says. Throws if it is not of its form. */
export function parseListen(text: string | undefined): { host: string; port: number } | undefined {
  if (text === undefined) return undefined;
  const parts = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5})$/i.exec(text);
  const port = Number(parts?.[2]);
  if (parts?.[1] === undefined || port > 65_535) {
    throw usage('--listen takes an address and a port.', 'For example: --listen 127.0.0.1:5000');
  }
  return { host: parts[1].replace(/^\[|\]$/g, ''), port };
}
