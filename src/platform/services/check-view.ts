import type { BuildCheck } from '../../contract/wire.js';
import { type BuildCheck as CheckRecord, isPassed } from '../store/build-checks.js';
import type { BuildRecord } from '../store/builds.js';
import type { ReporterRecord } from '../store/reporters.js';
import type { Store } from '../store/store.js';

/** The checks of a build as the API shows them; of those that are missing, also who may report. */
export function showChecks(store: Store, build: BuildRecord): BuildCheck[] {
  return store.buildChecks.of(build.id).map((check) => showCheck(store, build, check));
}

/** One of them. */
export function showCheck(store: Store, build: BuildRecord, check: CheckRecord): BuildCheck {
  const passed = isPassed(check);
  const waits = build.status === 'pending' && !passed;
  return {
    id: check.id,
    context: check.context,
    state: check.state,
    name: check.name,
    description: check.description,
    target_url: check.targetUrl || null,
    image_url: check.imageUrl || null,
    checksum: check.checksum,
    covers: coverageOf(check),
    by: check.reportedBy,
    passed,
    overruled: check.overruledBy === null ? null : { by: check.overruledBy, reason: check.because ?? '' },
    reporters: waits ? store.reporters.of(check.context).map(whoIs) : [],
    created_at: check.createdAt,
    updated_at: check.updatedAt,
  };
}

/** As it stands in the log when it reports. */
function whoIs({ name, user }: ReporterRecord): string {
  return user ?? name;
}

/** What a check that passed vouches for: the content that was uploaded, or only the commit it was uploaded as. */
function coverageOf({ context, state, checksum }: CheckRecord): 'content' | 'commit' | null {
  if (state !== 'success') return null;
  if (checksum !== null) return 'content';
  return context.startsWith('source/') ? 'commit' : null;
}
