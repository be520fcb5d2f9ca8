import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { RedactionRules } from '../../../src/model/redaction.js';
import { attachmentOf } from '../../../src/platform/audit/attachment.js';
import { type AuditFacts, type ChainLink, genesis, link } from '../../../src/platform/audit/chain.js';
import { makeDigest, TOLD_MOST } from '../../../src/platform/audit/digest.js';
import { digestHtml } from '../../../src/platform/audit/digest-html.js';
import { digestSubject, digestText } from '../../../src/platform/audit/digest-text.js';
import { verifyExport } from '../../../src/platform/audit/exported.js';
import { CANARIES, found } from '../../scenarios/canaries.js';

const FRAME = {
  space: 'vault',
  since: '2026-11-16T09:00:00.000Z',
  until: '2026-11-23T09:00:00.000Z',
  chain: { records: 9, head: 'a'.repeat(64) },
};

const FACTS: AuditFacts = {
  at: '2026-11-20T10:11:12.000Z',
  action: 'app.update',
  outcome: 'done',
  username: 'ann',
  role: 'admin',
  origin: 'cli',
  space: 'vault',
  app: 'web',
  details: {},
};

/** Records that follow each other. */
function chained(all: readonly Partial<AuditFacts>[]): ChainLink[] {
  let before = genesis('data');
  return all.map((facts, index) => {
    const record = JSON.stringify({ seq: index + 1, salt: 'salt', ...FACTS, ...facts });
    before = link(before, record);
    return { seq: index + 1, record, hash: before };
  });
}

const digestWith = (all: readonly Partial<AuditFacts>[]) => makeDigest(FRAME, chained(all));

