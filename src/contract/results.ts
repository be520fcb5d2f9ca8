import type { Endpoint } from './endpoints.js';

/** A result that was read, or where the body differs from what the Apps API has there: empty for the whole of it. */
type Read = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly at: string };

/** Returns the result of an operation in our form, from the JSON that a server sent with success. */
export function resultIn({ result, form, oldestFirst }: Endpoint, sent: unknown): Read {
  const parsed = result.safeParse(sent);
  if (!parsed.success) return { ok: false, at: parsed.error.issues[0]?.path.join('.') ?? '' };
  const own = form === undefined ? parsed.data : form.fromWire(parsed.data as never);
  return { ok: true, result: oldestFirst === true ? (own as unknown[]).toReversed() : own };
}
