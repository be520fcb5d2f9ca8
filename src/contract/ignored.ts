import * as z from 'zod/mini';

/**
 * Members that Akkeris takes and disregards, and so does this platform: clients of Akkeris send them. A password among
 * them goes no further than this.
 */
export const IGNORED = {
  'POST /apps': ['size', 'quantity', 'type', 'port'],
  'POST /apps/{app}/builds': ['docker_registry', 'docker_login', 'docker_password'],
  'PATCH /pipeline-couplings/{coupling}': ['app', 'pipeline', 'stage'],
  'POST /organizations': ['description'],
  'POST /stacks': ['beta', 'deprecated'],
  'PATCH /stacks/{stack}': ['beta', 'deprecated'],
  'POST /regions': ['high_availability', 'deprecated'],
  'PATCH /regions/{region}': ['high_availability', 'deprecated'],
} as const;

/** A strict object that is also taken with these members, of which nothing is left. */
export function ignoring<Schema extends z.ZodMiniType>(request: keyof typeof IGNORED, schema: Schema) {
  const names: readonly string[] = IGNORED[request];
  return z.pipe(
    z.transform((given: unknown) => withoutMembers(given, (name) => names.includes(name))),
    schema,
  );
}

/** A strict object in which clients of Akkeris send an empty text for what they leave out. */
export function blankIsAbsent<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.pipe(
    z.transform((given: unknown) => withoutMembers(given, (_, value) => value === '')),
    schema,
  );
}

function withoutMembers(given: unknown, isOut: (name: string, value: unknown) => boolean): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => !isOut(name, value)));
}
