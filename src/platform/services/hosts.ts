import type { AppsApi } from '../../contract/apps-api.js';
import { conflict, notFound } from '../../contract/errors.js';
import type { Host } from '../../contract/wire.js';
import { checkHostPort, DEFAULT_HOST_NAME, parseHostName } from '../../model/host-services.js';
import { EGRESS_PORT } from '../engine/engine.js';
import type { AllowedHost } from '../store/allowed-hosts.js';
import { checkMayConfigure, mayUse } from './policy.js';
import type { Session } from './session.js';
import { changeSpace, spaceOf } from './spaces.js';

/** The services of this machine that spaces may reach. */
export function hostsService(session: Session): AppsApi['hosts'] {
  const { store, caller } = session;
  return {
    list: async ({ space: key } = {}) =>
      store.db.snapshot(() => {
        if (key === undefined) {
          const theirs = store.allowedHosts.all().filter(({ space }) => mayUse(caller, space));
          return theirs.map(show);
        }
        return store.allowedHosts.of(spaceOf(session, key).name).map(show);
      }),

    async allow({ space: key, port, name = DEFAULT_HOST_NAME }, options) {
      const input = { key, port, name };
      return changeSpace(session, key, { action: 'host.allow', input, options }, (draft, space) => {
        checkMayConfigure(caller, 'let dynos reach services of the machine');
        checkHostPort(port);
        if (port === EGRESS_PORT) throw taken();
        const allowed = { space: space.name, port, name: parseHostName(name), createdAt: draft.at };
        store.allowedHosts.put(allowed);
        draft.details = { port, name: allowed.name };
        return show(allowed);
      });
    },

    async deny({ space: key, port: text }) {
      const port = Number(text);
      return changeSpace(session, key, { action: 'host.deny', input: { key, port } }, (draft, space) => {
        checkMayConfigure(caller, 'decide which services of the machine dynos reach');
        const allowed = store.allowedHosts.of(space.name).find((each) => each.port === port);
        if (allowed === undefined) {
          throw notFound('port', text, undefined, `What ${space.name} may reach: aka platform:allowed-hosts`);
        }
        store.allowedHosts.remove(space.name, port);
        draft.details = { port, name: allowed.name };
        return show(allowed);
      });
    },
  };
}

function show({ space, port, name, createdAt }: AllowedHost): Host {
  return { space: { name: space }, port, name, created_at: createdAt };
}

function taken() {
  return conflict(
    'port_taken',
    `Port ${EGRESS_PORT} is where dynos find their way out, so it can't lead to a service of the machine.`,
    'Let the service listen on another port.',
  );
}
