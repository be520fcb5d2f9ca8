import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type Frame, FrameReader, frame } from '../../src/contract/frames.js';

/** All frames in bytes that come in these pieces. */
function framesIn(pieces: readonly Buffer[]): Frame[] {
  const reader = new FrameReader();
  return pieces.flatMap((piece) => {
    reader.push(piece);
    const found: Frame[] = [];
    for (let next = reader.next(); next !== undefined; next = reader.next()) found.push(next);
    return found;
  });
}

describe('frames', () => {
  test('are the same again however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 }),
        fc.array(fc.nat(1000), { maxLength: 20 }),
        (payloads, cuts) => {
          const bytes = Buffer.concat(payloads.map((payload) => frame('stdout', payload)));
          const at = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b);
          const pieces = [...at, bytes.length].map((end, index) => bytes.subarray(at[index - 1] ?? 0, end));
          expect(framesIn(pieces).map(({ payload }) => [...payload])).toEqual(
            payloads.map((each) => [...each]),
          );
        },
      ),
    );
  });

  test('of one piece share its memory, however many they are', () => {
    const bytes = Buffer.concat(Array.from({ length: 5000 }, () => frame('stdin', Buffer.alloc(16))));
    const frames = framesIn([bytes]);
    expect(frames).toHaveLength(5000);
    expect(new Set(frames.map(({ payload }) => payload.buffer)).size).toBe(1);
  });
});
