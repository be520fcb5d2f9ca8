import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './aka.js';

export interface ManifestCommand {
  readonly id: string;
  readonly summary?: string;
  readonly description?: string;
  readonly examples?: readonly string[];
  readonly flags: Readonly<
    Record<string, { readonly char?: string; readonly description?: string; readonly hidden?: boolean }>
  >;
  readonly args: Readonly<Record<string, { readonly description?: string }>>;
}

/** Every command that is published. */
export const COMMANDS: readonly ManifestCommand[] = Object.values(
  (
    JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')) as {
      commands: Record<string, ManifestCommand>;
    }
  ).commands,
);
