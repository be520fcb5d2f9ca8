import type { Formation } from '../../contract/wire.js';
import { appKey } from '../../model/names.js';
import type { AppRecord } from '../store/apps.js';
import type { FormationRecord } from '../store/formations.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Store } from '../store/store.js';
import { waitingCommand } from './commands.js';
import { concernsOfFormation } from './concerns.js';
import { maskSecrets } from './redaction.js';

/** A process type of an app as the API shows it: a secret in its command is hidden as it is in the log. */
export function showFormation(
  store: Store,
  app: AppRecord,
  space: SpaceRecord,
  formation: FormationRecord,
): Formation {
  const waiting = waitingCommand(store, app, formation.type);
  const { id, type, command, quantity, size, port, healthcheck, grace, createdAt, updatedAt } = formation;
  return {
    app: { id: app.id, name: appKey(app.name, app.space) },
    command: command && maskSecrets(store, app, command),
    command_waits:
      waiting === undefined
        ? null
        : {
            command: maskSecrets(store, app, waiting.command),
            build: { id: waiting.build.id, number: waiting.build.number },
          },
    created_at: createdAt,
    grace,
    healthcheck: healthcheck && maskSecrets(store, app, healthcheck),
    id,
    port,
    quantity,
    size,
    type,
    concerns: concernsOfFormation(app, space, formation),
    updated_at: updatedAt,
  };
}
