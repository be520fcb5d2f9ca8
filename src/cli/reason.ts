/** Why something failed, as the end of a sentence: with one full stop, whether the platform wrote its own or not. */
export function endedBy(reason: string | null | undefined): string {
  return `${(reason ?? 'the platform does not say why').replace(/\.+$/, '')}.`;
}
