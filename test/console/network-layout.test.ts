import { describe, expect, test } from '@jest/globals';
import { type Box, layOutNetwork, typesOf } from '../../src/console/space/network-layout.js';
import type { Dyno, Topology } from '../../src/contract/wire.js';

const time = { created_at: '', updated_at: '' };

function dyno(name: string, state = 'up'): Dyno {
  const [type = ''] = name.split('.');
  return {
    id: name,
    app: { id: 'a', name: 'a-shop' },
    name,
    type,
    command: null,
    size: 'gp1',
    state,
    ready: true,
    restarts: 0,
    port: 5000,
    ...time,
  };
}

function topologyOf(apps: number, hosts = 0): Topology {
  const local = { id: '1', name: 'local' };
  return {
    space: {
      id: 's',
      name: 'shop',
      compliance: [],
      region: local,
      stack: local,
      state: 'allocated',
      ...time,
    },
    apps: Array.from({ length: apps }, (_, index) => ({
      id: `app${index}`,
      name: `app${index}`,
      key: `app${index}-shop`,
      host: '10.0.0.2',
      port: 80,
      web_url: 'https://app.local.localhost',
      dynos: [dyno('web.1'), dyno('worker.1')],
    })),
    reach: {
      spaces: [],
      clients: { listener: 'public', host: '127.0.0.1', port: 8443, networks: null },
      hosts: Array.from({ length: hosts }, (_, index) => ({ name: 'host.internal', port: 5000 + index })),
      egress: 'open',
    },
  };
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const inside = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

describe('the drawing of a network', () => {
  test.each([
    [280, 0, 0],
    [280, 5, 3],
    [700, 7, 1],
    [720, 1, 0],
    [1100, 3, 1],
    [1100, 40, 12],
  ])('of %i px with %i apps and %i hosts has nothing over something else', (width, apps, hosts) => {
    const layout = layOutNetwork(topologyOf(apps, hosts), width);
    const page = { x: 0, y: 0, width, height: layout.height };
    const parts = [layout.ingress, layout.space, ...layout.outside];
    for (const [index, part] of parts.entries()) {
      expect(inside(part, page)).toBe(true);
      for (const other of parts.slice(index + 1)) expect(overlap(part, other)).toBe(false);
    }
    for (const [index, card] of layout.cards.entries()) {
      expect(inside(card, layout.space)).toBe(true);
      for (const other of layout.cards.slice(index + 1)) expect(overlap(card, other)).toBe(false);
    }
    expect(layout.cards).toHaveLength(apps);
  });

  test('leaves apps out that would make it unreadable, and says how many', () => {
    const layout = layOutNetwork(topologyOf(200), 1100);
    expect(layout.cards.length + layout.more).toBe(200);
    expect(layout.more).toBeGreaterThan(0);
  });

  test('shows sealed egress as closed', () => {
    const topology = topologyOf(1);
    const sealed = layOutNetwork({ ...topology, reach: { ...topology.reach, egress: 'sealed' } }, 1100);
    expect(sealed.outside.at(-1)).toMatchObject({ isOpen: false });
    expect(sealed.lines.some(({ kind }) => kind === 'closed')).toBe(true);
  });
});

test('process types are web first, then by name, and many dynos are counted', () => {
  const dynos = [
    dyno('worker.1'),
    dyno('clock.1'),
    ...Array.from({ length: 20 }, (_, index) => dyno(`web.${index + 1}`)),
  ];
  const types = typesOf(dynos);
  expect(types.map(({ type }) => type)).toEqual(['web', 'clock', 'worker']);
  expect((types[0]?.dynos.length ?? 0) + (types[0]?.more ?? 0)).toBe(20);
});
