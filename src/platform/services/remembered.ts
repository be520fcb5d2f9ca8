/** The same look-up, which looks up each key only once: for one answer, within one snapshot. */
export function remembered<Found extends object>(find: (key: string) => Found): (key: string) => Found {
  const known = new Map<string, Found>();
  return (key) => {
    const found = known.get(key) ?? find(key);
    known.set(key, found);
    return found;
  };
}
