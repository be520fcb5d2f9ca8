import { expect, test } from '@jest/globals';
import * as wire from '../../src/contract/wire.js';
import { lackingIn } from '../../src/model/addons.js';
import { isCompliance } from '../../src/model/compliance.js';

/*
 * Addons as an Akkeris installation answers: members that ours has not, and others missing. Its plans say what they
 * require of a space in the member that ours do.
 */

const at = { created_at: '2018-11-15T17:14:09.270Z', updated_at: '2018-11-15T17:14:09.270Z' };
const SERVICE = { id: '1124611d-2971-2533-3338-a816a4a95ff1', name: 'vault' };
const PLAN = { id: '1328e0b0-429a-1fa8-32a0-aaad9e121cbb', name: 'vault:payments-prod' };
const APP = { id: '4505b947-346d-400b-a986-a1faeb2c321f', name: 'web-live' };

test('plans of Akkeris require compliances as plans of credentials do', () => {
  const plan = wire.AddonPlan.parse({
    ...PLAN,
    ...at,
    addon_service: SERVICE,
    available_regions: ['us-seattle'],
    compliance: ['prod', 'socs'],
    price: { cents: 0, unit: 'month', contract: false },
    state: 'public',
  });
  const required = (plan.compliance ?? []).filter(isCompliance);
  expect(lackingIn(['socs'], required)).toEqual(['prod']);
  expect(lackingIn(['prod', 'socs', 'internal'], required)).toEqual([]);
  expect(wire.AddonPlan.parse({ ...PLAN, ...at }).compliance).toEqual([]);
  expect(wire.AddonPlan.parse({ ...PLAN, ...at, compliance: null }).compliance).toBeNull();
});

test.each([
  ['in a list, without vars', {}, []],
  [
    'with vars',
    { config_vars: { S3_BUCKET: 'b', S3_SECRET_KEY: '[redacted]' } },
    ['S3_BUCKET', 'S3_SECRET_KEY'],
  ],
  ['with an empty list for no vars', { config_vars: [] }, []],
  ['with the apps that get it', { attached_to: [{ ...APP, owner: true }] }, []],
])('addons of Akkeris are read %s', (_, more, names) => {
  const addon = wire.Addon.parse({
    actions: null,
    addon_service: SERVICE,
    app: APP,
    billed_price: { cents: 5000, unit: 'month', contract: false },
    id: '42222315-1155-4772-bc87-fdda79df06ee',
    name: 'vault-shock-2047',
    plan: PLAN,
    primary: true,
    provider_id: 'akkeris',
    web_url: '/apps/web-live',
    ...at,
    ...more,
  });
  expect(Object.keys(addon.config_vars)).toEqual(names);
  expect(addon.app).toMatchObject(APP);
});

test('attachments of Akkeris are read, and what a client of it sends is what ours takes', () => {
  const attachment = wire.AddonAttachment.parse({
    addon: { id: '42222315-1155-4772-bc87-fdda79df06ee', name: 'vault', app: APP, plan: PLAN },
    primary: true,
    app: APP,
    id: '5feef9bb-2bed-4b62-bdf5-e31691fab88c',
    name: 'mycoolname',
    web_url: '',
    ...at,
  });
  expect(attachment.config_vars ?? []).toEqual([]);
  const attach = { app: APP.name, addon: attachment.addon.id, name: 'mycoolname' };
  expect(wire.AddonAttach.parse(attach)).toEqual(attach);
  const create = { app: APP.name, plan: PLAN.id, attachment: { name: 'mycoolname' } };
  expect(wire.AppAddonCreate.parse(create)).toEqual(create);
});

test('hooks of Akkeris and their calls are read', () => {
  const [release, build] = ['release', 'build'];
  const hook = { id: '875e1d70-c843-476d-91fc-4bea901a76da', events: [release, build] };
  expect(
    wire.Hook.parse({ ...hook, active: true, url: 'https://example.com/webhook', ...at }).waiting,
  ).toBeUndefined();
  const call = {
    id: '189860a9-090e-4587-a409-4b82808119ee',
    last_attempt: {
      request: {
        method: 'post',
        url: 'https://example.com/webhook',
        headers: { 'x-appkit-event': release },
        body: {},
      },
      response: { code: 200, headers: { connection: 'close' } },
      status: 'succeeded',
      updated_at: at.updated_at,
    },
    num_attempts: 1,
    hook,
    created_at: at.created_at,
  };
  expect(wire.HookResult.parse(call).last_attempt.response.code).toBe(200);
  // Where nobody answered.
  const response = { code: 0, headers: null, body: '{}' };
  const unanswered = { ...call, last_attempt: { ...call.last_attempt, response, status: 'failed' } };
  expect(wire.HookResult.parse(unanswered).last_attempt.response.code).toBe(0);
  expect(wire.HookEvent.parse({ type: release, description: 'd' }).happens).toBeUndefined();
  // It answers 204 to whoever destroys one.
  expect(wire.HookDestroyed.parse(null)).toBeNull();
});
