import { request } from 'node:https';
import { errorCode } from '../../../model/error-code.js';
import type { Outcome } from './task.js';

/** Before an answer is no longer waited for, in milliseconds. */
export const ASK_MS = 3000;
const BODY_BYTES = 4096;

/** Where to connect to and whom to trust instead of what the URL and the environment say. */
export interface Way {
  readonly host: string;
  readonly port: number;
  /** The one authority that is trusted, in PEM. */
  readonly ca: string;
}

/** Asks for a URL as a program that wants JSON, with the certificate verified. It never rejects. */
export function ask(url: string, way?: Way): Promise<Outcome> {
  const { hostname, host, pathname, port } = new URL(url);
  return new Promise((resolve) => {
    const sent = request({
      host: way?.host ?? hostname,
      port: way?.port ?? (port === '' ? 443 : Number(port)),
      path: pathname,
      servername: hostname,
      agent: false,
      headers: { host, accept: 'application/json', 'user-agent': 'aka spaces:check' },
      ...(way !== undefined && { ca: way.ca }),
    });
    const end = (outcome: Outcome): void => {
      clearTimeout(late);
      sent.destroy();
      resolve(outcome);
    };
    const late = setTimeout(() => end({ reached: false, saw: `no answer in ${ASK_MS / 1000} s` }), ASK_MS);
    sent.on('error', (error) => end({ reached: false, saw: errorCode(error) ?? error.message }));
    sent.on('response', (response) => {
      let body = '';
      const answered = (): void => end({ reached: true, saw: `HTTP ${response.statusCode}`, body });
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body = (body + text).slice(0, BODY_BYTES);
        if (body.length === BODY_BYTES) answered();
      });
      response.on('end', answered);
      response.on('error', answered);
    });
    sent.end();
  });
}
