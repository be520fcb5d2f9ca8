/** Result codes of SQLite that speak of the machine or of other processes, not of the file (sqlite.org/rescode.html). */
const NOT_THE_FILE: ReadonlySet<unknown> = new Set([
  /* PERM */ 3, /* BUSY */ 5, /* LOCKED */ 6, /* NOMEM */ 7, /* READONLY */ 8, /* IOERR */ 10, /* FULL */ 13,
  /* CANTOPEN */ 14, /* AUTH */ 23,
]);

/** Whether an error comes of what is in a database file: of its structure, or of a number that no column can hold. */
export function isDamage(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('errcode' in error) return !NOT_THE_FILE.has(Number(error.errcode) & 0xff);
  if ('code' in error && error.code === 'ERR_OUT_OF_RANGE') return true;
  return 'cause' in error && isDamage(error.cause);
}
