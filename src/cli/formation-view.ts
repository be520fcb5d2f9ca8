import type { Formation } from '../contract/wire.js';
import { given } from '../model/given.js';
import type { Facts } from './output.js';

/** The facts about a process type that every command shows alike. */
export function formationFacts(formation: Formation): Facts {
  const { app, type, command, quantity, size, port, healthcheck, grace } = formation;
  return [
    ['Type', `${type} of ${app.name}`],
    ['Dynos', quantity],
    ['Size', size],
    ['Command', command ?? 'that of its source'],
    ...waitingFacts(formation),
    ...(port === null ? [] : ([['Port', port]] as const)),
    ...(healthcheck === null ? [] : ([['Health check', healthcheck]] as const)),
    ...(grace === null ? [] : ([['Grace time', `${grace} s`]] as const)),
  ];
}

/** A command of a socs space that waits for its checks. */
function waitingFacts({ command_waits: waits }: Formation): Facts {
  return waits == null
    ? []
    : [['New command', `${waits.command} (once build ${waits.build.number} passes its checks)`]];
}

/** Where to follow what a process type waits for: its checks, else its dynos. */
export function nextOf({ app, command_waits: waits }: Formation): string {
  return waits == null
    ? `See its dynos: aka ps -a ${app.name}`
    : `See the checks that the new command waits for: aka builds:info ${waits.build.number} -a ${app.name}`;
}

interface FormationFlags {
  readonly command?: string | undefined;
  readonly quantity?: number | undefined;
  readonly size?: string | undefined;
  readonly port?: number | undefined;
  readonly healthcheck?: string | undefined;
  readonly grace?: number | undefined;
}

/** What flags say of a formation; an empty command or health check is none of its own. */
export function wantedOf({ command, quantity, size, port, healthcheck, grace }: FormationFlags) {
  return given({ command: orNone(command), quantity, size, port, healthcheck: orNone(healthcheck), grace });
}

function orNone(text: string | undefined): string | null | undefined {
  return text === '' ? null : text;
}
