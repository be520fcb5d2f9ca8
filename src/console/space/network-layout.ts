import type { Dyno, Topology } from '../../contract/wire.js';
import { WEB } from '../../model/formation.js';

/** A rectangle of the drawing, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Point = readonly [x: number, y: number];

/** A line through points. */
export interface Line {
  readonly points: readonly Point[];
  /** `network` is the network of the space; the others lead in and out of it. */
  readonly kind: 'network' | 'in' | 'out' | 'closed';
}

export interface ProcessType {
  readonly type: string;
  /** As many as there is place for. */
  readonly dynos: readonly Dyno[];
  /** How many more there are. */
  readonly more: number;
}

export interface AppCard extends Box {
  readonly app: Topology['apps'][number];
  readonly types: readonly ProcessType[];
}

/** Something outside of the space that its dynos may reach, or not. */
export interface Outside extends Box {
  readonly title: string;
  readonly detail: string;
  readonly isOpen: boolean;
}

export interface NetworkLayout {
  readonly width: number;
  readonly height: number;
  /** Where clients come in. */
  readonly ingress: Box & { readonly title: string; readonly detail: string; readonly isInternal: boolean };
  readonly space: Box;
  readonly cards: readonly AppCard[];
  /** How many apps are left out of the drawing. */
  readonly more: number;
  readonly outside: readonly Outside[];
  readonly lines: readonly Line[];
}

/** Below this width the three parts stand one above the other. */
const WIDE = 720;
const SIDE = 168;
const GAP = 44;
const PAD = 18;
const TITLE = 34;
const CARD = { minWidth: 168, maxWidth: 272, head: 50, row: 22, gap: 16, stub: 16 } as const;
const OUTSIDE = 56;
/** More than these would be no drawing any more; the table has them all. */
const APPS_MAX = 60;
const DYNOS_MAX = 8;

/** Where everything of a space's network goes in a drawing of a width. */
export function layOutNetwork(topology: Topology, width: number): NetworkLayout {
  const { reach } = topology;
  const isWide = width >= WIDE;
  const apps = topology.apps.slice(0, APPS_MAX);
  const outsides = outsideOf(topology);

  const ingressBox: Box = isWide
    ? { x: 0, y: 0, width: SIDE, height: 74 }
    : { x: 0, y: 0, width, height: 74 };
  const spaceX = isWide ? SIDE + GAP : 0;
  const spaceY = isWide ? 0 : ingressBox.height + GAP;
  const spaceWidth = isWide ? width - 2 * (SIDE + GAP) : width;

  const inner = spaceWidth - 2 * PAD;
  const columns = Math.max(
    1,
    Math.min(apps.length, Math.floor((inner + CARD.gap) / (CARD.minWidth + CARD.gap))),
  );
  const cardWidth = Math.min(CARD.maxWidth, (inner - (columns - 1) * CARD.gap) / columns);

  const cards: AppCard[] = [];
  const rails: number[] = [];
  let y = spaceY + TITLE;
  for (let first = 0; first < apps.length; first += columns) {
    const row = apps.slice(first, first + columns).map((app) => ({ app, types: typesOf(app.dynos) }));
    const height = CARD.head + Math.max(1, ...row.map(({ types }) => types.length)) * CARD.row + 8;
    rails.push(y);
    for (const [column, each] of row.entries()) {
      const x = spaceX + PAD + column * (cardWidth + CARD.gap);
      cards.push({ ...each, x, y: y + CARD.stub, width: cardWidth, height });
    }
    y += CARD.stub + height + CARD.gap;
  }
  if (apps.length === 0) {
    rails.push(y);
    y += 64;
  }
  const sideHeight = isWide ? outsides.length * (OUTSIDE + CARD.gap) : 0;
  const space: Box = {
    x: spaceX,
    y: spaceY,
    width: spaceWidth,
    height: Math.max(y - spaceY, ingressBox.height, sideHeight - CARD.gap),
  };

  const outside = placeOutside(outsides, space, isWide, width);
  const last = outside.at(-1);
  const bottom = last === undefined ? space.y + space.height : last.y + last.height;
  const [firstRail = spaceY + TITLE] = rails;
  return {
    width,
    height: Math.max(space.y + space.height, bottom) + 2,
    ingress: {
      ...ingressBox,
      title: reach.clients.networks === null ? 'Anyone' : 'Internal networks',
      detail: `${reach.clients.host}:${reach.clients.port}`,
      isInternal: reach.clients.networks !== null,
    },
    space,
    cards,
    more: topology.apps.length - apps.length,
    outside,
    lines: [
      ...networkLines(space, rails, cards),
      inLine(ingressBox, space, firstRail, isWide),
      ...outside.map((each, index) => outLine(each, outside[index - 1] ?? space, space, isWide)),
    ],
  };
}

