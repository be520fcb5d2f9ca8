import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { AuditVerdict } from '../../../src/contract/wire.js';
import { auditLineText, parseAuditLine } from '../../../src/model/audit-line.js';
import { link } from '../../../src/platform/audit/chain.js';
import { verifyExport } from '../../../src/platform/audit/exported.js';
import { openTemporary, temporaryFolder, temporaryFolders } from '../store/temporary.js';
import { fillLog } from './filled.js';

const RECORDS = 1000;

/** Where the first line has the number of its record. */
const FIRST_NUMBER = '{"seq":'.length;

type Line = NonNullable<ReturnType<typeof parseAuditLine>>;

/** The lines of an export of such a log: of all of it, or of space `shop` alone. */
async function exported(filter: { space?: string; since?: string } = {}): Promise<string[]> {
  const folders = temporaryFolders();
  fillLog(folders, RECORDS);
  const { api, close } = openTemporary(folders);
  const lines: string[] = [];
  for await (const line of await api.audits.export(filter)) lines.push(auditLineText(line));
  close();
  return lines;
}

/** The verdict on a file, read in parts of so many bytes. */
async function verdictOn(
  file: Buffer | readonly string[],
  against?: string,
  part = 65_536,
): Promise<AuditVerdict> {
  const bytes = Buffer.isBuffer(file) ? file : Buffer.from(file.map((line) => `${line}\n`).join(''));
  const parts = async function* () {
    for (let at = 0; at < bytes.length; at += part) yield bytes.subarray(at, at + part);
  };
  return verifyExport(parts(), against);
}

function lineIn(text: string | undefined): Line {
  const line = parseAuditLine(text ?? '');
  if (line === undefined) throw new Error(`This is no line: ${text}`);
  return line;
}

