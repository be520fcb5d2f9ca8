import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { acceptWebSocket } from './websocket.mjs';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;

/**
 * What the API server asks kubelets for. Programs of exec, and of attach with the command of the container, are run on
 * this machine; with a terminal, they share one output and print what it is resized to. A port of a pod is this
 * machine's. Logs are the annotation fake/log, or a line that names the container.
 */
export function serveKubelet(api, port, { onEnd }) {
  const server = https.createServer(certificate(), async (request, response) => {
    const [, action, namespace, name, container] = new URL(request.url, 'https://kubelet').pathname.split(
      '/',
    );
    if (action !== 'containerLogs') return response.writeHead(404).end('only logs\n');
    const pod = await podOf(api, namespace, name);
    response.end(`${pod.metadata.annotations?.['fake/log'] ?? `log of ${name} ${container}`}\n`);
  });
  server.on('upgrade', (request, socket) => {
    socket.on('error', () => {});
    const url = new URL(request.url, 'https://kubelet');
    const [, action, namespace, name] = url.pathname.split('/');
    serveStream(action, { api, namespace, name, url, request, socket, onEnd }).catch((error) => {
      console.log(`${action} ${name}: ${error.message}`);
      socket.destroy();
    });
  });
  server.listen(port, '127.0.0.1');
}

async function serveStream(action, { api, namespace, name, url, request, socket, onEnd }) {
  // As real ones do.
  if (!(request.headers.accept ?? '*/*').includes('*/*'))
    return socket.end('HTTP/1.1 406 Not Acceptable\r\n\r\n');
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/, */);
  if (!offered.includes('v4.channel.k8s.io')) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  const stream = acceptWebSocket(request, socket, 'v4.channel.k8s.io');
  const query = url.searchParams;
  if (action === 'portForward') return forward(stream, Number(query.get('ports') ?? query.get('port')));
  const pod = await podOf(api, namespace, name);
  if (action === 'exec') await runProgram(stream, query.getAll('command'), query);
  else {
    const { command = [], args = [], env } = pod.spec.containers[0];
    // Kubernetes replaces variables in commands; here are none.
    const argv = [...command, ...args].map((argument) => argument.replaceAll('$$', '$'));
    const exit = await runProgram(stream, argv, query, env);
    await onEnd(pod, exit);
  }
}

async function runProgram(stream, argv, query, env = []) {
  const isTerminal = ['1', 'true'].includes(query.get('tty'));
  const vars = Object.fromEntries(env.map(({ name, value = '' }) => [name, value.replaceAll('$$', '$')]));
  const child = spawn(argv[0], argv.slice(1), { env: { PATH: process.env.PATH, ...vars } });
  child.stdin.on('error', () => {});
  child.stdout.on('data', (data) => stream.send(STDOUT, data));
  child.stderr.on('data', (data) => stream.send(isTerminal ? STDOUT : STDERR, data));
  const reading = stream.read((channel, data) => {
    if (channel === STDIN) child.stdin.write(data);
    if (channel === RESIZE) stream.send(STDOUT, `resized to ${data}\n`);
  });
  // A client that went away ends the program.
  reading.then(
    () => child.kill(),
    () => child.kill(),
  );
  const exit = await new Promise((resolve) => {
    child.on('close', (code) => resolve(code ?? 137));
    child.on('error', () => resolve(127));
  });
  stream.send(ERROR, JSON.stringify(statusOf(exit)));
  stream.close();
  return exit;
}

function statusOf(exit) {
  if (exit === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${exit}`,
    details: { causes: [{ reason: 'ExitCode', message: String(exit) }] },
  };
}

/** Channel 0 has the data, channel 1 the errors; each begins with the port in two bytes. */
function forward(stream, port) {
  const head = Buffer.from([port & 255, port >> 8]);
  stream.send(0, head);
  stream.send(1, head);
  const target = net.connect(port, '127.0.0.1');
  target.on('data', (data) => stream.send(0, data));
  target.on('error', (error) => stream.send(1, error.message));
  target.on('close', () => stream.close());
  const end = () => target.end();
  return stream.read((channel, data) => channel === 0 && target.write(data)).then(end, end);
}

async function podOf(api, namespace, name) {
  return (await api.get(`/api/v1/namespaces/${namespace}/pods/${name}`)).body;
}

/** The API server doesn't check it. */
function certificate() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fake-kubelet-'));
  const [key, cert] = [path.join(folder, 'key'), path.join(folder, 'cert')];
  const made = [
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
    '-days',
    '30',
    '-subj',
    '/CN=fake',
  ];
  execFileSync('openssl', ['req', '-x509', ...made], { stdio: 'ignore' });
  const files = { key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
  fs.rmSync(folder, { recursive: true });
  return files;
}
