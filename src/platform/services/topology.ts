import type { AppsApi } from '../../contract/apps-api.js';
import { appKey } from '../../model/names.js';
import { discoveryOf } from './discovery.js';
import { dynosOf } from './dynos.js';
import type { Session } from './session.js';
import { showSpaces, spaceOf } from './spaces.js';

/** Who is in a space, where, and who reaches whom. */
export function topologyService(session: Session): Pick<AppsApi['spaces'], 'topology'> {
  const { store } = session;
  return {
    topology: async ({ space: key }) =>
      store.db.snapshot(() => {
        const space = spaceOf(session, key);
        const settings = store.settings.all();
        const apps = store.apps.inSpace(space.name);
        const services = discoveryOf(store, space).apps;
        const dynos = dynosOf(store, apps);
        return {
          space: showSpaces(session)(space),
          apps: services.flatMap((service) =>
            apps
              .filter(({ id }) => id === service.id)
              .map(({ id, name }) => ({
                ...service,
                key: appKey(name, space.name),
                dynos: dynos.filter(({ app }) => app.id === id),
              })),
          ),
          reach: {
            spaces: [],
            clients: space.compliance.includes('internal')
              ? {
                  listener: 'internal',
                  host: settings.internal_host,
                  port: settings.internal_port,
                  networks: [...settings.internal_allow],
                }
              : {
                  listener: 'public',
                  host: settings.router_host,
                  port: settings.router_port,
                  networks: null,
                },
            hosts: store.allowedHosts.of(space.name).map(({ name, port }) => ({ name, port })),
            egress: settings.egress,
          },
        };
      }),
  };
}
