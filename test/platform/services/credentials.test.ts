import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { lackingIn, requiredBy } from '../../../src/model/addons.js';
import { COMPLIANCES, type Compliance, orderCompliance } from '../../../src/model/compliance.js';
import type { Caller } from '../../../src/platform/caller.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { tryCredentials } from '../../../src/platform/check/records.js';
import { inSession } from '../../../src/platform/in-session.js';
import { environmentOf } from '../../../src/platform/reconciler/environment.js';
import { readWanted } from '../../../src/platform/reconciler/wanted.js';
import { makeRelease, settleRelease } from '../../../src/platform/services/releases.js';
import { rotateKey } from '../../../src/platform/services/rotation.js';
import { spaceFor } from '../../../src/platform/services/spaces.js';
import { databaseFile, type Folders } from '../../../src/platform/store/store.js';
import { ADMIN, flawsOf, openTemporary, refusal } from '../store/temporary.js';

const SECRET = 'correct-horse-battery';
const GENERAL = 'credentials:general';

/** Every set of compliance. */
const SETS: readonly (readonly Compliance[])[] = Array.from({ length: 8 }, (_, bits) =>
  COMPLIANCES.filter((__, index) => (bits & (1 << index)) !== 0),
);

const named = (set: readonly Compliance[]): string =>
  `s-${set.map((each) => each.charAt(0)).join('') || 'none'}`;

async function shop(api: AppsApi, apps: readonly string[] = ['web']): Promise<void> {
  await api.spaces.create({ name: 'shop' });
  for (const name of apps) await api.apps.create({ name, space: 'shop' });
}

const create = (api: AppsApi, name = 'pay', vars: Record<string, string> = { TOKEN: SECRET }) =>
  api.addons.create({ plan: GENERAL, name, config: vars });

/** Puts a slug under an app, as a build would; answers the app's id. */
function slugFor(folders: Folders, app: string): string {
  return inSession(folders, DAEMON, ({ store }) => {
    const record = store.apps.byName(app, 'shop');
    if (record === undefined) throw new Error(`There is no app ${app}.`);
    const digest = createHash('sha256').update(app).digest('hex');
    const at = new Date().toISOString();
    store.slugs.insert({
      digest,
      bytes: 1,
      processTypes: { web: 'serve' },
      path: [],
      folders: {},
      createdAt: at,
    });
    const { id } = makeRelease(store, record, {
      slug: digest,
      build: null,
      description: 'Build',
      user: 'ann',
      at,
    });
    store.releases.settle(id, 'succeeded', null, at);
    return record.id;
  });
}

/** Says what came of the release that an app waits for. */
function settlePending(folders: Folders, app: string, failure: string | undefined): void {
  inSession(folders, DAEMON, (session) => {
    const [pending] = session.store.releases.pending(app);
    settleRelease(session, pending?.id ?? '', failure);
  });
}

/** What the dynos of an app would get if they were started now: those that run, and those that are to take their place. */
function environments(folders: Folders, app: string) {
  return inSession(folders, DAEMON, ({ store }) =>
    store.db.snapshot(() => {
      const wanted = readWanted(store, app);
      if (wanted === undefined) throw new Error('The app is gone.');
      const vars = (run: typeof wanted.current) =>
        run && environmentOf(store, wanted.app, run, { name: 'web.1' }, 5000).vars;
      return { current: vars(wanted.current), pending: vars(wanted.pending) };
    }),
  );
}

