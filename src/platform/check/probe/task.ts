/** What a probe is to do, as its only argument; its answer is JSON too, a line each. */
export type Task =
  | { readonly do: 'try'; readonly attempts: readonly Attempt[] }
  /** Until its standard input ends. */
  | { readonly do: 'listen'; readonly port: number };

/** Something to be tried from inside a dyno; all of a task at once, but for what is looked up when all are done. */
export type Attempt =
  /** Another app by its discovery vars. */
  | { readonly try: 'service'; readonly app: string }
  | { readonly try: 'https'; readonly url: string }
  | { readonly try: 'tcp'; readonly host: string; readonly port: number }
  | { readonly try: 'udp'; readonly host: string; readonly port: number; readonly text: string }
  /** Whether a neighbour answered who has this address, when everything else was tried. */
  | { readonly try: 'arp'; readonly host: string }
  /** Whether there is such a file, folder or socket. */
  | { readonly try: 'path'; readonly path: string };

export interface Outcome {
  /** Whether it led anywhere; of what was only sent, that it was. */
  readonly reached: boolean;
  /** What was seen, for people, without a full stop. */
  readonly saw: string;
  /** Of an answer over https: its first bytes, as text. */
  readonly body?: string;
}

/** What a listener says: that it is ready, then what reached it. */
export type Said =
  | { readonly said: 'ready' }
  | { readonly said: 'heard'; readonly over: 'tcp' | 'udp'; readonly text: string }
  | { readonly said: 'outcomes'; readonly outcomes: readonly Outcome[] };
