/** Never part of a source: one is history, the other is installed by the build. */
const NEVER = new Set(['.git', 'node_modules']);

/** Whether a path is, or is in, a folder that no source has. */
export function isNeverSent(path: string): boolean {
  return path.split('/').some((name) => NEVER.has(name));
}
