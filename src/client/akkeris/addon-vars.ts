import * as z from 'zod/mini';
import type { Endpoint } from '../../contract/endpoints.js';
import { type AddonAttachment, AppKey } from '../../contract/wire.js';
import type { CallEndpoint } from '../http-api.js';

const ConfigNotes = z.record(
  z.string(),
  z.looseObject({
    /** `user`, `addon` or `system`. */
    type: z.string(),
    addon: z.optional(z.nullable(z.looseObject({ id: z.string(), name: z.string() }))),
  }),
);

/** What an installation knows of each config var of an app, besides its value. */
const configNotes = {
  method: 'GET',
  path: '/apps/{app}/config-vars/notes',
  summary: 'Show notes on config vars',
  input: AppKey,
  result: ConfigNotes,
} as const satisfies Endpoint<unknown, z.infer<typeof ConfigNotes>>;

/** Adds to the addons that an app gets the names of the vars that each sets, which only notes on config vars say. */
export async function withVars(
  call: CallEndpoint,
  { app }: z.infer<typeof AppKey>,
  attachments: readonly AddonAttachment[],
): Promise<AddonAttachment[]> {
  if (attachments.length === 0) return [];
  const notes = Object.entries(await call(configNotes, { app }));
  return attachments.map((attachment) => {
    const ids = [attachment.id, attachment.name, attachment.addon.id];
    const names = notes.filter(
      ([, { type, addon }]) =>
        type === 'addon' && addon != null && [addon.id, addon.name].some((it) => ids.includes(it)),
    );
    return { ...attachment, config_vars: names.map(([name]) => name) };
  });
}
