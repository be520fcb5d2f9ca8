import { createSocket } from 'node:dgram';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { discoveryNames } from '../../../model/discovery.js';
import { errorCode } from '../../../model/error-code.js';
import { ask } from './ask.js';
import type { Attempt, Outcome } from './task.js';

/** Before a connection is given up, in milliseconds. What is to be out of reach is a bridge away, or nowhere. */
const CONNECT_MS = { service: 2000, else: 1000 };
/** How long a connection that was taken must last to be one, without a word from the other side. */
const SILENCE_MS = 1000;
/** Datagrams may get lost. */
const DATAGRAMS = { times: 5, everyMs: 50 };

type Env = Readonly<Record<string, string | undefined>>;

/** Tries everything at once, then looks at what neighbours answered. Answers in the order of the attempts. */
export async function attemptAll(attempts: readonly Attempt[], env: Env): Promise<Outcome[]> {
  const tried = await Promise.all(
    attempts.map(async (attempt) => (attempt.try === 'arp' ? undefined : attemptOne(attempt, env))),
  );
  return attempts.map(
    (attempt, index) => tried[index] ?? neighbour(attempt.try === 'arp' ? attempt.host : ''),
  );
}

function attemptOne(attempt: Exclude<Attempt, { try: 'arp' }>, env: Env): Outcome | Promise<Outcome> {
  switch (attempt.try) {
    case 'service': {
      const names = discoveryNames(attempt.app);
      const [host, port] = [env[names.host], Number(env[names.port])];
      if (host === undefined || !(port > 0)) return { reached: false, saw: `there is no ${names.host}` };
      return speak(
        host,
        port,
        CONNECT_MS.service,
        `GET / HTTP/1.1\r\nHost: ${attempt.app}\r\nConnection: close\r\n\r\n`,
      );
    }
    case 'https':
      return ask(attempt.url);
    case 'tcp':
      return speak(attempt.host, attempt.port, CONNECT_MS.else, '');
    case 'udp':
      return send(attempt.host, attempt.port, attempt.text);
    case 'path':
      return look(attempt.path);
  }
}

/**
 * Connects and says something. An address may take connections and reset them when nobody is behind it, so one counts
 * only if something comes back, or if it lasts.
 */
function speak(host: string, port: number, withinMs: number, text: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (reached: boolean, saw: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ reached, saw });
    };
    let timer = setTimeout(() => end(false, `no answer in ${withinMs / 1000} s`), withinMs);
    socket.on('error', (error) => end(false, errorCode(error) ?? error.message));
    socket.once('connect', () => {
      clearTimeout(timer);
      timer = setTimeout(() => end(true, 'connected'), SILENCE_MS);
      socket.write(text);
    });
    socket.once('data', () => end(true, 'answered'));
    socket.once('end', () => end(true, 'connected'));
  });
}

async function send(host: string, port: number, text: string): Promise<Outcome> {
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve) => socket.bind(0, () => resolve()));
    socket.setBroadcast(true);
    for (let count = 0; count < DATAGRAMS.times; count += 1) {
      await new Promise<void>((resolve, reject) =>
        socket.send(text, port, host, (error) => (error === null ? resolve() : reject(error))),
      );
      await pause(DATAGRAMS.everyMs);
    }
    return { reached: true, saw: 'sent' };
  } catch (error) {
    return { reached: false, saw: errorCode(error) ?? 'not sent' };
  } finally {
    socket.close();
  }
}

function look(path: string): Outcome {
  try {
    lstatSync(path);
    return { reached: true, saw: 'it is there' };
  } catch (error) {
    return { reached: false, saw: errorCode(error) ?? 'not there' };
  }
}

/** What the kernel learnt of a neighbour (proc(5), /proc/net/arp): flags are 0x0 while nobody answered. */
function neighbour(host: string): Outcome {
  const table = existsSync('/proc/net/arp') ? readFileSync('/proc/net/arp', 'utf8') : '';
  const row = table.split('\n').find((line) => line.startsWith(`${host} `));
  const [, , flags = '0x0', address = ''] = row?.split(/\s+/) ?? [];
  return flags === '0x0' ? { reached: false, saw: 'nobody answered' } : { reached: true, saw: address };
}
