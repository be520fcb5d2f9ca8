import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Context, Hono } from 'hono';
import type { Page } from '../../contract/apps-api.js';
import { DAEMON_PATH, DAEMON_STOP_PATH } from '../../contract/daemon.js';
import {
  type Endpoint,
  hasBody,
  NONE_THERE,
  type Operation,
  operations,
  pathWith,
  TAKEN,
} from '../../contract/endpoints.js';
import { AppsApiError } from '../../contract/errors.js';
import {
  auditExport,
  EVENTS_TYPE,
  eventStream,
  LAST_EVENT_ID,
  LINES_TYPE,
  logReads,
  sourceUpload,
} from '../../contract/streams.js';
import { quote } from '../../model/rule.js';
import type { Caller } from '../caller.js';
import type { Platform } from '../platform.js';
import { answerTo, commonHeaders } from './answers.js';
import { bytesOf, readJson } from './body.js';
import { consoleRoutes } from './console-routes.js';
import type { DaemonControl } from './daemon-control.js';
import { GITHUB_HOOK_PATH, takeGitHubEvent } from './github-hook.js';
import { inputOf, queryOf, refuseQuery } from './input.js';
import { openApiDocument } from './openapi.js';
import { type Env, noSuchEndpoint, send } from './routing.js';
import { bodyOf, EVENTS, LINES } from './streams.js';

/**
 * The Apps API of a platform as a web application: one route an operation, made from the contract's table. Routes
 * only translate; the platform parses, decides and answers. `log` takes the lines of the server's log; `control`
 * is for the user's own socket only.
 */
