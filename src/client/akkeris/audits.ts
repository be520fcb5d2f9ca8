import type { AppsApi } from '../../contract/apps-api.js';
import type { AuditEvent } from '../../contract/wire.js';
import { isId } from '../../model/names.js';

type Filter = NonNullable<Parameters<AppsApi['audits']['list']>[0]>;

/** Lists what happened to an app. The installation knows apps by their simple name and their space there. */
export async function auditsOfApp(
  { apps, audits }: AppsApi,
  { app: key, ...filter }: Filter & { readonly app: string },
): Promise<AuditEvent[]> {
  const [app, space] = isId(key) ? namesOf(await apps.get({ app: key })) : partsOf(key);
  if (filter.space !== undefined && space !== undefined && filter.space !== space) return [];
  return audits.list({ ...filter, app, ...(space !== undefined && { space }) });
}

function namesOf({
  simple_name: name,
  space,
}: Awaited<ReturnType<AppsApi['apps']['get']>>): [string, string] {
  return [name, space.name];
}

/** Names of apps have no dash there. */
function partsOf(key: string): [string, string?] {
  const dash = key.indexOf('-');
  return dash < 1 ? [key] : [key.slice(0, dash), key.slice(dash + 1)];
}
