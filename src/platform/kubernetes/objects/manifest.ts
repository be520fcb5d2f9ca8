import type { KubernetesObject, Metadata } from '../client/resources.js';

/** An object to apply. Tests check its fields against the schemas of the oldest and of a new Kubernetes. */
export interface Manifest extends KubernetesObject {
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

/** Quantities as Kubernetes writes them. */
export const cores = (cpu: number): string => `${Math.round(cpu * 1000)}m`;
export const bytes = (memory: number): string => `${Math.ceil(memory / (1024 * 1024))}Mi`;