export function routes(platform: Platform, log: (line: string) => void, control?: DaemonControl): Hono<Env> {
  const app = new Hono<Env>({ getPath: (_, options) => split(incomingOf(options?.env)).path });
  const refuse = (c: Context<Env>, error: unknown): Response => {
    const answer = answerTo(error, c.get('requestId'), log);
    if (answer.status === 401) c.header('WWW-Authenticate', 'Bearer');
    return send(c, answer.status, answer.body);
  };
  app.onError((error, c) => refuse(c, error));
  app.notFound((c) => refuse(c, noSuchEndpoint(c.req.path)));

  app.use(async (c, next) => {
    const requestId = randomUUID();
    c.set('requestId', requestId);
    for (const [name, value] of Object.entries(commonHeaders(requestId))) c.header(name, value);
    checkTarget(c.env.incoming.url ?? '');
    await next();
  });

  // Its signature opens it, whatever door it comes in by.
  app.post(GITHUB_HOOK_PATH, async (c) =>
    send(c, 202, await takeGitHubEvent(platform, c.req.param('reporter'), c.env.incoming)),
  );

  consoleRoutes(app);

  app.use(async (c, next) => {
    const admit = (): Caller => c.env.door.admit(c.env.incoming);
    const { origin, session } = admit();
    const cookie = session === undefined ? undefined : c.env.door.console?.renewal(session);
    if (cookie !== undefined) c.header('Set-Cookie', cookie);
    c.set('origin', origin);
    c.set('api', () => platform.as(admit()));
    await next();
  });

  if (control !== undefined) {
    app.get(DAEMON_PATH, async (c) => {
      ownSocket(c);
      return send(c, 200, await control.status());
    });
    app.post(DAEMON_STOP_PATH, (c) => {
      ownSocket(c);
      control.stop();
      return send(c, 202, {});
    });
  }
  const methods = new Map<string, string[]>([['/openapi.json', ['GET']]]);
  app.get('/openapi.json', (c) => send(c, 200, openApiDocument()));
  const serve = (endpoint: Endpoint, answer: (c: Context<Env>) => Promise<Response>): void => {
    const path = pathWith(endpoint, (member) => `:${member}`);
    methods.set(path, [...(methods.get(path) ?? []), endpoint.method]);
    app.on(endpoint.method, path, answer);
  };
  for (const operation of operations) serve(operation.endpoint, (c) => perform(c, operation));
  for (const { endpoint, of } of logReads) {
    serve(endpoint, (c) => showLines(c, endpoint, of(c.get('api')()), log));
  }
  serve(auditExport, (c) =>
    showLines(
      c,
      auditExport,
      async (filter, signal) =>
        c
          .get('api')()
          .audits.export(filter as object, signal),
      log,
    ),
  );
  serve(eventStream, (c) => showEvents(c, log));
  serve(sourceUpload, takeSource);
  for (const [path, allowed] of methods) {
    const allow = [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
    app.all(path, (c) => {
      c.header('Allow', allow);
      return c.req.method === 'OPTIONS'
        ? c.body(null, 204)
        : refuse(c, methodNotAllowed(c.req.method, allow));
    });
  }
  return app;
}

/** Hides what is for the user's own socket only. */
function ownSocket(c: Context<Env>): void {
  if (c.get('origin') !== 'unix') throw noSuchEndpoint(c.req.path);
}

async function perform(c: Context<Env>, { endpoint, of }: Operation): Promise<Response> {
  const { search } = split(c.env.incoming);
  const inBody = hasBody(endpoint);
  if (inBody) refuseQuery(search);
  const rest = inBody ? await readJson(c.env.incoming) : queryOf(search);
  const key = c.req.header('Idempotency-Key');
  const options = key === undefined ? {} : { idempotencyKey: key };
  const input = inputOf(endpoint, c.req.param(), rest);
  const result = await of(c.get('api')())(input, options).catch((error: unknown) => {
    if (endpoint.takenIsInvalid === true && error instanceof AppsApiError && TAKEN.includes(error.id)) {
      const { id, message, hint, details } = error;
      throw new AppsApiError({ id, status: 422, message, hint, details });
    }
    // hono lets nothing else reach its error handler.
    throw error instanceof Error ? error : new TypeError('Something was thrown that is no error.');
  });
  if (endpoint.paged !== true) return send(c, endpoint.status ?? 200, onWire(endpoint, result));
  const page = result as Page<unknown>;
  if (page.next !== undefined) c.header('Next-Cursor', page.next);
  return send(c, 200, page.items);
}

/** A result as it is on the wire where clients of Akkeris expect it otherwise than we have it. */
function onWire({ form, ...endpoint }: Endpoint, result: unknown): unknown {
  if (form !== undefined) return onWire(endpoint, form.toWire(result as never));
  const { oldestFirst, oneAlone } = endpoint;
  if (oldestFirst === true) return (result as unknown[]).toReversed();
  if (oneAlone === undefined) return result;
  const items = result as unknown[];
  if (items.length === 0) {
    throw new AppsApiError({ id: NONE_THERE, status: 404, message: oneAlone });
  }
  return items.length === 1 ? items[0] : items;
}

async function takeSource(c: Context<Env>): Promise<Response> {
  const { incoming } = c.env;
  const given = queryOf(split(incoming).search);
  return send(c, sourceUpload.status, await c.get('api')().sources.upload(bytesOf(incoming), given));
}

async function showLines(
  c: Context<Env>,
  endpoint: Endpoint,
  read: (filter: unknown, signal: AbortSignal) => Promise<AsyncIterable<unknown>>,
  log: (line: string) => void,
): Promise<Response> {
  const filter = inputOf(endpoint, c.req.param(), queryOf(split(c.env.incoming).search));
  const gone = new AbortController();
  const lines = await read(filter, AbortSignal.any([gone.signal, c.env.streaming.closing]));
  const body = bodyOf(lines, {
    form: LINES,
    signOfLife: c.env.streaming.signOfLife,
    end: () => gone.abort(),
    failed: (error) => answerTo(error, c.get('requestId'), log),
  });
  return c.body(body, 200, { 'Content-Type': LINES_TYPE });
}

async function showEvents(c: Context<Env>, log: (line: string) => void): Promise<Response> {
  const { incoming, streaming } = c.env;
  // A browser that was cut off asks for the same address again.
  const last = c.req.header(LAST_EVENT_ID);
  const since = last !== undefined && /^\d{1,15}$/.test(last) ? { since: last } : {};
  const filter = { ...queryOf(split(incoming).search), ...since };
  const gone = new AbortController();
  const events = await c
    .get('api')()
    .events.read(filter as object, AbortSignal.any([gone.signal, streaming.closing]));
  const body = bodyOf(events, {
    form: EVENTS,
    signOfLife: streaming.eventComment,
    end: () => gone.abort(),
    failed: (error) => answerTo(error, c.get('requestId'), log),
    slow: { after: streaming.slowest, cut: () => incoming.socket.destroy() },
  });
  return c.body(body, 200, { 'Content-Type': EVENTS_TYPE });
}

function incomingOf(env: Env['Bindings'] | undefined): IncomingMessage {
  if (env === undefined) throw new TypeError('A request came in by no door.');
  return env.incoming;
}

/** The target of a request as it was sent, so that nothing in it is resolved away; a slash at the end says nothing. */
function split({ url = '/' }: IncomingMessage): { path: string; search: string } {
  const [path = '', ...search] = url.split('?');
  return { path: path.replace(/\/+$/, '') || '/', search: search.join('?') };
}

function checkTarget(target: string): void {
  try {
    if (target.startsWith('/') && decodeURIComponent(target) !== '') return;
  } catch {
    // An escape that stands for no character, refused below as any other.
  }
  throw new AppsApiError({
    id: 'bad_path',
    status: 400,
    message: `${quote(target)} is not a path of this API.`,
  });
}

function methodNotAllowed(method: string, allow: string): AppsApiError {
  return new AppsApiError({
    id: 'method_not_allowed',
    status: 405,
    message: `${quote(method)} is not possible here.`,
    hint: `Possible are ${allow}.`,
  });
}
