import { afterAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Pool } from 'undici';
import type { AppsApi } from '../../src/contract/apps-api.js';
import type { Endpoint } from '../../src/contract/endpoints.js';
import { AppsApiError } from '../../src/contract/errors.js';
import { openPlatform } from '../../src/platform/embedded.js';
import { serve } from '../../src/platform/server/serve.js';
import { LONG, runsWhole } from '../long-tests.js';
import { CONTROL } from '../model/arbitraries.js';
import {
  ADMIN,
  flawsOf,
  openTemporary,
  temporaryFolder,
  temporaryFolders,
} from '../platform/store/temporary.js';
import { type Request, requests } from './requests.js';

const REQUESTS = runsWhole('fuzz') ? 100_000 : 4000;
/** So many go to one platform before a new one takes its place, so that lists stay short. */
const EACH = 1000;

const outcomes = new Map<string, number>();
afterAll(() => {
  const seen = [...outcomes].toSorted(([a], [b]) => (a < b ? -1 : 1));
  process.stderr.write(`fuzz: ${seen.map((each) => each.join(' ')).join(', ')}\n`);
});

function count(outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

/** What is wrong with an error as people and programs get it; empty if nothing is. */
function flawsOfError(error: { id: unknown; status: number; message: unknown; hint?: unknown }): string[] {
  const { id, status, message, hint = '' } = error;
  if (typeof id !== 'string' || typeof message !== 'string' || typeof hint !== 'string')
    return ['it is of another form'];
  return [
    // What takes a platform that runs apps says that this one doesn't.
    ...((status >= 400 && status < 500) || id === 'not_running' ? [] : [`its status is ${status}`]),
    ...(/^[a-z_]+$/.test(id) ? [] : ['its id is no word']),
    ...(CONTROL.test(message + hint) ? ['it holds a control character'] : []),
    ...(/\n|\bat .+:\d+:\d+|node_modules|\.[jt]s:\d|undefined|\[object|SQLITE|TypeError/.test(message + hint)
      ? ['it tells of the inside']
      : []),
    ...(message.length + hint.length < 2000 ? [] : ['it is too long']),
  ];
}

/** What is wrong with a result: its form, or names and compliance that the rules don't allow. */
function flawsOfResult(
  { noun, verb, endpoint }: Pick<Request, 'noun' | 'verb'> & { endpoint: Endpoint },
  result: unknown,
): string[] {
  const body = endpoint.paged === true && verb === 'list' ? (result as { items?: unknown }).items : result;
  const parsed = endpoint.result.safeParse(body);
  if (!parsed.success) return [`its form is not the contract's: ${parsed.error.message}`];
  const { name, compliance } = body as { name?: unknown; compliance?: unknown };
  if (noun === 'spaces' && verb === 'create') {
    const legal = /^[a-z](-?[a-z0-9])+$/.test(String(name)) && String(name).length <= 40;
    const set = ['socs', 'prod', 'internal'].filter((each) => (compliance as string[]).includes(each));
    if (!legal || set.join(',') !== String(compliance))
      return [`it made ${JSON.stringify([name, compliance])}`];
  }
  if (noun === 'apps' && verb === 'create' && !/^[a-z][a-z0-9]*-[a-z](-?[a-z0-9])+$/.test(String(name)))
    return [`it made ${JSON.stringify(name)}`];
  return [];
}

/** Something to meet for requests. */
async function furnish(api: AppsApi): Promise<void> {
  await api.spaces.create({ name: 'shop' });
  await api.spaces.create({ name: 'vault', compliance: ['socs', 'prod'] });
  await api.apps.create({ name: 'web', space: 'shop' });
  await api.apps.create({ name: 'api', space: 'vault' });
}

describe('whatever is asked', () => {
  test(
    'in process, it is accepted by the rules or refused in words',
    async () => {
      for (let done = 0; done < REQUESTS; done += EACH) {
        const { api, raw, close } = openTemporary();
        await furnish(api);
        await fc.assert(
          fc.asyncProperty(requests, async (request) => {
            const service = api[request.noun as keyof AppsApi] as unknown as Record<
              string,
              (...values: unknown[]) => Promise<unknown>
            >;
            const options =
              request.idempotencyKey === undefined ? {} : { idempotencyKey: request.idempotencyKey };
            let flaws: string[];
            try {
              flaws = flawsOfResult(request, await service[request.verb]?.(request.input, options));
              count(`${request.noun}.${request.verb}`);
            } catch (error) {
              if (!(error instanceof AppsApiError)) throw error;
              flaws = flawsOfError(error).map(
                (flaw) => `${flaw}: ${error.status} ${error.message} ${error.hint}`,
              );
              count(String(error.status));
            }
            if (flaws.length > 0) expect(flaws).toEqual([]);
          }),
          { numRuns: EACH },
        );
        expect(await api.audits.verify()).toMatchObject({ ok: true });
        expect(flawsOf(raw)).toEqual([]);
        close();
      }
    },
    LONG,
  );

  test(
    'over HTTP, it is accepted by the rules or refused in words, and the server logs no defect',
    async () => {
      for (let done = 0; done < REQUESTS; done += EACH) {
        const platform = openPlatform(temporaryFolders());
        await furnish(platform.as(ADMIN));
        const log: string[] = [];
        const socketPath = `${temporaryFolder()}/s`;
        const server = await serve(
          platform,
          { socket: { path: socketPath, user: 'ursula' } },
          { log: (line) => log.push(line) },
        );
        const pool = new Pool('http://localhost', { socketPath, connections: 1 });
        try {
          await fc.assert(
            fc.asyncProperty(sent, async (asked) => {
              const { statusCode, headers, body } = await pool.request(asked.wire);
              const text = await body.text();
              count(`http ${statusCode}`);
              const answer: unknown = text === '' ? undefined : JSON.parse(text);
              const flaws = flawsOfAnswer(asked, statusCode, answer);
              if (!String(headers['content-type'] ?? 'application/json').startsWith('application/json'))
                flaws.push('it is no JSON');
              if (flaws.length > 0) expect({ flaws, statusCode, text }).toEqual({ flaws: [] });
            }),
            { numRuns: EACH },
          );
          expect(log).toEqual([]);
          expect(await platform.as(ADMIN).audits.verify()).toMatchObject({ ok: true });
        } finally {
          await pool.close();
          await server.close();
          platform.close();
        }
      }
    },
    LONG,
  );
});

interface Sent {
  readonly request: Request;
  readonly wire: { method: string; path: string; headers: Record<string, string>; body: string | null };
}

function flawsOfAnswer({ request, wire }: Sent, status: number, answer: unknown): string[] {
  if (status >= 400) return flawsOfError({ ...(answer as { id: unknown; message: unknown }), status });
  if (wire.method !== request.endpoint.method || !wire.path.startsWith('/')) return [];
  const result = request.endpoint.paged === true ? { items: answer } : answer;
  return wire.method === 'POST' ? flawsOfResult(request, result) : [];
}

function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

function inQuery(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** A request as it goes over the wire: mostly well formed, sometimes bent on its way. */
const sent: fc.Arbitrary<Sent> = fc
  .tuple(
    requests,
    fc.record({
      cut: rarely(fc.nat(40)),
      type: fc.oneof(
        { weight: 12, arbitrary: fc.constant('application/json') },
        fc.constantFrom(
          'application/json; charset=utf-8',
          'application/json;charset=utf-16',
          'text/plain',
          '',
          ';;;',
        ),
      ),
      query: fc.oneof(
        { weight: 10, arbitrary: fc.constant('') },
        fc.constantFrom('?a=1', '?limit=1&limit=2', '?%zz', '?__proto__=1', '?limit'),
      ),
      suffix: fc.oneof(
        { weight: 12, arbitrary: fc.constant('') },
        fc.constantFrom('/', '//', '/..', '/%00', '/%zz', '/.'),
      ),
      method: rarely(fc.constantFrom('PUT', 'DELETE', 'PATCH', 'GET', 'OPTIONS', 'POST')),
    }),
  )
  .map(([request, bent]) => {
    const { endpoint, input } = request;
    const members =
      typeof input === 'object' && input !== null ? { ...(input as Record<string, unknown>) } : {};
    const path = endpoint.path.replace(/\{(\w+)\}/g, (_, member: string) => {
      const value = members[member];
      delete members[member];
      return encodeURIComponent(Buffer.from(inQuery(value ?? '')).toString());
    });
    const method = bent.method ?? endpoint.method;
    const hasBody = endpoint.method === 'POST' || endpoint.method === 'PATCH';
    const rest: unknown = endpoint.body === undefined ? members : members[endpoint.body];
    const json = JSON.stringify(typeof input === 'object' && input !== null ? rest : input) ?? '';
    const search = hasBody
      ? ''
      : new URLSearchParams(
          Object.entries(members).map(([name, value]) => [name, inQuery(value)]),
        ).toString();
    const key = request.idempotencyKey;
    return {
      request,
      wire: {
        method,
        path: `${path}${bent.suffix}${bent.query}${search === '' ? '' : `${bent.query === '' ? '?' : '&'}${search}`}`,
        headers: { 'content-type': bent.type, ...(key === undefined ? {} : { 'idempotency-key': key }) },
        body: hasBody ? (bent.cut === null ? json : json.slice(0, bent.cut)) : null,
      },
    };
  });
