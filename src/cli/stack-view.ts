import type { Region, Stack } from '../contract/wire.js';
import type { Facts } from './output.js';

/** A stack by itself. */
export function stackFacts(stack: Stack): Facts {
  return [
    ['Stack', stack.name],
    ['Region', stack.region.name],
    ['State', stack.state],
    ...(stack.default === undefined ? [] : ([['Default', stack.default ? 'yes' : 'no']] as const)),
    ['Created', stack.created_at],
  ];
}

/** A region by itself. */
export function regionFacts(region: Region): Facts {
  return [
    ['Region', region.name],
    ['Description', region.description ?? ''],
    ['Country', region.country ?? ''],
    ['Locale', region.locale ?? ''],
    ['Internal capable', region.private_capable ? 'yes' : 'no'],
    ['Highly available', region.high_availability ? 'yes' : 'no'],
    ['Created', region.created_at],
  ];
}
