import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type ChainLink, genesis, link, verifyChain } from '../../../src/platform/audit/chain.js';
import { openTemporary, refusal, type Temporary, USER } from './temporary.js';

const DATA = 'some data';

function chainOf(details: readonly string[]): ChainLink[] {
  const links: ChainLink[] = [];
  for (const [index, detail] of details.entries()) {
    const record = JSON.stringify({ seq: index + 1, detail });
    links.push({ seq: index + 1, record, hash: link(links.at(-1)?.hash ?? genesis(DATA), record) });
  }
  return links;
}

const chains = fc.array(fc.string(), { minLength: 2, maxLength: 12 }).map(chainOf);

describe('a chain of records', () => {
  test('is whole if nothing was changed, and its head stands for all of it', () => {
    fc.assert(
      fc.property(chains, (links) => {
        expect(verifyChain(DATA, links)).toEqual({ records: links.length, head: links.at(-1)?.hash });
        expect(verifyChain('other data', links)).toMatchObject({ records: 0, broken: { seq: 1 } });
        const cut = verifyChain(DATA, links.slice(0, -1));
        expect(cut.head).not.toBe(links.at(-1)?.hash);
        expect(cut.records).toBe(links.length - 1);
      }),
    );
    expect(verifyChain(DATA, [])).toEqual({ records: 0, head: genesis(DATA) });
  });

  test('shows the place where a record was changed, taken out, put in or moved', () => {
    fc.assert(
      fc.property(chains, fc.nat(), fc.nat(4), (links, nth, kind) => {
        const at = nth % (links.length - 1);
        const [here, next] = [links[at], links[at + 1]];
        if (here === undefined || next === undefined) throw new Error('The chain is too short.');
        const record = here.record.replace('"detail"', '"detall"');
        const forged: ChainLink[][] = [
          links.with(at, { ...here, record }),
          links.with(at, { ...here, hash: link('', here.record) }),
          links.toSpliced(at, 1),
          links.toSpliced(at, 0, here),
          links.with(at, next).with(at + 1, here),
        ];
        const { broken } = verifyChain(DATA, forged[kind] ?? []);
        // A record put in twice is first wrong the second time.
        expect(broken?.seq).toBe(kind === 3 ? at + 2 : at + 1);
        // With its own hash made anew, it is the next one that no longer fits.
        const own = link(links[at - 1]?.hash ?? genesis(DATA), record);
        expect(verifyChain(DATA, links.with(at, { ...here, record, hash: own })).broken?.seq).toBe(at + 2);
      }),
      { numRuns: 500 },
    );
  });

  test('does not take a record at a place its text does not say', () => {
    const record = JSON.stringify({ seq: 2, detail: '' });
    const state = verifyChain(DATA, [{ seq: 1, record, hash: link(genesis(DATA), record) }]);
    expect(state.broken).toEqual({ seq: 1, reason: 'its number does not match its place' });
  });
});

async function records({ api }: Temporary): Promise<string[]> {
  const events = await api.audits.list({ size: 1000 });
  return events.toReversed().map(({ action, outcome }) => `${action} ${outcome}`);
}

