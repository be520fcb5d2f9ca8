// What it costs to have a program in a dyno: against the same program started bare, and against one dyno alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { byTurns, median, sized, timed } from './measure.mjs';
import { heading, judged, remark, stated } from './report.mjs';
import { inFolder, root } from './sandbox.mjs';
import { sources } from './sources.mjs';

const TURNS = 15;
const ROUNDS = sized(3, 1);
const SPACES = sized(10, 2);
const DYNOS_PER_SPACE = sized(10, 2);
const PATIENCE_MS = 30_000;
/** It says where it listens: asking again and again would take time from what is measured. */
const SERVER = `const server = require('node:http').createServer((_, r) => r.end('ok'));
server.listen(process.env.PORT, () => console.log(server.address().port));`;

const { openEngine, agentCommand, parsePool, DYNO_HOSTS } = await sources(
  'src/platform/engine/open.ts',
  'src/platform/engine/agent-command.ts',
  'src/model/addresses.ts',
);

setFlagsFromString('--expose-gc');
/** What waits for dynos to listen, by their ids. */
const onUp = new Map();
const collectGarbage = runInNewContext('gc');

await inFolder(async (folder) => {
  chmodSync(folder, 0o755);
  const slug = join(folder, 'slug');
  mkdirSync(slug, { mode: 0o755 });
  writeFileSync(join(slug, 'server.js'), SERVER, { mode: 0o644 });
  const engine = await openEngine({
    dir: join(folder, 'engine'),
    name: `bench-${process.pid}`,
    pool: parsePool('10.64.0.0/10'),
    agent: agentCommand(root),
    events: { onExit() {}, onOutput: (id) => onUp.get(id)?.() },
  });
  const { mode, rootless, sharedPorts } = engine.facts;
  heading(
    `Dynos in ${mode === 'subnet' ? 'subnets' : 'the loopback network'}${rootless ? ', without root' : ''}`,
  );
  if (mode !== 'subnet') remark('(no namespaces here: this says nothing of real subnets)');
  try {
    const dynos = everyDyno({ slug, sharedPorts });
    for (let space = 0; space < SPACES; space++)
      await engine.ensureSpace({ name: `s${space}`, network: { first: space, count: 1 } });
    await one(engine, dynos[0], slug);
    await many(engine, dynos, slug);
  } finally {
    await engine.close();
  }
});

/** A dyno for each, of the servers of all spaces. */
function everyDyno({ slug, sharedPorts }) {
  return Array.from({ length: SPACES * DYNOS_PER_SPACE }, (_, number) => {
    const space = number % SPACES;
    const port = sharedPorts ? 42_000 + number : 3000;
    return {
      id: `web.${number}`,
      space: `s${space}`,
      address: space * 256 + DYNO_HOSTS.first + Math.floor(number / SPACES),
      slug,
      limits: { memory: 256 * 1024 * 1024, pids: 128 },
      hosts: [],
      port,
      program: {
        argv: [process.execPath, 'server.js'],
        env: { PATH: '/usr/bin:/bin', PORT: String(port) },
      },
    };
  });
}

async function one(engine, dyno, slug) {
  const started = [];
  const took = await byTurns(TURNS, {
    bare: () => bare(slug),
    dyno: async () => {
      const ms = await timed(() => up(engine, dyno, (until) => started.push(until)));
      await engine.stop(dyno.id, 0);
      return ms;
    },
  });
  stated('a server of Node, bare, to its port open', took.bare, 'ms');
  stated('a dyno of it, until its program was started', median(started), 'ms');
  judged('a dyno of it to its port open, against bare', took.dyno / took.bare, 3);
}

/** On a port that is free. */
async function bare(slug) {
  let child;
  const ms = await timed(async () => {
    child = spawn(process.execPath, ['server.js'], {
      cwd: slug,
      env: { PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [port] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) });
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
  });
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  return ms;
}

async function many(engine, dynos, slug) {
  const rounds = { one: [], all: [], bare: [], memory: [], stopped: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rounds.bare.push(await timed(() => Promise.all(dynos.map(() => bare(slug)))));
    rounds.one.push(await timed(() => up(engine, dynos[0])));
    await down(engine, [dynos[0]]);
    const before = memory();
    rounds.all.push(await timed(() => Promise.all(dynos.map((dyno) => up(engine, dyno)))));
    rounds.memory.push((memory() - before) / dynos.length);
    rounds.stopped.push(await timed(() => down(engine, dynos)));
  }
  const alone = median(rounds.one);
  judged(`${dynos.length} in ${SPACES} spaces, against one`, median(rounds.all) / alone, 25);
  stated('all of them', median(rounds.all), 'ms');
  stated('all of them against as many bare', median(rounds.all) / median(rounds.bare), 'x');
  stated('all of them stopped and gone', median(rounds.stopped), 'ms');
  // The first round's, as later ones use again what it took.
  judged('memory of this process for a further dyno', rounds.memory[0], 0.3, 'MB');
}

/** Starts a dyno and waits for its port to be open. */
async function up(engine, { port, ...spec }, onStarted = () => {}) {
  const listens = new Promise((resolve) => {
    onUp.set(spec.id, resolve);
  });
  onStarted(await timed(() => engine.start(spec)));
  await listens;
  (await engine.dial(spec.id, port)).destroy();
}

function down(engine, dynos) {
  return Promise.all(dynos.map(({ id }) => engine.stop(id, 0)));
}

/** What this process holds, in MB. */
function memory() {
  collectGarbage();
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}
