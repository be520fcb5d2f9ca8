import type { KubernetesObject } from '../../../../src/platform/kubernetes/client/resources.js';

/** The schemas of a Kubernetes version by name. References are names, or end in one. */
export type Schemas = Readonly<Record<string, Schema>>;

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Schemas;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly oneOf?: unknown;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

/** What is wrong with an object in this version: fields that are unknown, missing or of another type. */
export function faultsOf(object: KubernetesObject, schemas: Schemas): string[] {
  const [group, version] = object.apiVersion.includes('/')
    ? object.apiVersion.split('/')
    : ['', object.apiVersion];
  const schema = Object.values(schemas).find((each) =>
    each['x-kubernetes-group-version-kind']?.some(
      (known) => known.kind === object.kind && known.group === group && known.version === version,
    ),
  );
  const title = `${object.kind} ${object.metadata.name}`;
  if (schema === undefined) return [`${title}: ${object.apiVersion} isn't served`];
  return faultsIn(object, schema, schemas, title);
}

function faultsIn(value: unknown, given: Schema, schemas: Schemas, at: string): string[] {
  const name = given.$ref?.split('/').at(-1);
  const schema = name === undefined ? given : (schemas[name] ?? {});
  if (
    schema['x-kubernetes-int-or-string'] ||
    schema.format === 'int-or-string' ||
    schema.oneOf !== undefined
  ) {
    return ['string', 'number'].includes(typeof value) ? [] : [`${at}: neither text nor a number`];
  }
  if (schema.type === 'array') {
    if (!Array.isArray(value)) return [`${at}: not a list`];
    return value.flatMap((each, index) => faultsIn(each, schema.items ?? {}, schemas, `${at}[${index}]`));
  }
  if (schema.properties !== undefined || schema.additionalProperties !== undefined)
    return objectFaults(value, schema, schemas, at);
  if (schema.type === 'integer') return Number.isInteger(value) ? [] : [`${at}: not a whole number`];
  if (schema.type === 'string' || schema.type === 'boolean') {
    if (typeof value !== schema.type) return [`${at}: not a ${schema.type}`];
    return schema.enum === undefined || schema.enum.includes(value)
      ? []
      : [`${at}: not one of ${schema.enum.join(', ')}`];
  }
  return [];
}

function objectFaults(value: unknown, schema: Schema, schemas: Schemas, at: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: not an object`];
  const missing = (schema.required ?? [])
    .filter((name) => !(name in value))
    .map((name) => `${at}: lacks ${name}`);
  const faults = Object.entries(value).flatMap(([name, each]) => {
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    if (known === undefined || known === false) return [`${at}.${name}: unknown`];
    return known === true ? [] : faultsIn(each, known, schemas, `${at}.${name}`);
  });
  return [...missing, ...faults];
}
