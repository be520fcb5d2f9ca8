import { useEffect, useRef, useState } from 'preact/hooks';
import type { Topology } from '../../contract/wire.js';
import { to } from '../shell/routes.js';
import { toneOf } from '../ui/badge.js';
import { type AppCard, type Line, layOutNetwork, type NetworkLayout } from './network-layout.js';

/** How wide a character of the drawing is, about, in pixels. */
const CHAR = { text: 7.4, mono: 7.0 } as const;

/** A drawing of a space's network: where clients come in, its apps with their dynos, and what these reach. */
export function NetworkDrawing({ topology }: { topology: Topology }) {
  const [box, width] = useWidth();
  return (
    <figure class="network" ref={box}>
      <figcaption class="visually-hidden">{summaryOf(topology)}</figcaption>
      {width > 0 && <Drawing layout={layOutNetwork(topology, width)} topology={topology} />}
      <Legend />
    </figure>
  );
}

function Drawing({ layout, topology }: { layout: NetworkLayout; topology: Topology }) {
  const { width, height, ingress, space, cards, outside, lines, more } = layout;
  const { network, name } = topology.space;
  return (
    <svg
      class="network-svg"
      width={width}
      height={height}
      viewBox={`-1 -1 ${width + 2} ${height + 2}`}
      role="group"
      aria-label={`Network of space ${name}`}
    >
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0.5L7 4L0 7.5z" />
        </marker>
      </defs>
      <rect class="network-space" {...rectOf(space)} rx="12" />
      <text class="network-title" x={space.x + 18} y={space.y + 22}>
        {fitted(name, space.width * 0.45, CHAR.text)}
      </text>
      <text class="network-detail mono" x={space.x + space.width - 14} y={space.y + 22} text-anchor="end">
        {fitted(network?.subnets.join(', ') ?? '', space.width * 0.5, CHAR.mono)}
      </text>
      {lines.map((line) => (
        <NetworkLine key={`${line.kind} ${line.points.join(' ')}`} line={line} />
      ))}
      <g class={`network-box${ingress.isInternal ? ' network-internal' : ''}`}>
        <rect {...rectOf(ingress)} rx="8" />
        <text class="network-name" x={ingress.x + 12} y={ingress.y + 23}>
          {ingress.title}
        </text>
        <text class="network-detail" x={ingress.x + 12} y={ingress.y + 42}>
          {ingress.isInternal ? 'internal listener' : 'public listener'}
        </text>
        <text class="network-detail mono" x={ingress.x + 12} y={ingress.y + 60}>
          {fitted(ingress.detail, ingress.width - 24, CHAR.mono)}
        </text>
      </g>
      {cards.map((card) => (
        <Card key={card.app.id} card={card} />
      ))}
      {cards.length === 0 && (
        <text class="network-detail" x={space.x + space.width / 2} y={space.y + 70} text-anchor="middle">
          No apps yet
        </text>
      )}
      {outside.map((each) => (
        <g key={each.detail} class={`network-box${each.isOpen ? '' : ' network-closed'}`}>
          <title>{`${each.title}: ${each.detail}`}</title>
          <rect {...rectOf(each)} rx="8" />
          <text class="network-name" x={each.x + 12} y={each.y + 23}>
            {each.title}
          </text>
          <text class="network-detail" x={each.x + 12} y={each.y + 42}>
            {fitted(each.detail, each.width - 20, CHAR.mono)}
          </text>
        </g>
      ))}
      {more > 0 && (
        <text class="network-detail" x={space.x + 18} y={space.y + space.height - 4}>
          {`and ${more} more apps, in the table below`}
        </text>
      )}
    </svg>
  );
}

function Card({ card }: { card: AppCard }) {
  const { app, types, x, y, width } = card;
  const address = app.host === null ? 'address set at start' : `${app.host}:${app.port ?? ''}`;
  return (
    <a class="network-card" href={to.app(app.key)}>
      <title>{`${app.key}\n${app.web_url}`}</title>
      <rect {...rectOf(card)} rx="8" />
      <text class="network-name" x={x + 12} y={y + 22}>
        {fitted(app.name, width - 24, CHAR.text)}
      </text>
      <text class="network-detail mono" x={x + 12} y={y + 39}>
        {fitted(address, width - 20, CHAR.mono)}
      </text>
      {types.length === 0 && (
        <text class="network-detail" x={x + 12} y={y + 64}>
          no dynos
        </text>
      )}
      {types.map(({ type, dynos, more }, row) => (
        <g key={type}>
          <text class="network-detail" x={x + 12} y={y + 64 + row * 22}>
            {fitted(type, 58, CHAR.text)}
          </text>
          {dynos.map((dyno, index) => (
            <DynoMark
              key={dyno.id}
              tone={toneOf(dyno.state)}
              x={x + 78 + index * 13}
              y={y + 60 + row * 22}
              title={`${dyno.name}: ${dyno.state}`}
            />
          ))}
          {more > 0 && (
            <text class="network-detail" x={x + 78 + dynos.length * 13} y={y + 64 + row * 22}>
              +{more}
            </text>
          )}
        </g>
      ))}
    </a>
  );
}

/** A dyno, by its state in shape and colour. */
function DynoMark({ tone, x, y, title }: { tone: string; x: number; y: number; title: string }) {
  const mark =
    tone === 'bad' || tone === 'idle' ? (
      <rect class={`mark mark-${tone}`} x={x - 4} y={y - 4} width="8" height="8" rx="1.5" />
    ) : tone === 'warn' ? (
      <path class="mark mark-warn" d={`M${x} ${y - 5}L${x + 5} ${y}L${x} ${y + 5}L${x - 5} ${y}z`} />
    ) : (
      <circle class={`mark mark-${tone}`} cx={x} cy={y} r={tone === 'busy' ? 3.5 : 4} />
    );
  return (
    <g>
      <title>{title}</title>
      {mark}
    </g>
  );
}

function NetworkLine({ line: { kind, points } }: { line: Line }) {
  const path = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  return (
    <path
      class={`network-line network-line-${kind}`}
      d={path}
      marker-end={kind === 'in' || kind === 'out' ? 'url(#arrow)' : undefined}
    />
  );
}

function Legend() {
  return (
    <ul class="network-legend" aria-label="Marks of dynos">
      {LEGEND.map(([tone, text]) => (
        <li key={tone}>
          <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">
            <DynoMark tone={tone} x={0} y={0} title={text} />
          </svg>
          {text}
        </li>
      ))}
    </ul>
  );
}

const LEGEND = [
  ['good', 'up'],
  ['busy', 'starting or stopping'],
  ['warn', 'waiting'],
  ['bad', 'crashed'],
  ['idle', 'down'],
] as const;

/** The width of an element, as it changes. */
function useWidth() {
  const element = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width] as const;
}

function summaryOf({ space, apps, reach }: Topology): string {
  const clients =
    reach.clients.networks === null ? 'anyone' : `clients in ${reach.clients.networks.join(', ')}`;
  const out =
    reach.egress === 'open' ? 'Dynos reach other machines through the egress proxy.' : 'Egress is sealed.';
  return `Space ${space.name} has ${apps.length} ${apps.length === 1 ? 'app' : 'apps'}, reached by ${clients}. ${out}`;
}

/** A text cut to a width. */
function fitted(text: string, width: number, char: number): string {
  const most = Math.max(1, Math.floor(width / char));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function rectOf({ x, y, width, height }: { x: number; y: number; width: number; height: number }) {
  return { x, y, width, height };
}
