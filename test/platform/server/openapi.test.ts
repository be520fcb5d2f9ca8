import { describe, expect, test } from '@jest/globals';
import { endpoints } from '../../../src/contract/endpoints.js';
import { auditExport, eventStream, logStreams } from '../../../src/contract/streams.js';
import { openApiDocument } from '../../../src/platform/server/openapi.js';

type Json = { [member: string]: unknown };

const document = openApiDocument() as Json & {
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, Json> };
};

interface OperationObject {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; schema: Json }[];
  requestBody?: { content: { 'application/json'?: { schema: Json } } };
  responses: Record<string, { content?: Record<string, { schema: Json }>; headers?: Json; $ref?: string }>;
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const operation = (id: string): OperationObject => {
  const found = operations.find((each) => each.operation.operationId === id);
  if (found === undefined) throw new Error(`There is no ${id}.`);
  return found.operation;
};

const bodyOf = (id: string): Json | undefined =>
  operation(id).requestBody?.content['application/json']?.schema;

/** Every value in the document with where it is. */
function* walk(value: unknown, at = '#'): Generator<[string, unknown]> {
  yield [at, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [member, each] of Object.entries(value))
    yield* walk(each, `${at}/${member.replace(/~/g, '~0').replace(/\//g, '~1')}`);
}

describe('the OpenAPI document', () => {
  test('is of version 3.1 and can be written as JSON', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  test('has each operation of the table once, at its place', () => {
    const table = Object.entries(endpoints).flatMap(([noun, verbs]) =>
      Object.entries(verbs).map(([verb, { method, path }]) => `${noun}.${verb} ${method} ${path}`),
    );
    table.push('sources.upload PUT /sources', `audits.export GET ${auditExport.path}`);
    table.push(`events.read GET ${eventStream.path}`);
    for (const [verb, { path }] of Object.entries(logStreams)) table.push(`logs.${verb} GET ${path}`);
    const documented = operations.map(
      ({ path, method, operation: { operationId } }) => `${operationId} ${method.toUpperCase()} ${path}`,
    );
    expect(documented.toSorted()).toEqual(table.toSorted());
    expect(table.length).toBeGreaterThan(20);
  });

  test('has only references that lead somewhere', () => {
    const places = new Map(walk(document));
    const references = [...places].filter(([at]) => at.endsWith('/$ref')).map(([, to]) => to);
    expect(references.length).toBeGreaterThan(20);
    expect(references.filter((to) => !places.has(String(to)))).toEqual([]);
  });

  test('uses every schema that it names', () => {
    const references = new Set(
      [...walk(document)].filter(([at]) => at.endsWith('/$ref')).map(([, to]) => to),
    );
    const unused = Object.keys(document.components.schemas).filter(
      (id) => !references.has(`#/components/schemas/${id}`),
    );
    expect(unused).toEqual([]);
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Space', 'App', 'WireError']),
    );
  });

  test('has no identity of a schema that belongs to another document', () => {
    expect([...walk(document)].filter(([at]) => /\/\$(id|schema|defs)$/.test(at))).toEqual([]);
  });

  test('declares each member of a path as a parameter that is needed, and no other', () => {
    for (const { path, operation: each } of operations) {
      const inPath = each.parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => name)).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      );
      expect(inPath.every(({ required }) => required)).toBe(true);
      const names = each.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('has a body for POST, PUT and PATCH only, without the members of the path', () => {
    for (const { method, operation: each } of operations) {
      expect(each.requestBody !== undefined).toBe(['post', 'put', 'patch'].includes(method));
    }
    expect(bodyOf('spaces.create')).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['name'],
      properties: { name: { type: 'string' }, description: { type: 'string', maxLength: 500 } },
    });
    expect(bodyOf('apps.update')?.properties).not.toHaveProperty('app');
    expect(bodyOf('apps.update')?.properties).toHaveProperty('maintenance');
    expect(bodyOf('configVars.patch')).toMatchObject({
      type: 'object',
      additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
    });
  });

  test('requires only what it describes', () => {
    for (const [, value] of walk(document)) {
      if (
        typeof value !== 'object' ||
        value === null ||
        !('required' in value) ||
        !Array.isArray(value.required)
      )
        continue;
      const properties = 'properties' in value ? Object.keys(value.properties as object) : [];
      expect(properties).toEqual(expect.arrayContaining(value.required));
    }
  });

  test('says of lists how they page, and of POST how it is repeated', () => {
    const spaces = operation('spaces.list');
    expect(spaces.parameters).toEqual(
      expect.arrayContaining([
        {
          name: 'limit',
          in: 'query',
          required: false,
          schema: { type: 'integer', minimum: 1, maximum: 1000 },
        },
        expect.objectContaining({ name: 'cursor', in: 'query', required: false }),
      ]),
    );
    expect(spaces.responses['200']).toMatchObject({
      headers: { 'Next-Cursor': expect.anything() },
      content: {
        'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Space' } } },
      },
    });
    for (const { method, operation: each } of operations) {
      expect(each.parameters.some(({ name }) => name === 'Idempotency-Key')).toBe(method === 'post');
    }
  });

  test('says what success and failure look like', () => {
    for (const { method, operation: each } of operations) {
      const success = each.responses[method === 'post' || method === 'put' ? '201' : '200'];
      const types = { logs: 'application/x-ndjson', events: 'text/event-stream' };
      const [noun = ''] = each.operationId.split('.');
      const type =
        each.operationId === 'audits.export'
          ? types.logs
          : (Object.entries(types).find(([of]) => of === noun)?.[1] ?? 'application/json');
      expect(success?.content?.[type]?.schema).toBeDefined();
      expect(each.responses.default).toEqual({ $ref: '#/components/responses/Error' });
    }
    expect(document.components.schemas.WireError).toMatchObject({ required: ['id', 'message'] });
  });

  test('says that a token is needed', () => {
    expect(document.security).toEqual([{ bearer: [] }]);
    expect(document.components).toMatchObject({
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    });
  });
});
