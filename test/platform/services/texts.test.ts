import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { openTemporary, refusal } from '../store/temporary.js';

describe('a text that is kept', () => {
  test('comes back as it went in, or is refused', async () => {
    const { api } = openTemporary();
    await api.spaces.create({ name: 'shop' });
    await api.apps.create({ name: 'web', space: 'shop' });
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.string({ unit: fc.constantFrom('a', '\0', '\ud800', '\u{1f600}', '\u001b', '\n') }),
    );
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const survives = !value.includes('\0') && Buffer.from(value).toString() === value;
        const changes = [
          () =>
            api.spaces.update({ space: 'shop', description: value }).then(({ description }) => description),
          () =>
            api.apps.update({ app: 'web-shop', description: value }).then(({ description }) => description),
          () => api.apps.update({ app: 'web-shop', labels: value }).then(({ labels }) => labels),
          () => api.configVars.patch({ app: 'web-shop', vars: { VALUE: value } }).then(({ VALUE }) => VALUE),
        ];
        for (const change of changes) {
          if (survives) expect(await change()).toBe(value);
          else expect((await refusal(change())).status).toBe(422);
        }
        if (!survives) return;
        expect((await api.spaces.get({ space: 'shop' })).description).toBe(value);
        expect(await api.apps.get({ app: 'web-shop' })).toMatchObject({ description: value, labels: value });
        expect((await api.configVars.get({ app: 'web-shop' })).VALUE).toBe(value);
      }),
      { numRuns: 100 },
    );
  });

  test('a key with a NUL in it finds nothing, and destroys nothing', async () => {
    const { api } = openTemporary();
    await api.spaces.create({ name: 'shop' });
    await api.apps.create({ name: 'web', space: 'shop' });
    for (const attempt of [
      () => api.spaces.get({ space: 'shop\0x' }),
      () => api.spaces.destroy({ space: 'shop\0' }),
      () => api.apps.get({ app: 'web-shop\0x' }),
      () => api.apps.destroy({ app: 'web\0x-shop' }),
      () => api.apps.create({ name: 'api', space: 'shop\0' }),
      () => api.stacks.get({ stack: 'local\0' }),
    ]) {
      expect(await refusal(attempt())).toMatchObject({ status: 404 });
    }
    expect(await api.spaces.get({ space: 'shop' })).toMatchObject({ apps: 1 });
  });
});

describe('in a socs space, a secret of one app', () => {
  test('stands in no text of another app or of the space, in what is kept, recorded and exported', async () => {
    const { api } = openTemporary();
    await api.spaces.create({ name: 'vault', compliance: ['socs'] });
    for (const name of ['web', 'api']) await api.apps.create({ name, space: 'vault' });
    const secret = 'kettle-of-fish-42';
    await api.configVars.patch({ app: 'web-vault', vars: { DB_PASSWORD: secret } });
    await api.apps.update({ app: 'api-vault', description: `log in with ${secret}`, labels: `x ${secret}` });
    await api.spaces.update({ space: 'vault', description: `all have ${secret}` });
    await api.apps.create({ name: 'more', space: 'vault', description: `as web: ${secret}` });
    await api.formations.create({ app: 'api-vault', type: 'worker', quantity: 0 });
    await api.pipelines.create({ name: 'ladder' });
    await api.pipelineCouplings.create({ pipeline: 'ladder', app: 'api-vault', stage: 'staging' });
    await api.pipelines.update({ pipeline: 'ladder', description: `up with ${secret}` });
    const shown = [
      await api.pipelines.list(),
      await api.apps.list(),
      await api.spaces.get({ space: 'vault' }),
      await api.audits.list({ size: 100 }),
      await api.digests.get({ space: 'vault' }),
    ];
    expect(JSON.stringify(shown)).not.toContain(secret);
    expect((await api.spaces.get({ space: 'vault' })).description).toBe('all have [redacted]');
  });
});

test('a secret told by its form in the description of a pipeline stands in no record, also of one without apps', async () => {
  const { api } = openTemporary();
  await api.pipelines.create({ name: 'ladder', description: 'postgres://ann:hunter22@db/made' });
  await api.pipelines.update({ pipeline: 'ladder', description: 'postgres://ann:hunter22@db/changed' });
  const records = JSON.stringify(await api.audits.list({ size: 10 }));
  expect(records).not.toContain('hunter22');
  expect(records).toContain('@db/changed');
});

test('a change of more config vars than an app can have is refused at once', async () => {
  const { api } = openTemporary();
  await api.spaces.create({ name: 'shop' });
  await api.apps.create({ name: 'web', space: 'shop' });
  const vars = Object.fromEntries(Array.from({ length: 2001 }, (_, n) => [`NAME_${n}`, 'x'.repeat(200)]));
  expect(await refusal(api.configVars.patch({ app: 'web-shop', vars }))).toMatchObject({
    status: 422,
    message: "2001 config vars can't be changed at once.",
  });
});
