import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { Database } from '../../src/platform/store/database.js';
import { databaseFile } from '../../src/platform/store/store.js';
import { fillLog } from '../platform/audit/filled.js';
import type { User } from './aka.js';
import { Daemon } from './daemon.js';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';

interface Verdict {
  readonly ok: boolean;
  readonly records: number;
  readonly head: string;
}

/** More than fits into a pipe, many times. */
const LINES = 10_000;

async function headOf(user: User): Promise<string> {
  return (await user.does('audits:verify', '--json')).json<Verdict>().head;
}

describe('what was changed and refused', () => {
  scenario('is shown with what changed or why not, from where, and since when', async (user) => {
    await user.does('spaces:create', 'shop', '--compliance', 'socs');
    await user.does('apps:create', 'web', '--space', 'shop');
    await user.does('config:set', 'LEVEL=info', 'DB_PASSWORD=hunter22', '-a', 'web-shop');
    expectFailure(await user.run(['spaces:create', 'shop']), 5);
    const rows = (await user.does('audits', '--space', 'shop', '--details')).stdout.split('\n');
    expect(rows.map((row) => row.split('\t').slice(3))).toMatchObject([
      ['space.create', 'refused', 'shop', '', 'cli', 'Space shop exists already.'],
      ['config.change', 'done', 'shop', 'web', 'cli', 'set: LEVEL, DB_PASSWORD; release: 1'],
      ['app.create', 'done', 'shop', 'web', 'cli', expect.stringContaining('organization: main')],
      ['space.create', 'done', 'shop', '', 'cli', expect.stringContaining('compliance: socs')],
      [],
    ]);
    expect((await user.does('audits', '--since', '1h')).stdout.split('\n')).toHaveLength(6);
    expect((await user.does('audits', '--since', '2999-01-01', '--json')).json()).toEqual([]);
    const at = rows[1]?.split('\t')[1] ?? '';
    const since = (await user.does('audits', '--since', at, '--app', 'web-shop')).stdout;
    expect(since.split('\n').map((row) => row.split('\t')[3])).toEqual(['config.change', undefined]);
    expectFailure(await user.run(['audits', '--since', 'yesterday']), 2);
    const { screen } = await user.atTerminal(['audits', '--details', '--size', '2'], undefined, {
      columns: 110,
    });
    expect(screen).toMatch(/NUMBER +TIME +WHO +WHAT +OUTCOME +SPACE +APP +FROM +DETAILS/);
    expect(screen).toMatch(/\d+ (?:s|min) ago .* refused +shop +cli +Space shop exists already\.$/m);
  });

  scenario('names who did it over a socket and over TCP', async (user) => {
    await user.does('spaces:create', 'shop');
    const daemon = await Daemon.start(user, ['--listen', '127.0.0.1:0']);
    const token = readFileSync(daemon.facts.token_file ?? '', 'utf8').trim();
    const change = ['spaces:update', 'shop', '--description', 'new'];
    await user.does(...change, '--api', daemon.api);
    const overTcp = await user.run([...change, '--api', daemon.url], { env: { AKA_TOKEN: token } });
    expect(overTcp.code).toBe(0);
    const { stdout } = await user.does('audits', '--details', '--space', 'shop');
    expect(stdout.split('\n').map((row) => row.split('\t')[7])).toEqual([
      'tcp 127.0.0.1',
      'unix',
      'cli',
      undefined,
    ]);
    await daemon.stop();
  });
});

scenario(
  'a log that was cut off is found by audits:verify alone, and platform:start warns of it',
  async (user) => {
    await user.does('spaces:create', 'shop');
    await user.does('spaces:create', 'bank');
    const db = new Database(databaseFile(user.dataDir));
    const guard = db.get<{ sql: string }>("SELECT sql FROM sqlite_schema WHERE name = 'audit_is_kept'");
    db.exec('DROP TRIGGER audit_is_kept; DELETE FROM audit WHERE seq = 3');
    db.exec(guard?.sql ?? '');
    db.close();
    const verified = await user.run(['audits:verify', '--json']);
    expect({ code: verified.code, ...verified.json() }).toMatchObject({
      code: 1,
      ok: false,
      broken: { seq: 3 },
    });
    const { started, text } = await Daemon.startAloud(user, [], 'audits:verify');
    expect(text).toContain('warning: The audit log is broken at record 3: record 3 is missing');
    started.child.kill('SIGTERM');
    await started.ended;
  },
);

