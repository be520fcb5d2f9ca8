import * as z from 'zod/mini';

/*
 * How a browser logs in to the web console. It is no part of the Apps API: the pages use that with the cookie that they
 * get here.
 */

/** Where the pages are. */
export const CONSOLE_PATH = '/console';
/** POST logs in, GET shows who is logged in, DELETE logs out. */
export const SESSION_PATH = '/console/session';

/** The prefix makes browsers refuse it from other hosts, and over plain HTTP but for this machine (RFC 6265bis, 4.1.3.2). */
export const SESSION_COOKIE = '__Host-aka-session';

/** Whatever changes something with a cookie has this header, which no page of another site can have a browser send. */
export const CONSOLE_HEADER = 'X-Aka-Console';

/** The first label of the host of the console, below that of the default stack. */
export const CONSOLE_LABEL = 'console';

/** A browser that is logged in. */
export const ConsoleSession = z.looseObject({
  name: z.string(),
  role: z.enum(['user', 'admin']),
  platform: z.looseObject({ version: z.string() }),
  expires_at: z.string(),
});
export type ConsoleSession = z.infer<typeof ConsoleSession>;

/** A code of a login link, or a token. */
export const ConsoleLogin = z.union([
  z.strictObject({ code: z.string().check(z.maxLength(200)) }),
  z.strictObject({ token: z.string().check(z.maxLength(512)) }),
]);
export type ConsoleLogin = z.infer<typeof ConsoleLogin>;
