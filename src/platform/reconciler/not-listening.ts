import type { Listener } from '../engine/listeners.js';
import { NOTHING_LISTENS } from './health.js';

/** Why a dyno can't be reached at its port, from where it listens; `undefined` if that can't be known. */
export function whyNotListening(listeners: readonly Listener[] | undefined, port: number): string {
  const [own] = (listeners ?? []).filter((each) => each.port === port);
  if (own !== undefined) {
    const isLoopback = own.host.startsWith('127.');
    const at = own.host.includes(':') ? `[${own.host}]` : own.host;
    return isLoopback
      ? `it listens on ${at} only, where nothing outside the dyno reaches it; listen on 0.0.0.0`
      : `it listens on ${at} only, and requests come over IPv4; listen on 0.0.0.0`;
  }
  const others = [...new Set((listeners ?? []).map((each) => each.port))];
  if (others.length === 0) return NOTHING_LISTENS;
  const ports = others.slice(0, PORTS).join(', ');
  return `it listens on port ${ports}${others.length > PORTS ? ' and others' : ''}, not on the one in $PORT`;
}

const PORTS = 3;