describe('dynos', () => {
  test('get the real values of now, whichever release they run', async () => {
    const { api, folders } = openTemporary();
    await shop(api);
    const app = slugFor(folders, 'web');
    await create(api);
    await api.addonAttachments.create({ app: 'web-shop', addon: 'pay' });
    expect(environments(folders, app)).toMatchObject({
      current: { PAY_TOKEN: SECRET },
      pending: { PAY_TOKEN: SECRET },
    });
    settlePending(folders, app, undefined);
    await api.addons.update({ addon: 'pay', config: { TOKEN: 'rotated' } });
    expect(environments(folders, app)).toMatchObject({
      current: { PAY_TOKEN: 'rotated' },
      pending: { PAY_TOKEN: 'rotated' },
    });
    await api.addonAttachments.destroy({ app: 'web-shop', attachment: 'pay' });
    // The release without it fails, so that the one before goes on: without it all the same.
    settlePending(folders, app, 'it did not get well');
    await api.releases.create({ app: 'web-shop', release: 'v2' });
    const { current, pending } = environments(folders, app);
    for (const vars of [current, pending]) {
      expect(vars).toHaveProperty('AKKERIS_SPACE', 'shop');
      expect(vars).not.toHaveProperty('PAY_TOKEN');
      expect(Object.values(vars ?? {})).not.toContain(SECRET);
    }
  });

  test('get what a credential says in place of a config var that an old release still has', async () => {
    const { api, folders } = openTemporary();
    await shop(api);
    await api.configVars.patch({ app: 'web-shop', vars: { PAY_TOKEN: 'old' } });
    const app = slugFor(folders, 'web');
    await api.configVars.patch({ app: 'web-shop', vars: { PAY_TOKEN: null } });
    await create(api);
    await api.addonAttachments.create({ app: 'web-shop', addon: 'pay' });
    expect(environments(folders, app).current).toMatchObject({ PAY_TOKEN: SECRET });
  });
});

describe('a rotation', () => {
  test('releases all apps or none, and then no value is new', async () => {
    const { api, raw, folders } = openTemporary();
    await shop(api, ['web', 'api', 'job']);
    await create(api);
    for (const app of ['web', 'api', 'job'])
      await api.addonAttachments.create({ app: `${app}-shop`, addon: 'pay' });
    raw.exec(`CREATE TRIGGER no_more BEFORE INSERT ON releases WHEN NEW.app =
      (SELECT id FROM apps WHERE name = 'job') BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`);
    const before = raw.all('SELECT * FROM credential_vars');
    const records = (await api.audits.verify()).records;
    await expect(api.addons.update({ addon: 'pay', config: { TOKEN: 'new' } })).rejects.toThrow();
    expect(raw.all('SELECT * FROM credential_vars')).toEqual(before);
    expect(raw.get("SELECT count(*) AS n FROM releases WHERE description = 'Rotated pay'")).toEqual({ n: 0 });
    expect((await api.audits.verify()).records).toBe(records);
    raw.exec('DROP TRIGGER no_more');
    await api.addons.update({ addon: 'pay', config: { TOKEN: 'new' } });
    for (const app of ['web', 'api', 'job']) {
      const id = raw.get<{ id: string }>('SELECT id FROM apps WHERE name = ?', app)?.id ?? '';
      inSession(folders, DAEMON, ({ store }) =>
        expect(store.credentials.varsOf(id)).toEqual({ PAY_TOKEN: 'new' }),
      );
    }
  });
});

test('where nothing more fits, secrets can still be replaced and vars removed', async () => {
  const { api } = openTemporary();
  await shop(api);
  await create(api, 'pay', { TOKEN: 'old' });
  const app = 'web-shop';
  await api.addonAttachments.create({ app, addon: 'pay' });
  await api.configVars.patch({ app, vars: { LARGE: 'x'.repeat(130_900), SMALL: 'x' } });
  for (const name of ['billing', 'shipping', 'catalogue']) await api.apps.create({ name, space: 'shop' });
  const full = { id: 'environment_full', status: 409 };
  expect(await refusal(api.configVars.patch({ app, vars: { SMALL: 'y' } }))).toMatchObject(full);
  expect(await refusal(api.addons.update({ addon: 'pay', config: { TOKEN: 'longer' } }))).toMatchObject(full);
  await api.addons.update({ addon: 'pay', config: { TOKEN: 'new' } });
  await api.configVars.patch({ app, vars: { SMALL: null } });
  expect((await api.releases.list({ app })).slice(0, 2)).toMatchObject([
    { description: 'Unset SMALL' },
    { description: 'Rotated pay' },
  ]);
});