describe('an exported log', () => {
  scenario('is checked where there is no platform, and shows what was done to it', async (user, newcomer) => {
    await user.does('spaces:create', 'shop');
    const earlier = await headOf(user);
    await user.does('spaces:create', 'bank');
    await user.sh('umask 000; aka audits:export log.jsonl');
    const file = join(user.cwd, 'log.jsonl');
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    const head = await headOf(user);

    const other = newcomer();
    const copy = join(other.cwd, 'copy.jsonl');
    const text = readFileSync(file, 'utf8');
    const check = async (content: string, ...more: string[]) => {
      writeFileSync(copy, content);
      const ended = await other.run(['audits:verify', '--file', 'copy.jsonl', '--json', ...more]);
      return { code: ended.code, ...ended.json<Verdict>() };
    };
    expect(await check(text)).toMatchObject({ code: 0, ok: true, records: 3, first: 1, head });
    expect(await check(text, '--against', earlier)).toMatchObject({ code: 0, against: { seq: 2 } });
    expect(await check(text, '--against', head.toUpperCase())).toMatchObject({
      code: 0,
      against: { seq: 3 },
    });
    expect(await check(text.replace(String.raw`\"bank\"`, String.raw`\"bink\"`))).toMatchObject({
      code: 1,
      broken: { seq: 3, line: 3 },
    });
    const [first = '', second = ''] = text.split('\n');
    expect(await check(`${first}\n${second}\n`)).toMatchObject({ code: 0, records: 2 });
    expect(await check(`${first}\n${second}\n`, '--against', head)).toMatchObject({
      code: 1,
      against: { found: false },
    });
    expect(expectJsonFailure(await other.run(['audits:verify', '--file', '/dev/null', '--json']), 2).id).toBe(
      'empty_export',
    );
    expect(existsSync(other.dataDir)).toBe(false);
    expect(existsSync(other.configDir)).toBe(false);
  });

  scenario('takes the place of no file unless it is to, and leaves nothing else', async (user) => {
    await user.does('spaces:create', 'shop');
    const file = join(user.cwd, 'log.jsonl');
    writeFileSync(file, 'mine');
    const taken = expectJsonFailure(await user.run(['audits:export', 'log.jsonl', '--json']), 5);
    expect(taken.id).toBe('file_exists');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const made = (await user.does('audits:export', 'log.jsonl', '--force', '--json')).json();
    expect(made).toEqual({
      file,
      bytes: statSync(file).size,
      records: 2,
      first: 1,
      head: await headOf(user),
    });
    expectFailure(await user.run(['audits:export', 'nowhere/log.jsonl']), 2);
    expect(readdirSync(user.cwd)).toEqual(['log.jsonl']);
    expect((await user.does('audits:export')).stdout).toBe(readFileSync(file, 'utf8'));
    expect((await user.does('audits:export', '--json')).stdout).toBe(readFileSync(file, 'utf8'));
  });

  scenario('that is interrupted leaves no file, and exits with 130', async (user) => {
    fillLog(user, 3 * LINES);
    const watcher = watch(user.cwd);
    const { child, ended } = user.start(['audits:export', 'log.jsonl']);
    const drafted = once(watcher, 'change');
    await Promise.race([drafted, ended]);
    watcher.close();
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(readdirSync(user.cwd)).toEqual([]);
  });

  scenario('is read bit by bit, of a platform here or served, while others change it', async (user) => {
    fillLog(user, LINES);
    const daemon = await Daemon.start(user);
    for (const api of ['', ` --api ${daemon.api}`]) {
      // What reads it stops after the first line: nothing may have to wait for it.
      const line = `aka audits:export${api} | (head -n 1; aka spaces:create ${api === '' ? 'here' : 'there'} >/dev/null && aka spaces${api} | wc -l; wc -l)`;
      const [first = '', spaces, rest] = (await user.sh(line)).stdout.split('\n');
      expect(first).toMatch(/^\{"seq":1,/);
      expect([Number(spaces), Number(rest)]).toEqual([api === '' ? 2 : 3, expect.any(Number)]);
      expect(Number(rest)).toBeGreaterThan(LINES / 2);
    }
    const served = await user.does('audits:export', '--space', 'shop', '--api', daemon.api);
    expect(served.stdout).toBe((await user.does('audits:export', '--space', 'shop')).stdout);
    await daemon.stop();
  });
});
