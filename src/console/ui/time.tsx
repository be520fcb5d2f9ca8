import { useEffect, useState } from 'preact/hooks';

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [24 * 3600, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** How long ago a time was, or how long it takes until then; as it is where it is no time. */
export function relativeTime(iso: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(iso)) / 1000);
  if (Number.isNaN(seconds)) return iso;
  const distance = Math.abs(seconds);
  if (distance < 5) return 'just now';
  const [length, name] = UNITS.find(([each]) => distance >= each) ?? [1, 's'];
  const text = `${Math.floor(distance / length)} ${name}`;
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}

/** A time as how long ago it was, with the time itself as its tooltip. */
export function Time({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={at}>
      {relativeTime(at, Math.max(now, 0))}
    </time>
  );
}
