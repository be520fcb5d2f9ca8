/** Between why a dyno ended and its last lines, each of which is a line of its own and is indented. */
export const PRINTED_LAST = '. It printed last:';

/** Returns a reason without the lines that follow it: as much as there is room for in a table. */
export function withoutLines(reason: string): string {
  return reason.split(`${PRINTED_LAST}\n`, 1)[0] ?? reason;
}
