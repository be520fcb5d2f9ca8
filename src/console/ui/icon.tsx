/** Paths of icons on a grid of 16, drawn as lines. */
const PATHS = {
  spaces: 'M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z',
  audit: 'M4 2.5h8v11H4zM6.25 5.5h3.5M6.25 8h3.5M6.25 10.5h2',
  platform: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01',
  app: 'M8 2l5.2 3v6L8 14l-5.2-3V5zM2.8 5L8 8l5.2-3M8 8v6',
  plus: 'M8 3v10M3 8h10',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.4 10.4l3.1 3.1',
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4 4l8 8M12 4l-8 8',
  alert: 'M8 2.5l6 10.5H2zM8 6.5v3M8 11.2h.01',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.5v3.5M8 5.2h.01',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  shield: 'M8 2l5 2v3.6c0 3-2 5.4-5 6.4-3-1-5-3.4-5-6.400V4zM5.8 8l1.6 1.6 2.9-3.2',
  star: 'M8 13V3.500M4 7.200L8 3.200l4 4',
  lock: 'M4 7.500h8v6H4zM5.5 7.500V5.200a2.5 2.5 0 0 1 5 0v2.3',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.500v1M8 13.500v1M1.5 8h1M13.5 8h1M3.4 3.400l.7.7M11.9 11.900l.7.7M3.4 12.600l.7-.7M11.9 4.100l.7-.7',
  moon: 'M13 9.600A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.600z',
  display: 'M2.5 3h11v7.500h-11zM6 13.500h4M8 10.500v3',
  refresh: 'M13 8a5 5 0 1 1-1.5-3.500M13 2.500v2.800h-2.8',
  pause: 'M5.5 3.500v9M10.5 3.500v9',
  play: 'M5 3.500l7.5 4.500L5 12.500z',
  upload: 'M8 10.500V3M5 5.800L8 2.800l3 3M3 11v2.500h10V11',
  exit: 'M6.5 2.500h-4v11h4M10 5l3 3-3 3M13 8H6',
  chevron: 'M6 3.500L10.5 8 6 12.5',
  external: 'M9.5 2.500h4v4M13.5 2.500L8 8M12 9.500v4H2.500V4h4',
  undo: 'M5.5 3L2.5 6l3 3M2.5 6h7a3.5 3.5 0 0 1 0 7H6',
  globe:
    'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM2 8h12M8 2c2 2 2.5 4 2.5 6s-.5 4-2.5 6c-2-2-2.5-4-2.5-6S6 4 8 2z',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside a text that says the same: it is hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
