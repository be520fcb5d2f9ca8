/** What clients and dynos may take; times in milliseconds. */
export interface Limits {
  /** From the start of a connection or request to the end of its headers, the TLS handshake apart. */
  readonly headers: number;
  readonly handshake: number;
  /** The bytes of all headers of a request, and of an answer. */
  readonly headerBytes: number;
  /** The number of headers of a request. */
  readonly headerCount: number;
  /** Between two requests on one connection of a client. */
  readonly keepAlive: number;
  /** A connection to a dyno. */
  readonly dial: number;
  /** Without a byte of the request or the answer, until the answer begins. */
  readonly answer: number;
  /** Without a byte in either direction, once the answer has begun. */
  readonly idle: number;
  /** A connection to a dyno is kept for so long after an answer; less than the 5 s of most servers. */
  readonly kept: number;
  /** What is under way when the router is closed may go on for so long. */
  readonly closing: number;
  readonly connections: number;
  /** Those of one client address, or of one dyno. */
  readonly connectionsPerClient: number;
  readonly connectionsPerDyno: number;
  /** Requests without an answer yet on one connection of HTTP/1.1. */
  readonly pipelined: number;
  /** Requests at once on one connection of HTTP/2. */
  readonly streams: number;
}

export const LIMITS: Limits = {
  headers: 10_000,
  handshake: 10_000,
  headerBytes: 32_768,
  headerCount: 2_000,
  keepAlive: 60_000,
  dial: 5_000,
  answer: 30_000,
  idle: 120_000,
  kept: 4_000,
  closing: 10_000,
  connections: 4_000,
  connectionsPerClient: 2_000,
  connectionsPerDyno: 1_000,
  pipelined: 32,
  streams: 100,
};