describe('what is kept', () => {
  test('is sealed, with the key of now, and tells no value by its digest', async () => {
    const { api, folders, raw, close } = openTemporary();
    await shop(api);
    const config = { TOKEN: SECRET };
    const input = { plan: GENERAL, name: 'pay', config };
    await api.addons.create(input, { idempotencyKey: 'a-key' });
    await api.addonAttachments.create({ app: 'web-shop', addon: 'pay' });
    const sealed = raw.all('SELECT value FROM credential_vars');
    const { credential_vars: count } = inSession(folders, ADMIN, rotateKey);
    expect(count).toBe(1);
    expect(raw.all('SELECT value FROM credential_vars')).not.toEqual(sealed);
    inSession(folders, DAEMON, ({ store }) => {
      const app = store.apps.byName('web', 'shop');
      expect(store.credentials.varsOf(app?.id ?? '')).toEqual({ PAY_TOKEN: SECRET });
    });
    // As the digest of a request is made, were its values in it.
    const request = JSON.stringify({ name: 'pay', plan: GENERAL, vars: config });
    const guessed = createHash('sha256').update(`credential.create\n${request}`).digest('hex');
    raw.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    close();
    const bytes = readFileSync(databaseFile(folders.dataDir)).toString('latin1');
    for (const telling of [SECRET, guessed]) expect(bytes).not.toContain(telling);
  });

  test('follows compliance in the database as in the rules, for every space and every owner', async () => {
    const { api, raw } = openTemporary();
    for (const set of SETS) {
      await api.spaces.create({ name: named(set), compliance: [...set] });
      await api.apps.create({ name: 'web', space: named(set) });
    }
    for (const required of SETS) {
      const name = `c-${named(required)}`;
      raw.run(
        "INSERT INTO credentials VALUES (?1, ?1, 'credentials:general', NULL, ?2, 't', 't')",
        name,
        orderCompliance(required).join(','),
      );
      for (const set of SETS) {
        const attach = (): void =>
          raw.run(
            "INSERT INTO attachments SELECT ?1, ?2, id, 'P', 't' FROM apps WHERE space = ?3",
            `${name}-${named(set)}`,
            name,
            named(set),
          );
        if (lackingIn(set, required).length === 0) attach();
        else expect(attach).toThrow(/lacks a compliance/);
      }
    }
    for (const change of ["requires = ''", "plan = 'x'", "owner = 'x'", "name = 'x'"])
      expect(() => raw.exec(`UPDATE credentials SET ${change}`)).toThrow(/keeps its plan/);
    expect(() => raw.exec("UPDATE attachments SET app = 'x'")).toThrow(/never changes/);
  });

  test('is given out as the rules say, for every owner, plan and space', async () => {
    const { api, raw } = openTemporary();
    for (const set of SETS) {
      await api.spaces.create({ name: named(set), compliance: [...set] });
      await api.apps.create({ name: 'web', space: named(set) });
    }
    for (const [owner, plan, required] of SETS.flatMap((set) => [
      [set, GENERAL, requiredBy([], set)] as const,
      ...(set.includes('prod') ? [[set, 'credentials:production', requiredBy(['prod'], set)] as const] : []),
    ])) {
      const name = `${named(owner)}-${plan.slice(12)}`;
      await api.addons.createInApp({ app: `web-${named(owner)}`, plan, name, config: { TOKEN: 'x' } });
      for (const set of SETS.filter((each) => each !== owner)) {
        const attached = api.addonAttachments.create({ app: `web-${named(set)}`, addon: name });
        if (lackingIn(set, required).length === 0) await attached;
        else expect(await refusal(attached)).toMatchObject({ id: 'compliance_required', status: 409 });
      }
    }
    expect(flawsOf(raw)).toEqual([]);
  });
});

