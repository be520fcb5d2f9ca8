import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeEngines } from '../engine/engines.js';
import { type Machinery, openMachinery } from './machinery.js';

const listen = (...args: string[]) =>
  `require('node:http').createServer(() => {}).listen(${args.join(', ')}); setInterval(() => {}, 1000);`;

describeEngines('a web dyno that is not ready', (identity) => {
  let m: Machinery;
  beforeEach(async () => {
    m = await openMachinery(identity, { start: 1500 });
  });
  afterEach(() => m.close());

  test.each([
    [
      'on 127.0.0.1 only',
      listen('process.env.PORT', "'127.0.0.1'"),
      'it listens on 127.0.0.1 only, where nothing outside the dyno reaches it; listen on 0.0.0.0',
    ],
    ['on another port', listen('3000'), 'it listens on port 3000, not on the one in $PORT'],
    [
      'on IPv6 only',
      listen("{ port: process.env.PORT, host: '::', ipv6Only: true }"),
      'it listens on [::] only, and requests come over IPv4; listen on 0.0.0.0',
    ],
    ['nowhere', 'setInterval(() => {}, 1000)', 'nothing listens on the port in $PORT'],
  ])('says so when it listens %s', async (_, program, why) => {
    await m.api.spaces.create({ name: 'shop' });
    await m.api.apps.create({ name: 'web', space: 'shop' });
    const { version } = await m.release(
      'web-shop',
      { 'server.js': program },
      { web: 'node server.js; true' },
    );
    const { reason } = await m.settled('web-shop', version);
    expect(reason).toBe(`web.1 was not well within 2 s: ${why} (port 5000)`);
  });
});
