import type { Logs } from '../logs/logs.js';
import type { RouteTable } from '../reconciler/route-table.js';
import type { RequestRecord } from '../router/exchange.js';

/** Writes each request that led to an app into that app's log. */
export function requestLog(logs: Logs, routes: RouteTable): (record: RequestRecord) => void {
  return (record) => {
    const route = record.app === null ? undefined : routes.find(record.host);
    if (route === undefined) return;
    void logs.write({ app: route.id, dyno: 'router', stream: 'router' }, `${textOf(record)}\n`);
  };
}

function textOf({ method, path, protocol, status, ms, bytes, dyno, requestId, from }: RequestRecord): string {
  const facts = [
    `${Math.round(ms)}ms`,
    `${bytes}b`,
    `dyno=${dyno ?? '-'}`,
    `from=${from}`,
    `id=${requestId}`,
  ];
  return [method, path, protocol, status, ...facts].join(' ');
}
