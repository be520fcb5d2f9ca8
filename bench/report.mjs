import { sized } from './measure.mjs';

export function heading(text) {
  console.log(`\n${text}`);
}

/** A figure that has a target: `ok` or `over`, never a failure, for a busy machine is no defect. A quick run judges nothing. */
export function judged(name, value, atMost, unit = 'x') {
  const verdict = sized(value <= atMost ? 'ok' : 'over', '');
  console.log(
    `  ${name.padEnd(52)} ${figure(value, unit).padStart(10)}  at most ${figure(atMost, unit)}  ${verdict}`,
  );
}

/** A figure without a target. */
export function stated(name, value, unit) {
  console.log(`  ${name.padEnd(52)} ${figure(value, unit).padStart(10)}`);
}

export function remark(text) {
  console.log(`  ${text}`);
}

function figure(value, unit) {
  const digits = unit === 'x' ? 2 : value < 10 ? 2 : value < 100 ? 1 : 0;
  return unit === 'x' ? `${value.toFixed(digits)}x` : `${value.toFixed(digits)} ${unit}`;
}