describe('the audit log of a platform', () => {
  test('has one record for every change and every refusal, and none for what could never be right', async () => {
    const platform = openTemporary();
    const { api } = platform;
    await api.spaces.create({ name: 'shop', compliance: ['socs'] });
    await refusal(api.spaces.create({ name: 'shop' }));
    await refusal(api.spaces.create({ name: 'not a name' }));
    await refusal(api.spaces.create({ name: 'kube-system' }));
    await refusal(api.spaces.update({ space: 'shop', compliance: ['prod'] }));
    await refusal(api.apps.create({ name: 'web', space: 'nowhere' }));
    await api.apps.create({ name: 'web', space: 'shop' });
    await refusal(platform.as(USER).apps.destroy({ app: 'web-shop' }));
    await refusal(api.configVars.patch({ app: 'web-shop', vars: { PORT: '1' } }));
    await api.configVars.patch({ app: 'web-shop', vars: { A: 1 } });
    await refusal(api.spaces.get({ space: 'nowhere' }));
    expect(await records(platform)).toEqual([
      'platform.create done',
      'space.create done',
      'space.create refused',
      'space.create refused',
      'space.update refused',
      'app.create refused',
      'app.create done',
      'app.destroy refused',
      'config.change refused',
      'config.change done',
    ]);
    expect(await api.audits.verify()).toMatchObject({ ok: true, records: 10 });
  });

  test('holds back the change that it can not record', async () => {
    const { api, raw } = openTemporary();
    await api.spaces.create({ name: 'shop' });
    await api.apps.create({ name: 'web', space: 'shop' });
    const everything = async (): Promise<unknown> =>
      Promise.all([
        api.spaces.list(),
        api.apps.list(),
        api.configVars.get({ app: 'web-shop' }),
        api.audits.list(),
      ]);
    const before = await everything();
    raw.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
    for (const change of [
      () => api.spaces.create({ name: 'late' }, { idempotencyKey: 'k' }),
      () => api.spaces.update({ space: 'shop', description: 'new' }),
      () => api.spaces.destroy({ space: 'shop' }),
      () => api.apps.create({ name: 'api', space: 'shop' }),
      () => api.apps.update({ app: 'web-shop', labels: 'new' }),
      () => api.configVars.patch({ app: 'web-shop', vars: { A: 'new' } }),
      () => api.apps.destroy({ app: 'web-shop' }),
    ]) {
      await expect(change()).rejects.toThrow('disk is full');
      expect(await everything()).toEqual(before);
    }
    raw.exec('DROP TRIGGER full');
    expect(raw.all('SELECT * FROM answers')).toEqual([]);
    await api.spaces.create({ name: 'late' }, { idempotencyKey: 'k' });
  });

  test('shows what was changed in it behind its back', async () => {
    const { api, raw } = openTemporary();
    for (const name of ['one', 'two', 'three']) await api.spaces.create({ name });
    raw.exec('DROP TRIGGER audit_is_append_only; DROP TRIGGER audit_is_kept; DROP TRIGGER audit_has_no_gaps');
    const verdictAfter = async (sql: string): Promise<unknown> => {
      const before = raw.all('SELECT seq, record, hash FROM audit');
      raw.exec(sql);
      const verdict = await api.audits.verify();
      raw.exec('DELETE FROM audit');
      for (const { seq = 0, record = '', hash = '' } of before)
        raw.run('INSERT INTO audit (seq, record, hash) VALUES (?, ?, ?)', seq, record, hash);
      expect(await api.audits.verify()).toMatchObject({ ok: true, records: 4 });
      return verdict;
    };
    expect(await verdictAfter("UPDATE audit SET record = replace(record, 'two', 'twx')")).toMatchObject({
      ok: false,
      broken: { seq: 3, reason: 'its content does not match its hash' },
    });
    expect(await verdictAfter('DELETE FROM audit WHERE seq = 2')).toMatchObject({
      ok: false,
      records: 1,
      broken: { seq: 2, reason: 'record 2 is missing' },
    });
    expect(await verdictAfter('DELETE FROM audit WHERE seq = 4')).toMatchObject({
      ok: false,
      records: 3,
      broken: { seq: 4, reason: expect.stringContaining('record 4 is missing') },
    });
  });

  test('names what was refused in a few words, however long and odd it is', async () => {
    const { api } = openTemporary();
    await refusal(api.apps.create({ name: 'a'.repeat(256), space: `\u001b[2J${'b'.repeat(252)}` }));
    const [event] = await api.audits.list({ size: 1 });
    expect(event).toMatchObject({ action: 'app.create', outcome: 'refused' });
    expect(event?.info?.length).toBeLessThan(1000);
    expect(event?.space ?? '').not.toContain('\u001b');
  });
});
