import { execFileSync } from 'node:child_process';
import { BlockList, isIPv6 } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isWithoutProxy } from '../../src/model/no-proxy.js';

describe('NO_PROXY', () => {
  test.each<[string, string, number, boolean]>([
    ['*', 'example.com', 443, true],
    ['example.com', 'example.com', 443, true],
    ['example.com', 'api.example.com', 443, true],
    ['example.com', 'notexample.com', 443, false],
    ['.example.com', 'api.example.com', 443, true],
    ['*.example.com', 'api.example.com', 443, true],
    ['Example.COM', 'API.example.com', 443, true],
    ['example.com.', 'api.example.com', 443, true],
    ['example.com', 'api.example.com.', 443, true],
    ['other.org, example.com\t', 'example.com', 443, true],
    ['other.org example.com\r\n', 'example.com', 443, true],
    ['example.com:8443', 'example.com', 8443, true],
    ['example.com:8443', 'example.com', 443, false],
    ['10.0.0.0/8', '10.64.0.1', 80, true],
    ['10.0.0.0/8', '11.0.0.1', 80, false],
    ['10.0.0.0/8', '10.example.com', 80, false],
    ['192.168.1.7', '192.168.1.7', 80, true],
    ['192.168.1.7:81', '192.168.1.7', 80, false],
    ['168.1.7', '192.168.1.7', 80, false],
    ['::1', '::1', 80, true],
    ['[::1]', '[::1]', 80, true],
    ['[::1]:81', '::1', 80, false],
    ['0:0:0:0:0:0:0:1', '::1', 80, true],
    ['fd00::/8', 'fd12::7', 80, true],
    ['fd00::/8', 'fe80::7', 80, false],
    ['10.0.0.0/99', '10.0.0.1', 80, false],
    ['', 'example.com', 80, false],
    [',. .,', 'example.com', 80, false],
  ])('%j covers %s:%i: %p', (list, host, port, covered) => {
    expect(isWithoutProxy(list, host, port)).toBe(covered);
  });

  test('networks are those that Node.js has by the same words', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(address, address, fc.nat(128), (first, asked, wanted) => {
        const family = isIPv6(first) ? 'ipv6' : 'ipv4';
        const bits = family === 'ipv6' ? wanted : Math.floor(wanted / 4);
        const list = new BlockList();
        list.addSubnet(first, bits, family);
        // An IPv4 address written as one of IPv6 is another matter.
        fc.pre(isIPv6(asked) === isIPv6(first) && !/^::(?:ffff:)?\d+\./.test(asked));
        expect(isWithoutProxy(`${first}/${bits}`, asked, 80)).toBe(list.check(asked, family));
      }),
      { numRuns: 500 },
    );
  });

  test('is read as Python reads it, where names and ports are concerned', () => {
    const label = fc.constantFrom('a', 'b', 'api', 'example');
    const domain = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
    const entry = fc.tuple(fc.constantFrom('', '.'), domain).map((parts) => parts.join(''));
    const cases = fc.sample(
      fc.record({
        list: fc.array(entry, { maxLength: 3 }).map((entries) => entries.join(', ')),
        host: domain,
      }),
      { numRuns: 400, seed: 7 },
    );
    const script = `
import json, sys, urllib.request as u
print(json.dumps([bool(u.proxy_bypass_environment(c['host'], {'no': c['list']})) for c in json.load(sys.stdin)]))`;
    const read = JSON.parse(
      execFileSync('python3', ['-c', script], { input: JSON.stringify(cases), encoding: 'utf8' }),
    ) as boolean[];
    expect(cases.map(({ list, host }) => ({ list, host, covered: isWithoutProxy(list, host, 80) }))).toEqual(
      cases.map((each, index) => ({ ...each, covered: read[index] })),
    );
  });
});
