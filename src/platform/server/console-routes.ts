import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import { CONSOLE_PATH, ConsoleLogin, SESSION_PATH } from '../../contract/console.js';
import { AppsApiError } from '../../contract/errors.js';
import { readJson } from './body.js';
import { ConsolePages, PAGE_HEADERS } from './console-pages.js';
import type { ConsoleDoor } from './doors.js';
import { type Env, noSuchEndpoint, send } from './routing.js';

/** What browsers are served before they are somebody: the pages of the console, and how they log in. */
export function consoleRoutes(app: Hono<Env>, pages = new ConsolePages()): void {
  app.post(SESSION_PATH, async (c) => {
    const open = door(c);
    open.check(incoming(c));
    const { session, cookie } = open.logIn(incoming(c), loginIn(await readJson(incoming(c))));
    c.header('Set-Cookie', cookie);
    return send(c, 201, session);
  });
  app.get(SESSION_PATH, (c) => send(c, 200, door(c).session(incoming(c))));
  app.delete(SESSION_PATH, (c) => {
    c.header('Set-Cookie', door(c).logOut(incoming(c)));
    return c.body(null, 204);
  });

  app.get('/', (c, next) => (isConsoleHost(c) ? c.redirect(`${CONSOLE_PATH}/`) : next()));
  app.get(`${CONSOLE_PATH}/*`, (c, next) => {
    const path = (incoming(c).url ?? '').split('?', 1)[0] ?? '';
    if (c.env.door.console === undefined || path === `${CONSOLE_PATH}/codes`) return next();
    door(c).check(incoming(c));
    // What the page names is relative to it.
    if (path === CONSOLE_PATH) return c.redirect(`${CONSOLE_PATH}/`, 308);
    return servePage(c, pages, path.slice(CONSOLE_PATH.length + 1));
  });
}

function door(c: Context<Env>): ConsoleDoor {
  const found = c.env.door.console;
  if (found === undefined) throw noSuchEndpoint(c.req.path);
  return found;
}

function incoming({ env }: Context<Env>): IncomingMessage {
  return env.incoming;
}

function servePage(c: Context<Env>, pages: ConsolePages, path: string): Response {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) c.header(name, value);
  const page = pages.find(path);
  if (page === undefined) {
    c.header('Content-Type', 'text/plain; charset=utf-8');
    return c.body(pages.areBuilt ? 'There is no such page.\n' : NOT_BUILT, 404);
  }
  c.header('Cache-Control', page.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  c.header('ETag', page.etag);
  c.header('Vary', 'Accept-Encoding');
  if (c.req.header('If-None-Match') === page.etag) return c.body(null, 304);
  const gzip = takesGzip(c.req.header('Accept-Encoding')) ? page.gzip : undefined;
  if (gzip !== undefined) c.header('Content-Encoding', 'gzip');
  c.header('Content-Type', page.type);
  return c.body(new Uint8Array(gzip ?? page.plain));
}

/** Whether a client takes gzip (RFC 9110, 12.5.3). */
function takesGzip(accepted = ''): boolean {
  return accepted
    .split(',')
    .map((each) =>
      each
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/),
    )
    .some(([coding, quality = 'q=1']) => coding === 'gzip' && Number(quality.replace('q=', '')) > 0);
}

/** Whether a request is for the host of the console, which has nothing else. */
function isConsoleHost(c: Context<Env>): boolean {
  return c.env.door.console?.isConsoleHost(incoming(c)) === true;
}

function loginIn(document: unknown): ConsoleLogin {
  const { success, data } = ConsoleLogin.safeParse(document);
  if (success) return data;
  throw new AppsApiError({
    id: 'invalid_input',
    status: 422,
    message: 'A login has either a code or a token.',
  });
}

const NOT_BUILT =
  'The pages of the console were not built with this aka. To build them: npm run build. The API is served all the same.\n';
