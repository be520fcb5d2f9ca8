// What it costs to have a platform run apps: from the request that asks for a dyno, to its being well and routed to.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { byTurns, median, sized, timed } from './measure.mjs';
import { heading, judged, remark, stated } from './report.mjs';
import { inFolder, Sandbox } from './sandbox.mjs';

const TURNS = 15;
const ROUNDS = sized(3, 1);
const SPACES = sized(10, 2);
const DYNOS_PER_SPACE = sized(10, 2);
const RATE = 200;
/** Milliseconds of load before a release and after it. */
const AROUND = sized(1000, 100);
const SERVER = `require('node:http').createServer((_, r) => r.end(process.env.SAYS || 'ok')).listen(process.env.PORT);`;

/** Below those that the kernel gives away. */
let nextPort = 26_000;

/** The Apps API of a daemon, over its unix socket. */
class Api {
  #socketPath;
  #agent = new Agent({ keepAlive: true });

  constructor(socketPath) {
    this.#socketPath = socketPath;
  }

  get(path) {
    return this.#send('GET', path);
  }

  patch(path, body) {
    return this.#send('PATCH', path, JSON.stringify(body));
  }

  #send(method, path, body) {
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const sent = request(
        { socketPath: this.#socketPath, agent: this.#agent, method, path, headers },
        (answer) => {
          let text = '';
          answer.on('data', (chunk) => {
            text += chunk;
          });
          answer.on('end', () => {
            if (answer.statusCode < 300) resolve(JSON.parse(text));
            else reject(new Error(`${method} ${path}: ${text}`));
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

await inFolder(async (folder) => {
  const sandbox = new Sandbox(folder);
  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'server.js'), SERVER);
  writeFileSync(join(app, 'Procfile'), 'web: node server.js\n');
  heading('Apps, run by the daemon');
  sandbox.aka('platform:start');
  // These take far less than their size says, and all of them are to run on any machine.
  const dynos = SPACES * DYNOS_PER_SPACE;
  sandbox.aka('platform:configure', '--capacity-memory', `${dynos}GiB`, '--capacity-cpu', String(dynos));
  try {
    const api = new Api(join(sandbox.folders.dataDir, 'aka.sock'));
    const idle = (await api.get('/daemon')).memory_bytes / 1024 ** 2;
    for (let space = 0; space < SPACES; space++) {
      sandbox.aka('spaces:create', `s${space}`);
      sandbox.aka('apps:create', 'web', '--space', `s${space}`);
      sandbox.aka('deploy', app, '-a', `web-s${space}`);
      await scale(api, [`web-s${space}`], 0);
    }
    await one(api, app);
    await many(api, app);
    judged('memory of the daemon, idle', idle, 120, 'MB');
    await release(api, sandbox);
  } finally {
    sandbox.aka('platform:stop', '--timeout', '60');
  }
});

async function one(api, app) {
  const took = await byTurns(TURNS, {
    bare: () => bare(app),
    dyno: async () => {
      const ms = await timed(() => scale(api, ['web-s0'], 1));
      await scale(api, ['web-s0'], 0);
      return ms;
    },
  });
  stated('a server of Node, bare, to its port open', took.bare, 'ms');
  stated('a dyno of it, from the request to its being well', took.dyno, 'ms');
  judged('the same, against bare', took.dyno / took.bare, 3);
}

/** A server without a platform, until it answers. */
async function bare(app) {
  const port = nextPort++;
  let child;
  const ms = await timed(async () => {
    child = spawn(process.execPath, ['server.js'], {
      cwd: app,
      env: { PORT: String(port) },
      stdio: 'ignore',
    });
    while (!(await listens(port))) await new Promise((resolve) => setTimeout(resolve, 1));
  });
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  return ms;
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true) || socket.destroy());
    socket.once('error', () => resolve(false));
  });
}

async function many(api, app) {
  const apps = Array.from({ length: SPACES }, (_, space) => `web-s${space}`);
  const rounds = { one: [], all: [], bare: [], memory: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rounds.bare.push(
      await timed(() => Promise.all(Array.from({ length: SPACES * DYNOS_PER_SPACE }, () => bare(app)))),
    );
    rounds.one.push(await timed(() => scale(api, ['web-s0'], 1)));
    await scale(api, ['web-s0'], 0);
    const before = (await api.get('/daemon')).memory_bytes;
    rounds.all.push(await timed(() => scale(api, apps, DYNOS_PER_SPACE)));
    rounds.memory.push(
      ((await api.get('/daemon')).memory_bytes - before) / 1024 ** 2 / (SPACES * DYNOS_PER_SPACE),
    );
    await scale(api, apps, 0);
  }
  judged(
    `${SPACES * DYNOS_PER_SPACE} in ${SPACES} spaces, against one`,
    median(rounds.all) / median(rounds.one),
    25,
  );
  stated('all of them', median(rounds.all), 'ms');
  stated('all of them against as many bare', median(rounds.all) / median(rounds.bare), 'x');
  // Of the first round, as later ones use again what it took.
  judged('memory of the daemon for a further dyno', rounds.memory[0], 0.3, 'MB');
}

/** Has so many dynos of each app, and waits until they are well, or gone. */
async function scale(api, apps, quantity) {
  await Promise.all(apps.map((app) => api.patch(`/apps/${app}/formation/web`, { quantity })));
  await Promise.all(
    apps.map(async (app) => {
      for (;;) {
        const dynos = await api.get(`/apps/${app}/dynos`);
        if (dynos.length === quantity && dynos.every(({ state }) => state === 'up')) return;
        await new Promise((resolve) => setTimeout(resolve, apps.length === 1 ? 5 : 100));
      }
    }),
  );
}

/** Releases an app of four dynos while it is asked so many times a second. */
async function release(api, { folders }) {
  await scale(api, ['web-s0'], 4);
  const { web_url: url } = await api.get('/apps/web-s0');
  const authorities = join(folders.configDir, 'authorities');
  const ca = readFileSync(join(authorities, readdirSync(authorities)[0], 'ca.pem'));
  const agent = new HttpsAgent({ keepAlive: true, maxSockets: 50, ca });
  const before = new Set((await api.get('/apps/web-s0/dynos')).map(({ id }) => id));
  const waiting = [];
  const load = setInterval(() => waiting.push(status(url, agent)), 1000 / RATE);
  await new Promise((resolve) => setTimeout(resolve, AROUND));
  await api.patch('/apps/web-s0/config-vars', { SAYS: 'new' });
  for (;;) {
    const dynos = await api.get('/apps/web-s0/dynos');
    if (dynos.length === 4 && dynos.every(({ id, state }) => state === 'up' && !before.has(id))) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await new Promise((resolve) => setTimeout(resolve, AROUND));
  clearInterval(load);
  const answers = await Promise.all(waiting);
  agent.destroy();
  remark(`(a release of 4 dynos under ${RATE} requests/s: ${answers.length} requests)`);
  judged('requests that failed meanwhile', answers.filter((code) => code !== 200).length, 0, 'of them');
}

function status(url, agent) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, servername: hostname, headers: { host: hostname }, agent };
    httpsRequest(options, (answer) => answer.resume().on('end', () => resolve(answer.statusCode)))
      .on('error', () => resolve(0))
      .end();
  });
}
