import type { AppsApi } from '../../contract/apps-api.js';
import { type AppsApiError, conflict } from '../../contract/errors.js';
import type { PlatformSettings } from '../../contract/wire.js';
import type { NetworkMode } from '../../model/addresses.js';
import { DEFAULT_MAIL, MAIL_SETTINGS } from '../../model/mail.js';
import { checkSettings, type Settings } from '../../model/settings.js';
import { holderOf } from '../files/process-lock.js';
import type { Store } from '../store/store.js';
import { change } from './change.js';
import { mailServer } from './mail.js';
import { isRedirected, mailNotice } from './mail-notice.js';
import { changePassword, checkAuthority, recordedSettings } from './mail-settings.js';
import { checkMayConfigure } from './policy.js';
import type { Session } from './session.js';

/** What administrators decide about the platform itself. */
export function settingsService(session: Session): Pick<AppsApi['platform'], 'settings' | 'configure'> {
  const { store, caller } = session;
  return {
    settings: async () => store.db.snapshot(() => show(session)),

    async configure({ network, smtp_password: password, ...input }) {
      const former = mailServer(store);
      const settings = change(
        session,
        { action: 'platform.configure', input: { network, ...input } },
        (draft) => {
          checkMayConfigure(caller, 'configure the platform');
          const changes = Object.fromEntries(
            Object.entries(input).filter(([, value]) => value !== undefined),
          ) as Partial<Settings>;
          const before = store.settings.all();
          checkSettings({ ...before, ...changes });
          checkAuthority(changes.smtp_ca);
          store.settings.set(changes);
          const told = changePassword(store, before, password);
          if (MAIL_SETTINGS.some((name) => name in changes) || told !== undefined)
            store.digests.retry(draft.now);
          if (network !== undefined && network !== store.meta.networkMode && isServed(store)) throw inUse();
          if (network !== undefined) {
            store.meta.networkMode = network;
            store.settings.rememberNetwork(draft.at);
          }
          draft.details = {
            ...recordedSettings(changes),
            ...(network !== undefined && { network }),
            ...(told !== undefined && { smtp_password: told }),
          };
          return show(session);
        },
      );
      const after = store.settings.all();
      if (former !== undefined && isRedirected(former.settings, after))
        await mailNotice(session, former, after);
      return settings;
    },
  };
}

/**
 * Records what the first start of the daemon found: the network that this machine allows, and the ports that were free.
 * From then on they stay, since addresses are made of them. Later on there is nothing to record.
 */
export function recordAddresses(
  session: Session,
  found: { readonly network: NetworkMode } & Pick<Settings, 'router_port' | 'http_port' | 'internal_port'>,
): void {
  const { store } = session;
  const { network, ...ports } = found;
  const names = ['network', 'router_port', 'http_port', 'internal_port'] as const;
  if (names.every((name) => store.settings.isChosen(name))) return;
  change(session, { action: 'platform.configure', input: found }, (draft) => {
    store.settings.set(ports);
    store.meta.networkMode = network;
    store.settings.rememberNetwork(draft.at);
    draft.details = found;
  });
}

/** Where mail goes, and by whose server, is shown to administrators only: for others it is as if none were set. */
function show({ store, caller }: Session): PlatformSettings {
  const isAdmin = caller.role === 'admin';
  const {
    internal_allow: allow,
    redact_words: words,
    redact_exceptions: exceptions,
    mail_to: to,
    ...settings
  } = { ...store.settings.all(), ...(!isAdmin && DEFAULT_MAIL) };
  return {
    network: store.meta.networkMode,
    ...settings,
    internal_allow: [...allow],
    redact_words: [...words],
    redact_exceptions: [...exceptions],
    mail_to: [...to],
    smtp_password: isAdmin && store.sealedSettings.has('smtp_password') ? 'set' : 'unset',
  };
}

function isServed({ folders }: Store): boolean {
  return holderOf(folders.dataDir, 'server') !== undefined;
}

/** Dynos that run keep their addresses, and those that start beside them must find them. */
function inUse(): AppsApiError {
  return conflict(
    'platform_running',
    "The network can't be changed while the platform runs: every address of its apps would be another.",
    'Stop it first: aka platform:stop',
  );
}
