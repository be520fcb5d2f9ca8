import type { AppName, SpaceName } from '../../../model/names.js';
import type { AppRef } from '../../desired/app.js';

/** Labels of everything that the platform makes. */
export const LABEL = {
  platform: 'aka.io/platform',
  space: 'aka.io/space',
  app: 'aka.io/app',
  process: 'aka.io/process',
  release: 'aka.io/release',
  oneOff: 'aka.io/one-off',
  compliance: (name: string) => `aka.io/${name}`,
} as const;

/** A time: dynos that were started before it are replaced. */
export const RENEWAL = 'aka.io/renewal';
/** The container of a dyno's own program. */
export const CONTAINER = 'dyno';
export const SLUG_CONTAINER = 'slug';
/** The label that the router's pods have. */
export const ROUTER = { 'app.kubernetes.io/name': 'aka-router' } as const;
export const CONTROL_PLANE = { 'app.kubernetes.io/name': 'aka' } as const;
export const SERVICE_ACCOUNT = 'dyno';
export const DISCOVERY = 'discovery';
export const HTTP = 'http';

const PREFIX = 'aka-';

export function namespaceOf(space: SpaceName): string {
  return `${PREFIX}${space}`;
}

export function deploymentName(app: AppRef, type: string): string {
  return `${app.name}-${type}`;
}

export function configName(app: AppRef, version: number): string {
  return `${app.name}-v${version}`;
}

export function slugName(app: AppRef, version: number): string {
  return `${configName(app, version)}-slug`;
}

export function credentialsName(app: AppRef): string {
  return `${app.name}-credentials`;
}

/** A dyno's name: its type and the random end of its pod's name, which is unique in its app. */
export function dynoNameOf(type: string, pod: string): string {
  return `${type}.${pod.slice(pod.lastIndexOf('-') + 1)}`;
}

/** The app that an object belongs to, by its labels; undefined if it is none of ours. */
export function appOf(labels: Readonly<Record<string, string>> = {}): AppRef | undefined {
  const { [LABEL.space]: space, [LABEL.app]: app } = labels;
  if (space === undefined || app === undefined) return undefined;
  return { space: space as SpaceName, name: app as AppName };
}