describe('a digest', () => {
  test('counts by action, and tells changes, refusals and overruled checks', () => {
    const digest = digestWith([
      { details: { maintenance: true } },
      { action: 'build.overrule', details: { context: 'source/lint', reason: 'a hotfix' } },
      {
        outcome: 'refused',
        username: 'eve',
        details: { id: 'administrators_only', reason: 'Only they do.' },
      },
    ]);
    expect(digest.counts).toEqual([
      { action: 'app.update', done: 1, refused: 1 },
      { action: 'build.overrule', done: 1, refused: 0 },
    ]);
    expect(digest.overruled.entries).toMatchObject([{ what: 'context: source/lint; a hotfix' }]);
    expect(digest.changes.entries).toHaveLength(2);
    expect(digest.refusals.entries).toMatchObject([{ username: 'eve', what: 'Only they do.' }]);
    expect(digestSubject(digest)).toBe(
      '[aka] space vault, 2 changes, 1 refusal, 1 check overruled, 2026-11-16 to 2026-11-23',
    );
  });

  test('of nothing says so', () => {
    const digest = digestWith([]);
    for (const said of [digestText(digest), digestHtml(digest)]) {
      expect(said).toMatch(/0 changes, 0 refusals/);
      expect(said).toMatch(/Nothing was changed, and nothing refused/);
    }
  });

  test('of very much is cut, and says how many more there are and how to see them', () => {
    const digest = digestWith(Array.from({ length: TOLD_MOST + 7 }, () => ({})));
    expect(digest.records).toBe(TOLD_MOST + 7);
    expect(digest.changes).toMatchObject({ more: 7 });
    for (const said of [digestText(digest), digestHtml(digest)]) {
      expect(said).toContain(
        '7 more are not shown. All of them: aka audits:export --space vault --since 2026-11-16T09:00:00.000Z',
      );
    }
  });

  test('of a broken log says that first', () => {
    const chain = { records: 3, head: 'b'.repeat(64), broken: { seq: 4, reason: 'it was changed' } };
    const digest = makeDigest({ ...FRAME, chain }, []);
    expect(digestSubject(digest)).toMatch(/^\[aka\] AUDIT LOG BROKEN: /);
    expect(digestText(digest)).toMatch(/BROKEN at record 4: it was changed/);
    expect(digestHtml(digest)).toMatch(/BROKEN at record 4: it was changed/);
  });

  test('tells what is left of records that somebody damaged, and the others', () => {
    const [good] = chained([{}]);
    const damaged = ['', 'null', '{"seq":2', '{"action":7,"details":[]}', '{"details":{"a":null}}'];
    const links = damaged.map((record, index) => ({ seq: index + 2, record, hash: '' }));
    const digest = makeDigest(FRAME, [...(good === undefined ? [] : [good]), ...links]);
    expect(digest.records).toBe(1 + damaged.length);
    expect(digest.counts).toContainEqual({ action: 'unreadable', done: damaged.length, refused: 0 });
    expect(digestText(digest)).toMatch(/app\.update/);
  });

  test.each([
    [{ id: 'a1', port: 80, set: ['A', 'B'], unset: [] }, 'id: a1; port: 80; set: A, B; unset: none'],
    [{ token: 'ci', role: 'user' }, 'token: ci; role: user'],
    [{ credential: 'db', vars: null }, 'credential: db; vars: none'],
    [{ vars: { DB_PASSWORD: 'hunter22', COLOUR: 'red' } }, 'vars: (DB_PASSWORD: [redacted]; COLOUR: red)'],
    [{ id: 'exists', reason: 'It is there: password=hunter22' }, 'It is there: password=[redacted]'],
    [{ note: 'x'.repeat(400) }, `note: ${'x'.repeat(294)}...`],
  ])('says of %j what changed', (details, what) => {
    expect(digestWith([{ details }]).changes.entries).toMatchObject([{ what }]);
  });

  test('shows no secret that a record might hold', () => {
    const digest = digestWith(
      CANARIES.flatMap(({ name, value, telling }) => [
        { details: { [name]: value } },
        ...(telling ? [{ details: { reason: value, deep: { list: [value] } } }] : []),
      ]),
    );
    expect(found(`${digestSubject(digest)}${digestText(digest)}${digestHtml(digest)}`)).toEqual([]);
  });

  test('follows what administrators added to what is redacted', () => {
    const links = chained([{ details: { licence: 'L-1', cookie_domain: 'example.com' } }]);
    const told = (rules?: RedactionRules) => makeDigest(FRAME, links, rules).changes.entries[0]?.what;
    expect(told()).toBe('licence: L-1; cookie_domain: [redacted]');
    expect(told({ words: ['licence'], exceptions: ['cookie_domain'] })).toBe(
      'licence: [redacted]; cookie_domain: example.com',
    );
  });

  test('is one page of HTML that loads nothing, whatever its records say', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bad = `${text}"'><img src=https://eve.example/x><script>alert(1)</script><!--`;
        const html = digestHtml(
          digestWith([
            { username: bad, app: bad, origin: bad, details: { note: bad, [bad]: bad } },
            { outcome: 'refused', details: { id: 'x', reason: bad } },
          ]),
        );
        expect(html).not.toMatch(
          /<(?:img|script|link|iframe|object|svg|base|form|a)\b|<!--|\bsrc=(?!https:\/\/eve)/i,
        );
        expect(html.match(/<\/html>/g)).toHaveLength(1);
      }),
    );
  });

  test('has each record on lines of its own in text, whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (said) => {
        const bad = `${said}\r\n\u001b[2J\u202eFAKE`;
        const text = digestText(digestWith([{ username: bad, details: { note: bad } }]));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
        expect(text).not.toMatch(/[\r\u0000-\u0009\u001b\u202e]/);
        expect(text.split('\n').filter((line) => /FAKE/.test(line))).toHaveLength(2);
      }),
    );
  });
});

const verify = (text: string, head?: string) =>
  verifyExport(
    (async function* () {
      yield Buffer.from(text);
    })(),
    head,
  );

describe('the records that go with a digest', () => {
  const links = chained([{}, { space: 'other', username: 'mallory' }, {}, {}]);

  test('are those of the space; of others only what the chain needs', async () => {
    const attached = attachmentOf('vault', FRAME.until, genesis('data'), links);
    expect(attached).toMatchObject({ filename: 'vault-2026-11-23.jsonl', first: 1, last: 4, isCut: false });
    expect(attached?.content).not.toContain('mallory');
    expect(await verify(attached?.content ?? '', links[3]?.hash)).toMatchObject({ ok: true, hidden: 1 });
  });

  test.each([[{ lines: 2, bytes: 1e6 }], [{ lines: 100, bytes: 1000 }]])(
    'are no more than %j, and say so',
    async (most) => {
      const attached = attachmentOf('vault', FRAME.until, genesis('data'), links, most);
      expect(attached).toMatchObject({ last: 2, isCut: true });
      expect(await verify(attached?.content ?? '')).toMatchObject({ ok: true });
      expect(digestText(digestWith([{}]), attached)).toMatch(
        /There are more than go with a mail: aka audits:export/,
      );
    },
  );
});
