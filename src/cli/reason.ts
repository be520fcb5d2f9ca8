/** Why something failed, as the end of a sentence: with one full stop, unless lines of a program follow. */
export function endedBy(reason: string | null | undefined): string {
  if (reason?.includes('\n')) return reason;
  return `${(reason ?? 'the platform does not say why').replace(/\.+$/, '')}.`;
}
