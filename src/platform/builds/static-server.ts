import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '../files/remove-tree.js';

const FILE = '.static-server.cjs';

/** Starts the server that a slug of static files gets. */
export const STATIC_COMMAND = `node ${FILE}`;

/** Puts the server into the folder of an app. */
export async function addStaticServer(folder: string): Promise<void> {
  const file = join(folder, FILE);
  await removeTree(file);
  await writeFile(file, STATIC_SERVER, { flag: 'wx', mode: 0o644 });
}

/**
 * A program for Node.js that serves the files beside it, without those in a path with a leading dot: GET and HEAD, an
 * index.html for a folder, 404.html for what isn't there. Links lead nowhere outside.
 */
const STATIC_SERVER = String.raw`'use strict';
const { createHash } = require('node:crypto');
const { createReadStream, promises: fs } = require('node:fs');
const { createServer } = require('node:http');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');

const TYPES = {
  avif: 'image/avif', css: 'text/css; charset=utf-8', gif: 'image/gif', htm: 'text/html; charset=utf-8',
  html: 'text/html; charset=utf-8', ico: 'image/x-icon', jpeg: 'image/jpeg', jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8', json: 'application/json', map: 'application/json',
  md: 'text/markdown; charset=utf-8', mjs: 'text/javascript; charset=utf-8', mp3: 'audio/mpeg', mp4: 'video/mp4',
  pdf: 'application/pdf', png: 'image/png', svg: 'image/svg+xml', txt: 'text/plain; charset=utf-8',
  wasm: 'application/wasm', webmanifest: 'application/manifest+json', webm: 'video/webm', webp: 'image/webp',
  woff: 'font/woff', woff2: 'font/woff2', xml: 'application/xml',
};
const root = __dirname;
/** By path: times of files say nothing, since the next slug may have the same. */
const tags = new Map();

async function tagOf(file) {
  if (!tags.has(file)) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    tags.set(file, '"' + hash.digest('base64url').slice(0, 27) + '"');
  }
  return tags.get(file);
}

async function fileAt(name) {
  const real = await fs.realpath(path.join(root, name));
  if (real !== root && !real.startsWith(root + path.sep)) return undefined;
  if (path.relative(root, real).split(path.sep).some((part) => part.startsWith('.'))) return undefined;
  return { real, stats: await fs.stat(real) };
}

async function find(pathname) {
  const found = await fileAt(pathname).catch(() => undefined);
  if (found === undefined || found.stats.isFile()) return found;
  if (!pathname.endsWith('/')) return { redirect: true };
  const index = await fileAt(pathname + 'index.html').catch(() => undefined);
  return index !== undefined && index.stats.isFile() ? index : undefined;
}

async function answer(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return response.writeHead(405, { allow: 'GET, HEAD' }).end();
  }
  const [target, ...query] = request.url.split('?');
  let pathname;
  try {
    pathname = path.posix.normalize('/' + decodeURIComponent(target));
  } catch {
    return response.writeHead(400).end();
  }
  const isHidden = pathname.includes('\0') || pathname.split('/').some((part) => part.startsWith('.'));
  let found = isHidden ? undefined : await find(pathname);
  if (found !== undefined && found.redirect) {
    const location = [encodeURI(pathname) + '/', ...query].join('?');
    return response.writeHead(301, { location }).end();
  }
  const status = found === undefined ? 404 : 200;
  found = found || (await fileAt('/404.html').catch(() => undefined));
  if (found === undefined || !found.stats.isFile()) {
    return response.writeHead(404, { 'content-type': TYPES.txt }).end('Not found\n');
  }
  const { real, stats } = found;
  const headers = {
    'content-type': TYPES[path.extname(real).slice(1).toLowerCase()] || 'application/octet-stream',
    'content-length': stats.size,
    etag: await tagOf(real),
    'x-content-type-options': 'nosniff',
  };
  const known = (request.headers['if-none-match'] || '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (status === 200 && known.includes(headers.etag)) {
    return response.writeHead(304, { etag: headers.etag }).end();
  }
  response.writeHead(status, headers);
  if (request.method === 'HEAD') return response.end();
  createReadStream(real).on('error', () => response.destroy()).pipe(response);
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => {
    if (response.headersSent) response.destroy();
    else response.writeHead(500).end();
  });
}).listen(process.env.PORT || 5000, () => console.log('Serving static files on port ' + server.address().port));
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
`;
