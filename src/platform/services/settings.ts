import type { AppsApi } from '../../contract/apps-api.js';
import type { PlatformSettings } from '../../contract/wire.js';
import type { NetworkMode } from '../../model/addresses.js';
import { checkSettings, type Settings } from '../../model/settings.js';
import type { Store } from '../store/store.js';
import { change } from './change.js';
import { checkMayConfigure } from './policy.js';
import type { Session } from './session.js';

/** What administrators decide about the platform itself. */
export function settingsService(session: Session): Pick<AppsApi['platform'], 'settings' | 'configure'> {
  const { store, caller } = session;
  return {
    settings: async () => store.db.snapshot(() => show(store)),

    async configure({ network, ...input }) {
      return change(session, { action: 'platform.configure', input: { network, ...input } }, (draft) => {
        checkMayConfigure(caller, 'configure the platform');
        const changes = Object.fromEntries(
          Object.entries(input).filter(([, value]) => value !== undefined),
        ) as Partial<Settings>;
        checkSettings({ ...store.settings.all(), ...changes });
        store.settings.set(changes);
        if (network !== undefined) store.meta.networkMode = network;
        draft.details = { ...changes, ...(network !== undefined && { network }) };
        return show(store);
      });
    },
  };
}

/**
 * Records what the first start of the daemon found: the network that this machine allows, and the ports that were free.
 * From then on they stay, since addresses are made of them.
 */
export function recordAddresses(
  session: Session,
  found: { readonly network: NetworkMode } & Pick<Settings, 'router_port' | 'http_port' | 'internal_port'>,
): void {
  const { store } = session;
  const { network, ...ports } = found;
  change(session, { action: 'platform.configure', input: found }, (draft) => {
    store.settings.set(ports);
    store.meta.networkMode = network;
    store.settings.rememberAddresses(draft.at);
    draft.details = found;
  });
}

function show(store: Store): PlatformSettings {
  const { internal_allow: allow, ...settings } = store.settings.all();
  return { network: store.meta.networkMode, ...settings, internal_allow: [...allow] };
}
