// Writes what the tests need of the OpenAPI v3 files of a Kubernetes version: the schemas of the kinds that the platform makes,
// without descriptions. The files are those of api/openapi-spec/v3 in kubernetes/kubernetes.
// usage: extract-openapi.mjs FOLDER >openapi-VERSION.json
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const KINDS = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'ConfigMap',
  'Deployment',
  'LimitRange',
  'Namespace',
]);
for (const kind of ['NetworkPolicy', 'Pod', 'PodDisruptionBudget', 'PriorityClass', 'ResourceQuota'])
  KINDS.add(kind);
for (const kind of ['RoleBinding', 'Secret', 'Service', 'ServiceAccount']) KINDS.add(kind);
const KEPT = ['type', 'format', 'properties', 'items', 'additionalProperties', 'required', 'enum', 'oneOf'];
const KEPT_MARKS = ['x-kubernetes-group-version-kind', 'x-kubernetes-int-or-string'];

const [folder] = process.argv.slice(2);
const all = {};
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  Object.assign(all, JSON.parse(readFileSync(join(folder, file), 'utf8')).components.schemas);
}

/** A reference alone, where the published files have it within `allOf` beside a default. */
function reduced(schema) {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (reference !== undefined) return { $ref: reference.split('/').at(-1) };
  const kept = Object.entries(schema).filter(([name]) => KEPT.includes(name) || KEPT_MARKS.includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => {
      if (name === 'properties') {
        return [name, Object.fromEntries(Object.entries(value).map(([key, each]) => [key, reduced(each)]))];
      }
      return [name, ['items', 'additionalProperties'].includes(name) ? reduced(value) : value];
    }),
  );
}

const schemas = {};
const waiting = Object.keys(all).filter((name) =>
  all[name]['x-kubernetes-group-version-kind']?.some(
    ({ kind, version }) => KINDS.has(kind) && version === 'v1',
  ),
);
for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
  if (schemas[name] !== undefined) continue;
  schemas[name] = reduced(all[name]);
  for (const [, reference] of JSON.stringify(schemas[name]).matchAll(/"\$ref":"([^"]+)"/g))
    waiting.push(reference);
}
console.log(JSON.stringify(schemas));