/** The process types of dynos, web first, with as many of their dynos as a card holds. */
export function typesOf(dynos: readonly Dyno[]): ProcessType[] {
  const byType = new Map<string, Dyno[]>();
  for (const dyno of dynos) byType.set(dyno.type, [...(byType.get(dyno.type) ?? []), dyno]);
  return [...byType]
    .sort(([a], [b]) => Number(b === WEB) - Number(a === WEB) || (a < b ? -1 : 1))
    .map(([type, all]) => ({
      type,
      dynos: all.slice(0, DYNOS_MAX),
      more: Math.max(0, all.length - DYNOS_MAX),
    }));
}

function outsideOf({ reach }: Topology): Omit<Outside, keyof Box>[] {
  return [
    ...reach.hosts.map(({ name, port }) => ({
      title: 'This machine',
      detail: `${name}:${port}`,
      isOpen: true,
    })),
    {
      title: 'Other machines',
      detail: reach.egress === 'open' ? 'by the egress proxy' : 'egress is sealed',
      isOpen: reach.egress === 'open',
    },
  ];
}

function placeOutside(
  outsides: readonly Omit<Outside, keyof Box>[],
  space: Box,
  isWide: boolean,
  width: number,
): Outside[] {
  if (isWide) {
    const x = space.x + space.width + GAP;
    return outsides.map((each, index) => ({
      ...each,
      x,
      y: index * (OUTSIDE + CARD.gap),
      width: SIDE,
      height: OUTSIDE,
    }));
  }
  const top = space.y + space.height + GAP;
  return outsides.map((each, index) => ({
    ...each,
    x: 0,
    y: top + index * (OUTSIDE + CARD.gap),
    width,
    height: OUTSIDE,
  }));
}

/** The network itself: a rail over every row of cards, joined at the left, from which the cards hang. */
function networkLines(space: Box, rails: readonly number[], cards: readonly AppCard[]): Line[] {
  const left = space.x + PAD / 2;
  const right = space.x + space.width;
  const [first = 0] = rails;
  return [
    ...rails.map(
      (y): Line => ({
        kind: 'network',
        points: [
          [left, y],
          [right, y],
        ],
      }),
    ),
    ...(rails.length > 1
      ? [
          {
            kind: 'network',
            points: [
              [left, first],
              [left, rails.at(-1) ?? first],
            ],
          } as const,
        ]
      : []),
    ...cards.map(
      ({ x, y, width }): Line => ({
        kind: 'network',
        points: [
          [x + width / 2, y - CARD.stub],
          [x + width / 2, y],
        ],
      }),
    ),
  ];
}

function inLine(ingress: Box, space: Box, rail: number, isWide: boolean): Line {
  return isWide
    ? {
        kind: 'in',
        points: [
          [ingress.x + ingress.width, rail],
          [space.x + PAD / 2, rail],
        ],
      }
    : {
        kind: 'in',
        points: [
          [space.x + PAD / 2, ingress.y + ingress.height],
          [space.x + PAD / 2, rail],
        ],
      };
}

function outLine(box: Outside, above: Box, space: Box, isWide: boolean): Line {
  const kind = box.isOpen ? 'out' : 'closed';
  if (isWide) {
    const y = box.y + box.height / 2;
    return {
      kind,
      points: [
        [space.x + space.width, y],
        [box.x, y],
      ],
    };
  }
  const x = box.x + box.width / 2;
  return {
    kind,
    points: [
      [x, above.y + above.height],
      [x, box.y],
    ],
  };
}
