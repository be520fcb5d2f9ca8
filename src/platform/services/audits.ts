import type { AppsApi } from '../../contract/apps-api.js';
import type { AuditEvent } from '../../contract/wire.js';
import { splitAppKey } from '../../model/names.js';
import { type AuditRecord, type ChainLink, verifyChain } from '../audit/chain.js';
import { checkMayConfigure, checkMayUse } from './policy.js';
import type { Session } from './session.js';

/** As many as the Akkeris API answers when not told. */
const DEFAULT_SIZE = 10;

/** The audit log: what was changed or refused, by whom, and whether the log is whole. */
export function auditsService({ store, caller }: Session): AppsApi['audits'] {
  return {
    async list({ app, space, user, size = DEFAULT_SIZE } = {}) {
      const split = app === undefined ? undefined : splitAppKey(app);
      const about = space ?? split?.space;
      if (about !== undefined) checkMayUse(caller, about);
      const selection = { app: split?.app ?? app, space: about, user, among: caller.spaces };
      return store.audit.newest(selection, size).map(showRecord);
    },
    verify: async () =>
      store.db.snapshot(() => {
        checkMayConfigure(caller, 'check the whole audit log');
        const state = verifyChain(store.meta.dataId, store.audit.links());
        return { ok: state.broken === undefined, ...state };
      }),
  };
}

function showRecord(link: ChainLink): AuditEvent {
  const record = JSON.parse(link.record) as AuditRecord;
  return {
    action: record.action,
    app: record.app,
    space: record.space,
    username: record.username,
    received_at: record.at,
    info: link.record,
    seq: link.seq,
    hash: link.hash,
    outcome: record.outcome,
  };
}
