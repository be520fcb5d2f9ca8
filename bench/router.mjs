// What the router costs: a bounded load on keep-alive connections, straight at a trivial server and through the
// router with TLS, by turns. Load, server and router are a process each.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { byTurns, median, sized } from './measure.mjs';
import { heading, judged, remark, stated } from './report.mjs';
import { root } from './sandbox.mjs';

const TURNS = 9;
const REQUESTS = sized(10_000, 320);
const HOST = 'web-bench.local.localhost';
const REQUEST = `GET /hello HTTP/1.1\r\nHost: ${HOST}\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`;

const processes = [];
try {
  const dyno = await start('dyno');
  const router = await start('router', String(dyno));
  const direct = () => connect({ port: dyno, host: '127.0.0.1', noDelay: true });
  const routed = () =>
    connectTls({
      port: router,
      host: '127.0.0.1',
      servername: HOST,
      rejectUnauthorized: false,
      noDelay: true,
    });
  heading(`The router, ${REQUESTS} requests on 32 connections that are kept`);
  const many = await byTurns(TURNS, {
    direct: () => load(direct, 32, REQUESTS).then(({ perSecond }) => perSecond),
    routed: () => load(routed, 32, REQUESTS).then(({ perSecond }) => perSecond),
  });
  stated('requests a second, straight at the server', many.direct, '/s');
  stated('through the router', many.routed, '/s');
  // At least 0.4 of the requests a second is at most 2.5 times the time of each.
  judged(
    `time a request against that (${(many.routed / many.direct).toFixed(2)} of the rate)`,
    many.direct / many.routed,
    2.5,
  );
  const one = await byTurns(TURNS, {
    direct: () => load(direct, 1, REQUESTS / 10).then(({ latency }) => latency),
    routed: () => load(routed, 1, REQUESTS / 10).then(({ latency }) => latency),
  });
  stated('median latency on one connection, straight', one.direct, 'ms');
  stated('added by the router', one.routed - one.direct, 'ms');
  remark('(with TLS, and the log record of each request)');
} finally {
  for (const each of processes) each.disconnect();
}

async function start(...args) {
  const child = fork(join(root, 'bench', 'router-process.mjs'), args);
  processes.push(child);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The process of the ${args[0]} ended with ${code}.`);
  });
  const [{ port }] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  return port;
}

/** Asks so often, on so many connections, each waiting for its answer before it asks again. */
async function load(open, connections, requests) {
  const latencies = [];
  let left = requests;
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = open();
      await once(socket, 'encrypted' in socket ? 'secureConnect' : 'connect');
      return socket;
    }),
  );
  const started = performance.now();
  await Promise.all(sockets.map((socket) => ask(socket)));
  const took = performance.now() - started;
  for (const socket of sockets) socket.destroy();
  return { perSecond: (requests * 1000) / took, latency: median(latencies) };

  function ask(socket) {
    return new Promise((resolve, reject) => {
      let text = '';
      let asked = 0;
      const next = () => {
        if (left-- <= 0) return resolve();
        text = '';
        asked = performance.now();
        socket.write(REQUEST);
      };
      socket.on('data', (chunk) => {
        text += chunk.latin1Slice();
        if (!isWhole(text)) return;
        if (!text.startsWith('HTTP/1.1 200 ')) return reject(new Error(text));
        latencies.push(performance.now() - asked);
        next();
      });
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('The connection was closed.')));
      next();
    });
  }
}

function isWhole(text) {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(text) ?? [];
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= head + 4 + Number(length);
}
