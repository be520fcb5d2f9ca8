import * as fc from 'fast-check';
import { type Endpoint, endpoints } from '../../src/contract/endpoints.js';
import { anyText } from '../model/arbitraries.js';

/** A request to an operation with whatever input. */
export interface Request {
  readonly noun: string;
  readonly verb: string;
  readonly endpoint: Endpoint;
  readonly input: unknown;
  readonly idempotencyKey: string | undefined;
}

/** Names of what is there, of what could be, and of what can not. */
const names = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('shop', 'vault', 'default', 'web', 'web-shop', 'api-vault', 'local', 'SHOP'),
  },
  fc.stringMatching(/^[a-z][a-z0-9]{0,3}$/),
  anyText,
);

const json = fc.oneof(
  { weight: 3, arbitrary: anyText },
  fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }),
  fc.constantFrom<unknown>(null, true, -1, 1e308, 2 ** 53, '', [], {}, [[]], 'x'.repeat(600), [
    'socs',
    'prod',
  ]),
);

/** What each member is when it is right, or nearly so. */
const MEMBERS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  space: names,
  app: fc.oneof(fc.constantFrom('web-shop', 'api-vault', 'a-shop'), names),
  name: names,
  stack: fc.constantFrom('local', 'LOCAL', 'other'),
  org: fc.constantFrom('main', 'other'),
  compliance: fc.oneof(
    fc.array(fc.oneof(fc.constantFrom('socs', 'prod', 'internal', 'SOCS,prod'), anyText), { maxLength: 4 }),
    fc.constantFrom('socs', 'prod,socs'),
  ),
  description: anyText,
  labels: anyText,
  maintenance: fc.boolean(),
  limit: fc.oneof(fc.integer({ min: -1, max: 1002 }), fc.constantFrom('1', '007', '1e3', 'NaN')),
  size: fc.oneof(fc.integer({ min: -1, max: 10_001 }), fc.constantFrom('5', ' 5', '0x5')),
  cursor: fc.oneof(
    anyText,
    fc.array(json, { maxLength: 3 }).map((keys) => Buffer.from(JSON.stringify(keys)).toString('base64url')),
  ),
  simple: fc.constantFrom(true, 'true', 'maybe'),
  user: names,
  vars: fc.dictionary(
    fc.oneof(fc.constantFrom('LEVEL', 'DB_PASSWORD', 'PORT', 'constructor', '__proto__', 'A_B'), anyText),
    fc.oneof(anyText, fc.constantFrom(null, 1, true, '[redacted]', {}, [])),
    { maxKeys: 4 },
  ),
};

interface Schema {
  readonly def: { readonly shape?: object; readonly out?: Schema };
}

/** The members of an object, also of one that is taken only after something was left out. */
function shapeOf({ def: { shape, out } }: Schema): object {
  return shape ?? (out === undefined ? {} : shapeOf(out));
}

const operations = Object.entries(endpoints).flatMap(([noun, verbs]) =>
  Object.entries(verbs as Record<string, Endpoint>).map(([verb, endpoint]) => ({
    noun,
    verb,
    endpoint,
    members: Object.keys(shapeOf(endpoint.input as unknown as Schema)),
  })),
);

function inputOf({ method, path }: Endpoint, members: readonly string[]): fc.Arbitrary<unknown> {
  const right = fc.record(Object.fromEntries(members.map((member) => [member, MEMBERS[member] ?? json])), {
    requiredKeys:
      method === 'POST' ? members.slice(0, 2) : members.filter((member) => path.includes(`{${member}}`)),
  });
  const odd = fc.record(
    Object.fromEntries([...members, 'unknown', '\u001b[2J'].map((member) => [member, json])),
    { requiredKeys: [] },
  );
  return fc.oneof(
    { weight: 8, arbitrary: right },
    { weight: 2, arbitrary: odd },
    { weight: 1, arbitrary: json },
  );
}

export const requests: fc.Arbitrary<Request> = fc
  .oneof(
    // What is written matters more than what is read.
    {
      weight: 3,
      arbitrary: fc.constantFrom(...operations.filter(({ endpoint }) => endpoint.method === 'POST')),
    },
    { weight: 2, arbitrary: fc.constantFrom(...operations) },
  )
  .chain(({ noun, verb, endpoint, members }) =>
    fc.record({
      noun: fc.constant(noun),
      verb: fc.constant(verb),
      endpoint: fc.constant(endpoint),
      input: inputOf(endpoint, members),
      idempotencyKey: fc.oneof(
        { weight: 9, arbitrary: fc.constant(undefined) },
        fc.constantFrom('k1', 'k2', '', ' ', '\u00e9', 'x'.repeat(300)),
      ),
    }),
  );
