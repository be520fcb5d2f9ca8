import { appKey } from '../../model/names.js';
import type { AppRecord } from '../store/apps.js';
import { change } from './change.js';
import type { Session } from './session.js';

/** The place of a dyno, such as that of `web.1`. */
interface Place {
  readonly name: string;
  readonly type: string;
  readonly number: number;
}

/** Records that a dyno gives way and why; and apart from that to whom, if that is one dyno. */
export function recordEviction(
  session: Session,
  app: AppRecord,
  place: Place,
  { reason, to }: { readonly reason: string; readonly to: string | undefined },
): void {
  const about = { app: app.name, space: app.space };
  change(session, { action: 'dyno.evict', input: {}, about }, (draft) => {
    session.store.places.setLack({ ...place, app: app.id }, { lack: 'evicted', reason, at: draft.at });
    draft.details = { ...detailsOf(app, place), reason };
    // Who it was is of another space, so that only administrators are told.
    if (to !== undefined) draft.also.push({ about: {}, details: { ...detailsOf(app, place), for: to } });
  });
}

/** Records that one that gave way is started again. */
export function recordReturn(session: Session, app: AppRecord, place: Place): void {
  const about = { app: app.name, space: app.space };
  change(session, { action: 'dyno.return', input: {}, about }, (draft) => {
    session.store.places.setLack({ ...place, app: app.id }, null);
    draft.details = detailsOf(app, place);
  });
}

function detailsOf(app: AppRecord, { name }: Place): Record<string, unknown> {
  return { dyno: name, app: appKey(app.name, app.space) };
}
