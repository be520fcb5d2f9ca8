import type { Formation } from '../../contract/wire.js';
import { appKey } from '../../model/names.js';
import type { AppRecord } from '../store/apps.js';
import type { FormationRecord } from '../store/formations.js';
import type { SpaceRecord } from '../store/spaces.js';
import { concernsOfFormation } from './concerns.js';

/** A process type of an app as the API shows it. */
export function showFormation(app: AppRecord, space: SpaceRecord, formation: FormationRecord): Formation {
  const { id, type, command, quantity, size, port, healthcheck, createdAt, updatedAt } = formation;
  return {
    app: { id: app.id, name: appKey(app.name, app.space) },
    command,
    created_at: createdAt,
    healthcheck,
    id,
    port,
    quantity,
    size,
    type,
    concerns: concernsOfFormation(app, space, formation),
    updated_at: updatedAt,
  };
}
