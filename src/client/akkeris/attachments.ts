import * as z from 'zod/mini';
import type { AppsApi } from '../../contract/apps-api.js';
import type { Endpoint } from '../../contract/endpoints.js';
import { notFound } from '../../contract/errors.js';
import { AddonAttach, AddonAttachment, AppKey } from '../../contract/wire.js';
import { given } from '../../model/given.js';
import { isId } from '../../model/names.js';
import { shown } from '../../model/rule.js';
import type { HttpPlatform } from '../http-api.js';

type Create = Parameters<AppsApi['addonAttachments']['create']>[0];
type Key = Parameters<AppsApi['addonAttachments']['destroy']>[0];

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

/** Attachments are made and removed below no app there. */
const createAttachment = {
  method: 'POST',
  path: '/addon-attachments',
  summary: 'Give an addon to an app',
  input: AddonAttach,
  result: AddonAttachment,
} as const satisfies Endpoint<unknown, AddonAttachment>;
const destroyAttachment = {
  method: 'DELETE',
  path: '/addon-attachments/{attachment}',
  summary: 'Take an addon from an app',
  input: z.strictObject({ attachment: z.string() }),
  result: AddonAttachment,
} as const satisfies Endpoint<unknown, AddonAttachment>;

/** Adds to the addons that an app gets the names of the vars that each sets, which only notes on config vars say. */
export async function withVars(
  { call }: HttpPlatform,
  { app }: z.infer<typeof AppKey>,
  attachments: readonly AddonAttachment[],
): Promise<AddonAttachment[]> {
  if (attachments.length === 0) return [];
  const notes = Object.entries(await call(configNotes, { app }));
  return attachments.map((attachment) => {
    const keys = [attachment.id, attachment.name, attachment.addon.id];
    const own = notes.filter(
      ([, { type, addon }]) =>
        type === 'addon' && addon != null && [addon.id, addon.name].some((it) => keys.includes(it)),
    );
    return { ...attachment, config_vars: own.map(([name]) => name) };
  });
}

/** Gives an addon to an app. The installation wants the addon's id, and says nothing of the vars. */
export async function attach(
  platform: HttpPlatform,
  { app, addon: key, name }: Create,
): Promise<AddonAttachment> {
  const addon = isId(key) ? key : await addonId(platform, key);
  const made = await platform.call(createAttachment, { app, addon, ...given({ name: name ?? undefined }) });
  // What it is called is looked at; that it can't be is no failure of what was made.
  return withVars(platform, { app }, [made]).then(
    ([attachment = made]) => attachment,
    () => made,
  );
}

/** Takes an addon from an app, which is named by its name or id, or those of its attachment. */
export async function detach(
  { api, call }: HttpPlatform,
  { app, attachment: key }: Key,
): Promise<AddonAttachment> {
  const found = (await api.addonAttachments.list({ app })).find(
    ({ id, name, addon }) => [id, addon.id].includes(key) || name.toLowerCase() === key.toLowerCase(),
  );
  if (found === undefined) {
    throw notFound('addon of that app named', key, undefined, `Its addons: aka credentials -a ${shown(app)}`);
  }
  await call(destroyAttachment, { attachment: found.id });
  return found;
}

async function addonId({ api }: HttpPlatform, key: string): Promise<string> {
  const found = (await api.addons.list()).find(({ name }) => name.toLowerCase() === key.toLowerCase());
  if (found === undefined) throw notFound('addon', key, undefined, 'Every addon: aka credentials');
  return found.id;
}
