/** On whose behalf the platform acts: it stands in the audit log, and roles are checked against it. */
export interface Caller {
  /** The name of the user or of the token; `jane via gateway` if the trusted token `gateway` says that it is jane. */
  readonly name: string;
  readonly role: 'admin' | 'user' | 'reporter';
  /** The spaces they may use, by name; all of them if not said. */
  readonly spaces?: readonly string[];
  /** Of a reporter: its id. It may report of its check, and nothing else. */
  readonly reporter?: string;
  /** Whether a trusted token came without saying for whom: it is nobody in particular. */
  readonly unnamed?: true;
  /** The name of the token of the data that they came by, if it was one. */
  readonly token?: string;
  /** The name of the session of the browser that they came by. */
  readonly session?: string;
  /** From where: `cli`, `unix`, `tcp ADDRESS`, or `tcp ADDRESS console` for a browser. */
  readonly origin: string;
}

/** The platform itself, which says what came of what others wanted. */
export const DAEMON: Caller = { name: 'aka', role: 'admin', origin: 'daemon' };
