// What it costs to decide whether a value may be shown.
import { byTurns, sized, timed } from './measure.mjs';
import { heading, stated } from './report.mjs';
import { sources } from './sources.mjs';

const TURNS = 20;
const TIMES = sized(200, 2);

const { redact } = await sources('src/model/redaction.ts');

const values = {
  'a sensitive name': ['DB_PASSWORD', 'anything'],
  'a word': ['LOG_LEVEL', 'info'],
  'a URL with a login': [
    'DATABASE_URL',
    'postgres://user:pa55word@db.example.com:5432/orders?sslmode=require',
  ],
  'JSON of 1 kB': ['SETTINGS', JSON.stringify({ list: Array.from({ length: 60 }, (_, n) => `entry ${n}`) })],
  'text of 32 kB': ['NOTICE', 'All of this is harmless and may be shown. '.repeat(780)],
};

heading('Redaction, a value');
const took = await byTurns(
  TURNS,
  Object.fromEntries(
    Object.entries(values).map(([kind, [name, value]]) => [
      kind,
      () =>
        timed(() => {
          for (let time = 0; time < TIMES; time++) redact(name, value);
        }),
    ]),
  ),
);
for (const [kind, ms] of Object.entries(took)) stated(kind, (ms * 1000) / TIMES, 'us');
