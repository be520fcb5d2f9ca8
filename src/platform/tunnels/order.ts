import { AppsApiError } from '../../contract/errors.js';

interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { readonly issues: readonly { readonly path: readonly PropertyKey[] }[] } };
}

/** What a client wants of a tunnel. Throws an AppsApiError (422) that says where it is not of its form, and no value. */
export function parseOrder<T>(schema: Schema<T>, order: unknown): T {
  const parsed = schema.safeParse(order);
  if (parsed.success) return parsed.data;
  const [member] = parsed.error.issues.map(({ path }) => path[0]).filter((each) => typeof each === 'string');
  throw new AppsApiError({
    id: 'invalid_input',
    status: 422,
    message: `What is wanted of the dyno is not of the right form${member === undefined ? '' : `: ${member}`}.`,
  });
}