describe('an export', () => {
  test('is whole by itself, however it is read, and has every head since it begins', async () => {
    const lines = await exported();
    const { before, hash } = lineIn(lines[0]);
    const head = lineIn(lines.at(-1)).hash;
    for (const part of [7, 65_536]) {
      expect(await verdictOn(lines, head, part)).toEqual({
        ok: true,
        records: RECORDS,
        first: 1,
        hidden: 0,
        unchecked: 0,
        head,
        against: { head, found: true, seq: RECORDS },
      });
    }
    expect(await verdictOn(lines, hash)).toMatchObject({ ok: true, against: { seq: 1 } });
    expect(await verdictOn(lines, before)).toMatchObject({ ok: true, against: { seq: 0 } });
    expect(await verdictOn(lines, 'f'.repeat(64))).toMatchObject({ ok: false, against: { found: false } });
    const later = lines.slice(600);
    expect(await verdictOn(later)).toMatchObject({ ok: true, records: 400, first: 601, head });
    expect(await verdictOn(later, lineIn(lines[599]).hash)).toMatchObject({
      ok: true,
      against: { seq: 600 },
    });
    expect(await verdictOn(Buffer.from(lines.join('\n')))).toMatchObject({ ok: true, records: RECORDS });
  });

  test.each([
    ['all spaces', {}],
    ['one space', { space: 'shop' }],
  ])('of %s shows one flipped bit anywhere, and names its record', async (_, filter) => {
    const lines = await exported(filter);
    const whole = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (at, bit) => {
        const bytes = Buffer.from(whole);
        bytes[at] = Number(bytes[at]) ^ (1 << bit);
        const seq = whole.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
        const verdict = await verdictOn(bytes);
        expect(verdict).toMatchObject({ ok: false, broken: { reason: expect.any(String) } });
        // By the number of its first record an export counts all others.
        if (at !== FIRST_NUMBER) expect(verdict.broken).toMatchObject({ seq, line: seq });
      }),
      {
        numRuns: 150,
        examples: [
          [whole.length - 1, 0],
          [FIRST_NUMBER, 1],
        ],
      },
    );
  });

  test('shows lines that were swapped, doubled, taken out or written anew, and a tail that was cut off', async () => {
    const lines = await exported();
    const head = lineIn(lines.at(-1)).hash;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: RECORDS - 2 }), fc.nat(4), async (at, kind) => {
        const [here = '', next = ''] = [lines[at], lines[at + 1]];
        const forged = forgery(here);
        const all = [
          lines.with(at, next).with(at + 1, here),
          lines.toSpliced(at, 0, here),
          lines.toSpliced(at, 1),
          lines.with(at, forged),
          lines.slice(0, at),
        ];
        const verdict = await verdictOn(all[kind] ?? [], head);
        expect(verdict).toMatchObject({ ok: false, against: { found: false } });
        // What is there twice is wrong the second time; with a hash made anew, it is the next that no longer follows.
        const line = [at + 1, at + 2, at + 1, at + 2, undefined][kind];
        expect([verdict.broken?.seq, verdict.broken?.line]).toEqual([line, line]);
      }),
      { numRuns: 60 },
    );
  });

  test('that was written anew up to its end shows against a head of before', async () => {
    const lines = await exported();
    const head = lineIn(lines.at(-1)).hash;
    let before = lineIn(lines[499]).hash;
    const forged = lines.map((line, at) => {
      if (at < 500) return line;
      const text = forgery(line, before);
      before = lineIn(text).hash;
      return text;
    });
    expect(await verdictOn(forged)).toMatchObject({ ok: true });
    expect(await verdictOn(forged, head)).toMatchObject({ ok: false, against: { found: false } });
  });

  test('that an editor saved is whole, with a byte order mark, other line ends and blanks', async () => {
    const lines = await exported();
    const edited = `\ufeff${lines.join('\r\n')} \t\r\n\r\n`;
    expect(await verdictOn(Buffer.from(edited))).toMatchObject({ ok: true, records: RECORDS });
    const { broken } = await verdictOn(Buffer.from(`${lines[0]}\n\ufeff${lines[1]}\n`));
    expect(broken).toMatchObject({ line: 2 });
  });

  test('of one space tells nothing of others, and lets none of what it tells be changed', async () => {
    const lines = await exported({ space: 'shop' });
    const told = lines.filter((line) => lineIn(line).record !== undefined);
    expect(told.every((line) => line.includes(String.raw`\"space\":\"shop\"`))).toBe(true);
    expect(lines.join('\n')).not.toMatch(/bank|platform/);
    const hidden = RECORDS - told.length;
    expect(await verdictOn(lines)).toMatchObject({ ok: true, records: RECORDS, hidden, unchecked: 0 });
    await fc.assert(
      fc.asyncProperty(fc.nat(told.length - 1), async (nth) => {
        const at = lines.indexOf(told[nth] ?? '');
        const text = forgery(told[nth] ?? '');
        // Neither by leaving out the digest of what follows, nor the text of what it is about.
        const { digest, record, ...bare } = lineIn(lines[at + 1] ?? lines[at]);
        const next = auditLineText({ ...bare, before: lineIn(text).hash });
        const changed = lines.with(at, text);
        for (const forged of [changed, ...(at + 1 < lines.length ? [changed.with(at + 1, next)] : [])]) {
          expect(await verdictOn(forged, lineIn(lines.at(-1)).hash)).toMatchObject({ ok: false });
        }
        expect(digest ?? record).toBeDefined();
      }),
      { numRuns: 40 },
    );
  });

  test('of records without salts, as there were before, counts those that nothing can be checked of', async () => {
    const folders = temporaryFolders();
    const { api, raw } = openTemporary(folders);
    await api.spaces.create({ name: 'shop' });
    await api.spaces.create({ name: 'bank' });
    raw.exec('DROP TRIGGER audit_is_append_only');
    let before = '';
    for await (const line of await api.audits.export()) {
      before ||= line.before;
      const record = line.record?.replace(/"salt":"[^"]*",/, '') ?? '';
      before = link(before, record);
      raw.run('UPDATE audit SET record = ?, hash = ? WHERE seq = ?', record, before, line.seq);
    }
    // Versions that wrote no salts kept no head either.
    rmSync(join(folders.configDir, 'heads'), { recursive: true });
    await api.spaces.create({ name: 'late' });
    expect(await api.audits.verify()).toMatchObject({ ok: true, records: 4 });
    const lines: string[] = [];
    for await (const line of await api.audits.export({ space: 'bank' })) lines.push(auditLineText(line));
    expect(
      lines.map((line) => Object.keys(lineIn(line)).length > 0 && lineIn(line).digest !== undefined),
    ).toEqual([false, false, false, true]);
    expect(await verdictOn(lines)).toMatchObject({ ok: true, records: 4, hidden: 3, unchecked: 2 });
    // A salt is never lost again.
    const { record: _, digest: __, ...bare } = lineIn(lines[3]);
    expect(await verdictOn([...lines, auditLineText({ ...bare, seq: 5, before: bare.hash })])).toMatchObject({
      ok: false,
      broken: { seq: 5, reason: 'its digest is missing' },
    });
  });

  test.each([
    ['a line without an end', Buffer.alloc(3 * 1024 * 1024, 'x')],
    ['text of another kind', Buffer.from('seq,before,hash\n1,2,3\n')],
    ['bytes', Buffer.from([0, 255, 254, 10, 10])],
    [
      'a line with a blank before it',
      Buffer.from(` ${auditLineText({ seq: 1, before: 'a'.repeat(64), hash: 'b'.repeat(64) })}\n`),
    ],
  ])('is none of %s', async (_, bytes) => {
    expect(await verdictOn(bytes)).toMatchObject({
      ok: false,
      records: 0,
      broken: { seq: 1, line: 1, reason: 'it is not a line as exports have them' },
    });
  });

  test('is checked by hand with jq and sha256sum as docs/audit.md says', async () => {
    const guide = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'audit.md'), 'utf8');
    const [, script = ''] = /```sh\n([^]*?)```/.exec(guide) ?? [];
    const lines = (await exported({ space: 'shop' })).slice(0, 20);
    const folder = temporaryFolder();
    const check = (content: readonly string[]) => {
      writeFileSync(join(folder, 'audit.jsonl'), `${content.join('\n')}\n`);
      return spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
    };
    if (spawnSync('jq', ['--version']).status !== 0) return notTested('by hand: there is no jq');
    expect(check(lines)).toMatchObject({
      status: 0,
      stdout: `whole, up to ${lineIn(lines.at(-1)).hash}\n`,
      stderr: '',
    });
    for (const at of [4, 5, 6]) {
      const line = lineIn(lines[at]);
      const changed =
        line.record === undefined
          ? { ...line, digest: 'f'.repeat(64) }
          : { ...line, record: line.record.replace('"ann"', '"eve"') };
      expect(check(lines.with(at, auditLineText(changed)))).toMatchObject({
        status: 1,
        stdout: `record ${at + 1} does not fit\n`,
      });
    }
  });
});

/** A line whose record says that somebody else did it, with a hash made anew. */
function forgery(text: string, before = lineIn(text).before): string {
  const line = lineIn(text);
  const record = line.record?.replace('"ann"', '"eve"') ?? '';
  return auditLineText({ ...line, before, record, hash: link(before, record) });
}

function notTested(what: string): void {
  process.stderr.write(`NOT TESTED on this machine: an export, ${what}\n`);
}
