import type { AppRecord } from '../store/apps.js';
import type { BuildRecord } from '../store/builds.js';
import type { ReleaseRecord } from '../store/releases.js';
import type { Store } from '../store/store.js';

/** The command of a process type that waits for the checks of a build; undefined if none does. */
export function waitingCommand(
  store: Store,
  app: AppRecord,
  type: string,
): { readonly command: string; readonly build: BuildRecord } | undefined {
  for (const build of store.builds.of(app.id)) {
    const command = build.status === 'pending' ? build.source.commands?.[type] : undefined;
    if (command !== undefined) return { command, build };
  }
  return undefined;
}

/** Sets the commands of a build that is released. Called within a change. */
export function setCommands(store: Store, app: AppRecord, { source }: BuildRecord, at: string): void {
  for (const [type, command] of Object.entries(source.commands ?? {})) {
    const formation = store.formations.find(app.id, type);
    if (formation !== undefined) store.formations.update({ ...formation, command, updatedAt: at });
  }
}

/** Whether other code was released since commands were put behind the checks: they were not approved with that. */
export function isOutdated(store: Store, app: AppRecord, { source, slug }: BuildRecord): boolean {
  return source.commands !== undefined && releasing(store, app)?.slug !== slug;
}

/** Returns the release that an app runs next; undefined if it has none. */
export function releasing(store: Store, app: AppRecord): ReleaseRecord | undefined {
  return store.releases.newest(app.id, 'pending') ?? store.releases.newest(app.id, 'succeeded');
}