describe('somebody who may use some spaces only', () => {
  const alien: Caller = { name: 'eve', role: 'user', spaces: ['other'], origin: 'tcp 10.0.0.1' };
  const forbidden = { id: 'not_your_space', status: 403 };

  test('neither sees nor gives out what belongs to an app in another', async () => {
    const { api, as } = openTemporary();
    await shop(api);
    await api.spaces.create({ name: 'other' });
    await api.apps.create({ name: 'web', space: 'other' });
    await api.addons.createInApp({ app: 'web-shop', plan: GENERAL, name: 'own', config: { TOKEN: SECRET } });
    const eve = as(alien);
    expect(await eve.addons.list()).toEqual([]);
    for (const call of [
      () => eve.addons.get({ addon: 'own' }),
      () => eve.addons.update({ addon: 'own', config: { TOKEN: 'x' } }),
      () => eve.addons.destroy({ addon: 'own' }),
      () => eve.addonAttachments.create({ app: 'web-other', addon: 'own' }),
    ]) {
      expect(await refusal(call())).toMatchObject({ id: 'not_found', status: 404 });
    }
    for (const call of [
      () => eve.addonAttachments.list({ app: 'web-shop' }),
      () => eve.addons.inApp({ app: 'web-shop' }),
      () => eve.addons.createInApp({ app: 'web-shop', plan: GENERAL, name: 'x', config: { TOKEN: 'x' } }),
    ]) {
      expect(await refusal(call())).toMatchObject(forbidden);
    }
    // Not even by a name that is nearly that.
    expect((await refusal(eve.addons.get({ addon: 'owm' }))).hint).not.toContain('own');
  });

  test('sees what their app was given, but not for whom else, nor changes it', async () => {
    const { api, as } = openTemporary();
    await shop(api);
    await api.spaces.create({ name: 'other' });
    await api.apps.create({ name: 'web', space: 'other' });
    await api.apps.create({ name: 'job', space: 'other' });
    await api.addons.createInApp({ app: 'web-shop', plan: GENERAL, name: 'own', config: { TOKEN: SECRET } });
    await api.addonAttachments.create({ app: 'web-other', addon: 'own' });
    const eve = as(alien);
    expect(await eve.addons.get({ addon: 'own' })).toMatchObject({ attached_to: [{ name: 'web-other' }] });
    for (const call of [
      () => eve.addons.update({ addon: 'own', config: { TOKEN: 'x' } }),
      () => eve.addonAttachments.create({ app: 'job-other', addon: 'own' }),
    ]) {
      expect(await refusal(call())).toMatchObject(forbidden);
    }
    await eve.addonAttachments.destroy({ app: 'web-other', attachment: 'own' });
    expect(await eve.addons.list()).toEqual([]);
  });
});

test('a check of a space finds a credential that it may not have, however it got there', async () => {
  const { api, folders, raw } = openTemporary();
  await shop(api);
  await api.spaces.create({ name: 'live', compliance: ['prod'] });
  await api.apps.create({ name: 'web', space: 'live' });
  const look = (space: string) =>
    inSession(folders, DAEMON, (session) => tryCredentials(session, spaceFor(session.store, space)));
  expect(look('shop')).toMatchObject({ promise: 'credentials', state: 'nothing' });
  await api.addons.create({ plan: 'credentials:production', name: 'pay', config: { TOKEN: SECRET } });
  await api.addonAttachments.create({ app: 'web-live', addon: 'pay' });
  expect(look('live')).toMatchObject({ state: 'ok', evidence: expect.stringContaining('1 of them') });
  // Somebody has changed the file.
  raw.exec('DROP TRIGGER credentials_keep_their_plan');
  raw.exec("UPDATE credentials SET requires = ''");
  raw.exec(
    `INSERT INTO attachments SELECT 'x', c.id, a.id, 'PAY', 't' FROM credentials c, apps a WHERE a.space = 'shop'`,
  );
  expect(look('shop')).toMatchObject({
    state: 'failed',
    evidence: 'pay of web, which is for prod',
  });
});

test('two hundred apps are released by one rotation, in time', async () => {
  const { api, raw } = openTemporary();
  await shop(
    api,
    Array.from({ length: 201 }, (_, index) => `a${index}`),
  );
  await create(api);
  raw.exec(`INSERT INTO attachments SELECT 'of ' || a.id, c.id, a.id, 'PAY', 't' FROM apps a, credentials c
            WHERE a.name <> 'a200'`);
  expect(await refusal(api.addonAttachments.create({ app: 'a200-shop', addon: 'pay' }))).toMatchObject({
    id: 'too_many_apps',
    status: 409,
  });
  const begun = performance.now();
  await api.addons.update({ addon: 'pay', config: { TOKEN: 'new' } });
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect(raw.get("SELECT count(*) AS n FROM releases WHERE description = 'Rotated pay'")).toEqual({ n: 200 });
});
