/** Whether a file begins as text in UTF-16 does: with its mark, or with a zero in one of the first two bytes. */
export function isUtf16(start: Uint8Array): boolean {
  const [first, second] = start;
  if (first === undefined || second === undefined) return false;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return (first === 0) !== (second === 0);
}
