import { AppsApiError } from '../../contract/errors.js';
import { errorCode } from '../../model/error-code.js';

/** How long a process waits for another one's transaction, in milliseconds; each takes a few of them. */
export const BUSY_TIMEOUT = 30_000;

/** Result codes of SQLite (sqlite.org/rescode.html). */
const RESULT = {
  perm: 3,
  busy: 5,
  locked: 6,
  noMemory: 7,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  auth: 23,
  notADatabase: 26,
} as const;

const { corrupt, notADatabase, ...others } = RESULT;
/** Those that speak of the machine or of other processes, not of the file. */
const NOT_THE_FILE: ReadonlySet<number> = new Set(Object.values(others));

/** Whether an error comes of what is in a database file: of its structure, or of a number that no column can hold. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  if (code !== undefined) return !NOT_THE_FILE.has(code);
  if (errorCode(error) === 'ERR_OUT_OF_RANGE') return true;
  return typeof error === 'object' && error !== null && 'cause' in error && isDamage(error.cause);
}

/** Whether a file is no database at all. */
export function isNotADatabase(error: unknown): boolean {
  return resultCode(error) === notADatabase;
}

/** Whether another process has locked what is needed. */
export function isLocked(error: unknown): boolean {
  const code = resultCode(error);
  return code === RESULT.busy || code === RESULT.locked;
}

/**
 * What is thrown on for an error of SQLite: an AppsApiError (503, 507 for a full disk) where the machine or the file
 * is the cause, and else the error itself, which is a defect of this program.
 */
export function translated(error: unknown): unknown {
  const code = resultCode(error);
  if (code === undefined) return error;
  if (isLocked(error)) {
    return failure(
      error,
      'busy',
      `Other processes have kept the platform's database busy for ${BUSY_TIMEOUT / 1000} seconds.`,
      'Try again when they are done.',
    );
  }
  if (code === RESULT.full) {
    const message = 'The disk is full. Nothing was changed.';
    return failure(error, 'disk_full', message, 'Make room on the disk of the data folder: df', 507);
  }
  if (code === corrupt || code === notADatabase) {
    const hint = 'Restore it from a backup: aka platform:restore FILE';
    return failure(error, 'damaged_data', "The platform's database is damaged.", hint);
  }
  if (!NOT_THE_FILE.has(code)) return error;
  const hint = 'Check that its disk is neither full nor read-only: df';
  return failure(
    error,
    'data_unusable',
    `The platform's data can't be used: ${(error as Error).message}.`,
    hint,
  );
}

function failure(cause: unknown, id: string, message: string, hint: string, status = 503): AppsApiError {
  return new AppsApiError({ id, status, message, hint }, { cause });
}

/** What SQLite says for a code (sqlite3_errstr): the driver leaves out the code where it reads several rows. */
const CODE_OF: Readonly<Record<string, number>> = {
  'database is locked': RESULT.busy,
  'database table is locked': RESULT.locked,
  'out of memory': RESULT.noMemory,
  'attempt to write a readonly database': RESULT.readOnly,
  'disk I/O error': RESULT.ioError,
  'database disk image is malformed': RESULT.corrupt,
  'database or disk is full': RESULT.full,
  'unable to open database file': RESULT.cantOpen,
  'file is not a database': RESULT.notADatabase,
};

/** The primary result code of an error of SQLite; undefined for any other error. */
function resultCode(error: unknown): number | undefined {
  if (errorCode(error) !== 'ERR_SQLITE_ERROR') return undefined;
  const { errcode, message } = error as { errcode?: number; message: string };
  return errcode === undefined ? CODE_OF[message] : errcode & 0xff;
}
