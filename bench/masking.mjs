// What it costs to take secrets out of logs: 50 of them, as long as passwords and keys are, each in every form.
import { byTurns, sized, timed } from './measure.mjs';
import { heading, judged, remark, stated } from './report.mjs';
import { sources } from './sources.mjs';

const TURNS = 10;
const CHUNK = 64 * 1024;
const CHUNKS = sized(256, 4);
const MEGABYTES = (CHUNK * CHUNKS) / 1e6;
const TARGET = 100;

const { SecretSet, Masker } = await sources('src/platform/logs/secret-set.ts', 'src/platform/logs/masker.ts');

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
let seed = 1;
const random = (below) => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return seed % below;
};
const word = (length) => Array.from({ length }, () => LETTERS[random(LETTERS.length)]).join('');
const secrets = Array.from({ length: 50 }, (_, n) => word(8 + ((n * 7) % 56)));
const set = new SecretSet(secrets);

const line = (n) =>
  `2026-03-01T12:00:00.${n % 1000}Z INFO request id=${word(12)} GET /orders/${n}?page=2 200 ${n % 90}ms user=${word(6)}\n`;
function text(lineOf) {
  let all = '';
  for (let n = 0; all.length < CHUNK; n++) all += lineOf(n);
  return Buffer.from(all.slice(0, CHUNK));
}
const texts = {
  'lines without one': text(line),
  'a secret in every tenth line': text((n) => (n % 10 === 0 ? `key ${secrets[n % 50]}\n` : line(n))),
  'starts of secrets, one after the other': text((n) => secrets[n % 50].slice(0, -1)),
};

heading('Masking of logs, 50 secrets, one core');
const through = (bytes) =>
  timed(() => {
    const masker = new Masker(set);
    for (let n = 0; n < CHUNKS; n++) masker.take(bytes);
    masker.end();
  });
const took = await byTurns(TURNS, {
  copying: () =>
    timed(() => {
      for (let n = 0; n < CHUNKS; n++) Buffer.from(texts['lines without one']);
    }),
  ...Object.fromEntries(Object.entries(texts).map(([kind, bytes]) => [kind, () => through(bytes)])),
});
for (const [kind, ms] of Object.entries(took)) stated(kind, MEGABYTES / (ms / 1000), 'MB/s');
judged(`time of what ${TARGET} MB/s allow`, took['lines without one'] / (MEGABYTES * (1000 / TARGET)), 1);
stated('masking to copying', took['lines without one'] / took.copying, 'x');
remark('The times are of processing alone: what is written to disk is the same without it.');
