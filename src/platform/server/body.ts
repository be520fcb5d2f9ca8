import type { IncomingMessage } from 'node:http';
import { AppsApiError } from '../../contract/errors.js';

/** The most that a request body may have, in bytes. */
export const BODY_BYTES_MAX = 1024 * 1024;

/**
 * Reads the JSON body of a request. Throws an AppsApiError: 415 for another content type (none will do: clients of
 * Akkeris may leave it out), 413 above 1 MiB (counted as it arrives, whatever Content-Length says), 400 if it is empty,
 * cut off or no JSON. Its text is never repeated in an error: it may hold secrets.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  checkContentType(request);
  return parseJson(await readBytes(request));
}

/** The JSON document in some bytes. Throws an AppsApiError (400) if they hold none, or one that says a thing twice. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw bad('empty_body', 'The request has no body.', 'Send a JSON document.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw bad('malformed_json', 'The body is not UTF-8.');
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw bad('malformed_json', 'The body is not JSON.', 'Check its quotes, commas and brackets.');
  }
  // Which of the two is meant can't be known, and what is made of it may be for ever.
  if (hasDoubleMember(text)) throw bad('double_member', 'An object of the body has one member twice.');
  return document;
}

/** Whether an object in some JSON, which must be well formed, has two members of one name. */
function hasDoubleMember(json: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  let atName = false;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
    const members = open.at(-1);
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ',' && atName && members !== undefined) {
      const name = JSON.parse(token) as string;
      if (members.has(name)) return true;
      members.add(name);
    }
    atName = token === '{' || token === ',';
  }
  return false;
}

/**
 * Text, forms and the like are what a page of another site can have a browser send without asking. It can leave the type
 * out as well, but then, as with any POST, the browser says which site it is: the door turns that away.
 */
function checkContentType(request: IncomingMessage): void {
  const given = request.headers['content-type'] ?? 'application/json';
  const [type = '', ...parameters] = given.toLowerCase().split(/\s*;\s*/);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (
    type.trim() === 'application/json' &&
    /^(charset="?utf-8"?)?$/.test(charset ?? '') &&
    codingOf(request) === 'identity'
  )
    return;
  throw new AppsApiError({
    id: 'unsupported_media_type',
    status: 415,
    message: 'The body must be JSON in UTF-8, not compressed.',
    hint: 'Send it with Content-Type: application/json',
  });
}

/**
 * The body of a request as it comes, whatever it is. Throws an AppsApiError: 415 if it is compressed for its way, 400 if
 * it is cut off.
 */
export async function* bytesOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  if (codingOf(request) !== 'identity') {
    throw new AppsApiError({
      id: 'unsupported_media_type',
      status: 415,
      message: 'The body must be the content itself.',
      hint: 'Send it without Content-Encoding.',
    });
  }
  yield* chunksOf(request);
}

async function* chunksOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    // Leaving the loop must not end the connection: the answer goes back on it.
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch {
    throw bad('incomplete_body', 'The connection ended before the body was complete.');
  }
}

function codingOf(request: IncomingMessage): string {
  return request.headers['content-encoding']?.toLowerCase() ?? 'identity';
}

/** The body of a request. Throws an AppsApiError: 413 above 1 MiB, 400 if it is cut off. */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(request)) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) break;
    chunks.push(chunk);
  }
  if (size > BODY_BYTES_MAX) {
    throw new AppsApiError({
      id: 'body_too_large',
      status: 413,
      message: `The body is larger than ${BODY_BYTES_MAX} bytes.`,
      hint: 'Send it in several requests.',
    });
  }
  return Buffer.concat(chunks);
}

function bad(id: string, message: string, hint?: string): AppsApiError {
  return new AppsApiError({ id, status: 400, message, hint });
}
