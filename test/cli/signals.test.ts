import { expect, test } from '@jest/globals';
import { atInterrupt } from '../../src/cli/signals.js';

test('Ctrl-C does what was said last, once, and what a host listens for stays', () => {
  const done: string[] = [];
  const ofHost = () => done.push('host');
  process.on('SIGINT', ofHost);
  try {
    atInterrupt(() => done.push('first'));
    atInterrupt(() => done.push('second'));
    process.emit('SIGINT');
    expect(done).toEqual(['host', 'second']);
    process.emit('SIGINT');
    expect(done).toEqual(['host', 'second', 'host']);
    expect(process.listeners('SIGINT')).toEqual([ofHost]);
  } finally {
    process.removeListener('SIGINT', ofHost);
  }
});
