import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { recorded } from '../contract/akkeris/exchanges.js';
import { FakeAkkeris, type Fault, onTheWire, TOKEN } from '../contract/akkeris/fake.js';
import { ROOT, type User } from './aka.js';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';

/*
 * The built aka against an Akkeris installation that fails in every way: the right exit code, one JSON document, an end in
 * time, no secret, bounded memory; and of a change, the truth about what became of it.
 */

/** What AKA_TIMEOUT is set to, in seconds, and how long a command may take then: it makes several calls, and starts. */
const TIMEOUT = '1';
const MEGABYTE = 1024 * 1024;

let akkeris: FakeAkkeris;
let env: Record<string, string>;

beforeEach(async () => {
  akkeris = await FakeAkkeris.start();
  env = { AKKERIS_API_HOST: akkeris.url, API_TOKEN: TOKEN, AKA_TIMEOUT: TIMEOUT };
});

afterEach(() => akkeris.close());

/** Answers with bytes of whatever kind, and ends the connection. */
function bytes(make: (whole: Buffer) => Buffer): Fault {
  return (_, response, answer) => {
    response.socket?.end(make(onTheWire(answer())));
    return true;
  };
}

function status(code: number, headers: Record<string, string>, body: string): Fault {
  return (_, response) => {
    response.writeHead(code, headers).end(body);
    return true;
  };
}

/** Goes on for ever, or until nobody reads any more. */
function endless(first: string, more: string): Fault {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write(first);
    const write = (): void => {
      while (!response.destroyed && response.write(more));
      if (!response.destroyed) response.once('drain', write);
    };
    write();
    return true;
  };
}

const html = recorded('gw-malformed-json').response.bodyText ?? '';
const nothing: Fault = () => true;
/** A byte at a time, each of which comes in time. */
const dripping: Fault = (_, response, answer) => {
  const whole = onTheWire(answer());
  let at = 0;
  const timer = setInterval(() => {
    if (at === whole.length || response.destroyed) clearInterval(timer);
    else response.socket?.write(whole.subarray(at, ++at));
  }, 50);
  response.once('close', () => clearInterval(timer));
  return true;
};

