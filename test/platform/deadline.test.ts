import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { deadline } from '../../src/platform/deadline.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('a deadline', () => {
  test('comes when time is up, whatever is collected meanwhile', async () => {
    const outer = new AbortController();
    const heard = new Promise((resolve) => {
      // Nobody keeps it: what listens to it does not either.
      deadline(200, outer.signal).signal.addEventListener('abort', () => resolve('in time'), { once: true });
      setTimeout(() => resolve('never'), 2000);
    });
    const collecting = setInterval(collectGarbage, 5);
    expect(await heard).toBe('in time');
    clearInterval(collecting);
  });

  test('comes with the other signal, also one that came before, and says that it was not the time', () => {
    const outer = new AbortController();
    const end = deadline(60_000, outer.signal);
    outer.abort(new Error('enough'));
    expect(end.signal.reason).toEqual(new Error('enough'));
    expect(end.isOver).toBe(false);
    const late = deadline(60_000, outer.signal);
    expect(late.signal.aborted).toBe(true);
    end.release();
    late.release();
  });

  test('does not come once it was released', () => {
    const outer = new AbortController();
    const end = deadline(60_000, outer.signal);
    end.release();
    outer.abort();
    expect(end.signal.aborted).toBe(false);
  });
});
