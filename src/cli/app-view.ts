import type { App } from '../contract/wire.js';
import type { Facts } from './output.js';

/** The facts about an app that every command shows alike. */
export function appFacts(app: App): Facts {
  return [
    ['App', app.name],
    ['Space', app.space.name],
    ['Domain', app.web_url],
    ...(app.description ? ([['Description', app.description]] as const) : []),
    ...(app.labels ? ([['Labels', app.labels]] as const) : []),
    ['Organization', app.organization.name],
    ['Stack', `${app.stack.name} in region ${app.region.name}`],
    ['Maintenance', app.maintenance ? 'on' : 'off'],
    ['Created', app.created_at],
  ];
}