const FAULTS: [name: string, fault: Fault, exit: number][] = [
  ['never answers', nothing, 6],
  ['answers too slowly', dripping, 6],
  ['hangs up', bytes(() => Buffer.alloc(0)), 6],
  ['hangs up within the status', bytes((whole) => whole.subarray(0, 5)), 6],
  ['hangs up within the headers', bytes((whole) => whole.subarray(0, 40)), 6],
  ['hangs up within the body', bytes((whole) => whole.subarray(0, -20)), 6],
  ['answers garbage', bytes(() => randomBytes(4000)), 6],
  ['answers garbage as JSON', status(200, { 'content-type': 'application/json' }, '\u0000{]'), 6],
  ['answers something else', status(200, { 'content-type': 'text/html' }, html), 6],
  ['has had enough', status(429, { 'retry-after': '3600' }, 'Too Many Requests'), 6],
  ['has a broken front', status(502, { 'content-type': 'text/html' }, html), 6],
  ['fails', status(500, { 'content-type': 'application/json' }, 'Internal Server Error'), 6],
  ['redirects for ever', status(302, { location: '/spaces' }, ''), 6],
  ['has no place for us', status(401, {}, ''), 3],
  ['answers 100 MB', endless('[', `"${'x'.repeat(MEGABYTE)}",`), 6],
  ['answers 100 MB of headers', bytes(() => Buffer.from(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(MEGABYTE)}`)), 6],
];

/** The peak of a command's memory, in MB. */
async function peakOf(user: User, argv: readonly string[]): Promise<number> {
  const file = join(user.home, 'peak');
  const probe = { NODE_OPTIONS: `--require ${join(ROOT, 'bench', 'peak.cjs')}`, AKA_BENCH_PEAK: file };
  await user.run(argv, { env: { ...env, ...probe } });
  return Number(readFileSync(file, 'utf8'));
}

describe('an installation that', () => {
  scenario.each<[Fault, number]>(FAULTS, async (user, fault, exit) => {
    akkeris.fault = fault;
    for (const argv of [['spaces:info', 'default'], ['spaces:create', 'shop', '-c', 'prod'], ['spaces']]) {
      const ended = await user.run([...argv, '--json', '--debug'], { env });
      const { stderr } = ended;
      expectJsonFailure({ ...ended, stderr: '' }, exit);
      expect(`${ended.stdout}${stderr}`).not.toContain(TOKEN);
    }
    const ended = await user.run(['spaces:info', 'default'], { env });
    expectFailure(ended, exit);
    expect(ended.stderr).not.toContain(TOKEN);
    expect(akkeris.changes).toEqual([]);
  });

  scenario('answers without an end takes no more memory than a bound', async (user) => {
    const calm = await peakOf(user, ['spaces']);
    akkeris.fault = endless('[', `"${'x'.repeat(MEGABYTE)}",`);
    env.AKA_TIMEOUT = '20';
    // 64 MB of text are read at most; what has been read is there once more while it is put together.
    expect((await peakOf(user, ['spaces'])) - calm).toBeLessThan(250);
  });

  scenario('wants to be asked later is asked later', async (user) => {
    let asked = 0;
    akkeris.fault = (_, response) => {
      asked += 1;
      if (asked > 1) return undefined;
      response.writeHead(429, { 'retry-after': '0' }).end('Too Many Requests');
      return true;
    };
    expect(await user.run(['spaces'], { env })).toMatchObject({ code: 0 });
    expect(asked).toBe(2);
  });
});

/** What becomes of the request that creates something; all others are answered. */
function ofCreating(fault: Fault): Fault {
  return (request, response, answer) =>
    request.method === 'POST' ? fault(request, response, answer) : undefined;
}

/** Does what is asked for before. */
function made(fault: Fault): Fault {
  return (request, response, answer) => {
    const done = answer();
    return fault(request, response, () => done);
  };
}

describe('a space that is asked for, and', () => {
  scenario.each<[Fault, RegExp]>(
    [
      ['made, but the answer is lost', made(bytes(() => Buffer.alloc(0))), /is there now/],
      ['made, but the answer never comes', made(nothing), /is there now/],
      ['not made, though garbage says success', status(200, {}, 'OK'), /No space shop is there so far/],
      ['not made, and nothing is said', nothing, /No space shop is there so far/],
      [
        'not made by a broken front',
        status(504, { 'content-type': 'text/html' }, html),
        /No space shop is there so far/,
      ],
    ],
    async (user, fault, says) => {
      akkeris.fault = ofCreating(fault);
      const { id, message } = expectJsonFailure(
        await user.run(['spaces:create', 'shop', '-c', 'prod', '--json'], { env }),
        6,
      );
      expect(message).toMatch(says);
      expect(id).not.toBe('exists');
      expect(akkeris.changes.length).toBeLessThanOrEqual(1);
    },
  );
});

scenario('a space that is made, though its answer is garbage, is told as made', async (user) => {
  akkeris.fault = ofCreating(made(status(200, {}, 'OK')));
  const created = await user.run(['spaces:create', 'shop', '-c', 'prod', '--json'], { env });
  expect(created.code).toBe(0);
  expect(created.json()).toMatchObject({ name: 'shop', compliance: ['prod'] });
  expect(akkeris.changes).toHaveLength(1);
});

scenario('an app that is made, though its answer is garbage, is a warning and no failure', async (user) => {
  akkeris.addSpace('shop');
  akkeris.fault = ofCreating(made(status(201, {}, 'OK')));
  const create = ['apps:create', 'web', '--space', 'shop', '--org', 'test'];
  const { code, stdout, stderr } = await user.run(create, { env });
  expect([code, stdout]).toEqual([0, '']);
  expect(stderr).toMatch(/^warning: The change was made .*, but its answer is not JSON\./m);
  expectFailure(await user.run(create, { env }), 5);
  expect(akkeris.changes).toHaveLength(1);
});

/** Resolves when the installation has a request that it does not answer; `gone` when nobody waits for that any more. */
function unanswered(method: string): Promise<{ readonly gone: Promise<unknown> }> {
  return new Promise((asked) => {
    akkeris.fault = (request, response) => {
      if (request.method !== method) return undefined;
      asked({ gone: once(response, 'close') });
      return true;
    };
  });
}

describe('Ctrl-C', () => {
  scenario('while a change is asked for ends the request, and says that nobody knows', async (user) => {
    env.AKA_TIMEOUT = '60';
    const asked = unanswered('POST');
    const { child, ended } = user.start(['spaces:create', 'shop', '-c', 'prod'], { env });
    const { gone } = await asked;
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain('Whether the change was made is not known');
    await gone;
  });

  scenario('while something is looked at ends that, and nothing is doubted', async (user) => {
    env.AKA_TIMEOUT = '60';
    const asked = unanswered('GET');
    const { child, ended } = user.start(['spaces:info', 'default'], { env });
    const { gone } = await asked;
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, stderr: 'Interrupted.\n' });
    await gone;
  });
});
