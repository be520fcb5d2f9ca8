import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError } from '../../contract/errors.js';
import { quote } from '../../model/rule.js';
import { JSON_TYPE } from './answers.js';
import type { Door } from './doors.js';
import type { Streaming } from './streams.js';

/** What every route has. */
export interface Env {
  Bindings: HttpBindings & { door: Door; streaming: Streaming };
  Variables: {
    /** On behalf of whoever asks, if they may still come in: to be called when all that they send is there. */
    api: () => AppsApi;
    origin: string;
    requestId: string;
  };
}

/** A JSON document as an answer. */
export function send(c: Context<Env>, status: number, body: unknown): Response {
  return c.body(JSON.stringify(body), status as ContentfulStatusCode, { 'Content-Type': JSON_TYPE });
}

/** The answer where there is nothing. */
export function noSuchEndpoint(path: string): AppsApiError {
  return new AppsApiError({
    id: 'no_such_endpoint',
    status: 404,
    message: `There is no ${quote(path)} in this API.`,
    hint: 'GET /openapi.json describes it; paths are in lower case.',
  });
}
