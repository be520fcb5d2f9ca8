import type { Duplex } from 'node:stream';
import * as z from 'zod/mini';
import { type Frame, FrameError, FrameReader } from './frames.js';

/*
 * Connections to dynos of an app through the server of the Apps API: a POST to `/apps/{app}/dynos` that asks for an
 * upgrade to one of these protocols. What follows the answer 101 are frames; see there.
 */

/**
 * `aka-run` starts a one-off dyno and carries its streams. `aka-forward` carries the bytes of one connection to a port
 * of a dyno, as they are, once that was `opened`.
 */
export const TUNNELS = ['aka-run', 'aka-forward'] as const;
export type TunnelName = (typeof TUNNELS)[number];

export const TUNNEL_PATH = '/apps/{app}/dynos';

export const TerminalSize = z.strictObject({
  rows: z.int().check(z.gte(1), z.lte(10_000)),
  columns: z.int().check(z.gte(1), z.lte(10_000)),
});
export type TerminalSize = z.infer<typeof TerminalSize>;

const noNul = z.string().check(z.regex(/^[^\0]*$/));

/** What `aka-run` opens with. */
export const RunOrder = z.strictObject({
  /** The program and its arguments; one alone is a line for the shell. */
  command: z.array(noNul).check(z.minLength(1), z.maxLength(10_000)),
  size: z.optional(z.string().check(z.maxLength(64))),
  env: z.optional(z.record(z.string(), noNul)),
  /** It outlives the connection: its output goes to the log of the app, and its input is empty. */
  detached: z.optional(z.boolean()),
  /** Without it stdout and stderr are apart, and there is no terminal. */
  terminal: z.optional(
    z.extend(TerminalSize, { kind: z.string().check(z.regex(/^[A-Za-z0-9+._-]{1,64}$/)) }),
  ),
});
export type RunOrder = z.infer<typeof RunOrder>;

/** What `aka-forward` opens with. */
export const ForwardOrder = z.strictObject({
  port: z.int().check(z.gte(1), z.lte(65_535)),
  /** Any that is well, unless one is named. */
  dyno: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
});
export type ForwardOrder = z.infer<typeof ForwardOrder>;

/** That it is there, and at which dyno. */
export const Opened = z.looseObject({ dyno: z.string() });
export type Opened = z.infer<typeof Opened>;

/** How a program ended; one of the two is null. */
export const ProgramExit = z.looseObject({
  code: z.nullable(z.int()),
  signal: z.nullable(z.string()),
  /** It took more memory than its size allows. */
  over_memory: z.optional(z.boolean()),
});
export type ProgramExit = z.infer<typeof ProgramExit>;

/** Bytes of stdin that went on. */
export const Taken = z.looseObject({ bytes: z.int().check(z.gte(0)) });

/**
 * The first frame that comes, within `ms` milliseconds; what came behind it is there to be read, once it
 * is resumed. Rejects with a
 * {@link FrameError} if none comes.
 */
export function firstFrame(socket: Duplex, ms: number): Promise<Frame> {
  const reader = new FrameReader();
  return new Promise((resolve, reject) => {
    const settle = (outcome: Frame | FrameError): void => {
      clearTimeout(timer);
      socket.pause();
      socket.off('data', take).off('end', ended).off('close', ended).off('error', ended);
      if (outcome instanceof FrameError) {
        reject(outcome);
        return;
      }
      const { rest } = reader;
      if (rest.length > 0) socket.unshift(rest);
      resolve(outcome);
    };
    const ended = (): void => settle(new FrameError('The connection ended before anything was said.'));
    const take = (chunk: Buffer): void => {
      try {
        reader.push(chunk);
        const frame = reader.next();
        if (frame !== undefined) settle(frame);
      } catch (error) {
        settle(error instanceof FrameError ? error : new FrameError('What came is no frame.'));
      }
    };
    const timer = setTimeout(() => settle(new FrameError(`Nothing was said in ${ms / 1000} s.`)), ms);
    socket.on('data', take).once('end', ended).once('close', ended).once('error', ended);
    socket.resume();
  });
}
