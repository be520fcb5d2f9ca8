import * as z from 'zod/mini';
import { type Endpoint, hasBody, operations, pathMembers } from '../../contract/endpoints.js';
import {
  auditExport,
  EVENTS_TYPE,
  eventStream,
  LINES_TYPE,
  logReads,
  sourceUpload,
} from '../../contract/streams.js';
import * as wire from '../../contract/wire.js';

type Json = Record<string, unknown>;
/** As much of JSON Schema as an operation's input has. */
interface ObjectSchema extends Json {
  properties: Record<string, Json>;
  required?: string[];
}

/** What can be asked, streams too, by its name. */
const all: readonly { readonly name: string; readonly endpoint: Endpoint }[] = [
  ...operations,
  { name: 'sources.upload', endpoint: sourceUpload },
  { name: 'audits.export', endpoint: auditExport },
  { name: 'events.read', endpoint: eventStream },
  ...logReads.map(({ verb, endpoint }) => ({ name: `logs.${verb}`, endpoint })),
];

/** The OpenAPI 3.1 document of the Apps API, made from the contract's table and schemas. */
export function openApiDocument(): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Apps API',
      version: '1',
      description: 'Spaces and the apps in them. A change happens whole or not at all.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(all.map(({ name }) => nounOf(name)))].map((name) => ({ name })),
    paths: paths(),
    components: {
      schemas: components(),
      responses: { Error: errorResponse },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'Not needed on the unix socket.' },
      },
    },
  };
}

function paths(): Record<string, Json> {
  const places: Record<string, Json> = {};
  for (const { name, endpoint } of all) {
    const at = (places[endpoint.path] ??= {});
    at[endpoint.method.toLowerCase()] = operationObject(name, endpoint);
  }
  return places;
}

function operationObject(name: string, endpoint: Endpoint): Json {
  const inPath = pathMembers(endpoint);
  const input = schemaOf(endpoint.input) as ObjectSchema;
  const others = Object.keys(input.properties).filter((member) => !inPath.includes(member));
  return {
    operationId: name,
    summary: endpoint.summary,
    tags: [nounOf(name)],
    parameters: [
      ...inPath.map((member) => parameter(input, member, 'path')),
      ...(hasBody(endpoint) ? [] : others.map((member) => parameter(input, member, 'query'))),
      ...(endpoint.method === 'POST' ? [idempotencyKey] : []),
    ],
    ...(hasBody(endpoint) && {
      requestBody: { required: true, content: json(bodySchema(endpoint, input, others)) },
    }),
    ...(endpoint.method === 'PUT' && { requestBody: { required: true, content: bytes } }),
    responses: {
      [endpoint.status ?? 200]: {
        description: 'Done',
        headers: { ...(endpoint.paged === true && { 'Next-Cursor': nextCursor }), 'Aka-Version': akaVersion },
        content: contentOf(endpoint),
      },
      default: { $ref: '#/components/responses/Error' },
    },
  };
}

function parameter(input: ObjectSchema, member: string, place: 'path' | 'query'): Json {
  const { description, ...schema } = input.properties[member] as Json;
  return {
    name: member,
    in: place,
    required: place === 'path' || (input.required ?? []).includes(member),
    ...(description !== undefined && { description }),
    schema,
  };
}

function bodySchema(endpoint: Endpoint, input: ObjectSchema, members: readonly string[]): Json {
  if (endpoint.body !== undefined) return input.properties[endpoint.body] as Json;
  return {
    ...input,
    properties: Object.fromEntries(members.map((member) => [member, input.properties[member]])),
    required: (input.required ?? []).filter((member) => members.includes(member)),
  };
}

/** The schemas of the contract that have a name and are sent; inputs are shown where they belong. */
function components(): Record<string, Json> {
  const { schemas } = z.toJSONSchema(sent(), { ...RENDERING, uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutIdentity(schema)]));
}

function sent(): z.core.$ZodRegistry<{ id: string }> {
  const results = new Set<unknown>(all.flatMap(({ endpoint: { result } }) => [result, elementOf(result)]));
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(wire)) {
    if (results.has(schema) || schema === wire.WireError) registry.add(schema, { id });
  }
  return registry;
}

/** A schema, by its name if it has one. */
function reference(schema: z.ZodMiniType): Json {
  const element = elementOf(schema);
  if (element !== undefined) return { type: 'array', items: reference(element) };
  const id = Object.entries(wire).find(([, each]) => each === schema)?.[0];
  return id === undefined ? schemaOf(schema) : { $ref: `#/components/schemas/${id}` };
}

function elementOf(schema: z.ZodMiniType): z.ZodMiniType | undefined {
  return schema instanceof z.ZodMiniArray ? (schema.def.element as z.ZodMiniType) : undefined;
}

function schemaOf(schema: z.ZodMiniType): Json {
  return withoutIdentity(z.toJSONSchema(schema, RENDERING));
}

/** What is transformed is shown as what it becomes: text is taken for a number only because a query has nothing else. */
const RENDERING: z.core.ToJSONSchemaParams = {
  io: 'input',
  override({ zodSchema, jsonSchema }) {
    const { def } = zodSchema._zod;
    if (def.type !== 'pipe') return;
    const becomes = schemaOf((def as unknown as { out: z.ZodMiniType }).out);
    for (const member of Object.keys(jsonSchema)) delete jsonSchema[member];
    Object.assign(jsonSchema, becomes, boundsOf(def.checks ?? []));
  },
};

/** The bounds of a number, of which those of every safe integer say nothing. */
function boundsOf(checks: readonly z.core.$ZodCheck[]): Json {
  const bounds: Json = { minimum: undefined, maximum: undefined };
  for (const { _zod } of checks) {
    const { check, value } = _zod.def as { check: string; value?: number };
    if (check === 'greater_than') bounds.minimum = value;
    if (check === 'less_than') bounds.maximum = value;
  }
  return bounds;
}

function withoutIdentity(schema: Json): Json {
  const { $schema: _schema, $id: _id, ...rest } = schema;
  return rest;
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

/** Of what comes bit by bit, a line, or the data of an event with its name as `event`. */
function contentOf({ result, lines, events }: Endpoint): Json {
  if (events === true) return { [EVENTS_TYPE]: { schema: reference(result) } };
  return lines === true ? { [LINES_TYPE]: { schema: reference(result) } } : json(reference(result));
}

const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };

function nounOf(operation: string): string {
  return operation.slice(0, operation.indexOf('.'));
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'The same key and body again, within 24 hours, give the same answer and no second effect; with another body, 422.',
  schema: { type: 'string' },
};

const nextCursor = {
  description: 'The cursor of the next page. Absent on the last one, and without limit.',
  schema: { type: 'string' },
};

const akaVersion = { description: 'The version of the server.', schema: { type: 'string' } };

const errorResponse = {
  description:
    'What was asked is not possible: 400 or 422 for a mistake in it, 401 without a valid token, 403 if it is not allowed, ' +
    "404 if it is not there, 409 if what is there forbids it, 501 if this platform can't do it, 5xx if the platform failed.",
  headers: {
    'Aka-Version': akaVersion,
    'X-Request-Id': {
      description: 'Names the request in the log of the server.',
      schema: { type: 'string' },
    },
  },
  content: json({ $ref: '#/components/schemas/WireError' }),
};
