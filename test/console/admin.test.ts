import { describe, expect, test } from '@jest/globals';
import {
  parseSetting,
  SETTING_GROUPS,
  settingInput,
  settingText,
  waits,
} from '../../src/console/admin/settings-fields.js';
import {
  askedOf,
  auditFilterIn,
  auditQueryOf,
  detailsOf,
  matchingRecords,
  outcomeOf,
  summaryOf,
} from '../../src/console/audits/records.js';
import { type AuditEvent, PlatformSettings } from '../../src/contract/wire.js';
import type { RuleError } from '../../src/model/rule.js';
import { DEFAULT_SETTINGS } from '../../src/model/settings.js';

const settings = PlatformSettings.parse({ network: 'subnet', ...DEFAULT_SETTINGS });
const fields = SETTING_GROUPS.flatMap((group) => group.fields);
const field = (name: string) => fields.find((each) => each.name === name)!;

describe('settings', () => {
  test('are all there, but for the certificates of a mail server', () => {
    const missing = Object.keys(DEFAULT_SETTINGS).filter(
      (name) => !fields.some((each) => each.name === name),
    );
    expect(missing).toEqual(['smtp_ca']);
  });

  test('are the same after they were shown and typed again', () => {
    for (const each of fields)
      expect([each.name, parseSetting(each, settingInput(each, settings), settings)]).toEqual([
        each.name,
        settings[each.name],
      ]);
  });

  test.each([
    ['slug_bytes', '20 GiB', 20 * 1024 ** 3],
    ['internal_allow', '10.0.0.0/8, 192.168.0.0/16', ['10.0.0.0/8', '192.168.0.0/16']],
    ['capacity_cpu', '1.5', 1.5],
    ['capacity_memory', '', null],
  ])('%s takes %p', (name, typed, value) => {
    expect(parseSetting(field(name), typed, settings)).toEqual(value);
  });

  test.each([
    ['router_port', '70000', /65535/],
    ['http_port', String(settings.router_port), /something else/],
    ['router_port', 'x', /number/],
    ['slug_bytes', '1kB', /or more/],
    ['router_port', '', /empty/],
  ])('%s refuses %p', (name, typed, reason) => {
    let refusal: RuleError | undefined;
    try {
      parseSetting(field(name), typed, settings);
    } catch (error) {
      refusal = error as RuleError;
    }
    expect(`${refusal?.message} ${refusal?.hint}`).toMatch(reason);
  });

  test('say what they mean when they are empty, and when they take effect', () => {
    expect(settingText(field('mail_to'), settings)).toBe('nobody');
    expect(waits(field('router_port'))).toBe(true);
    expect(waits(field('egress'))).toBe(false);
  });
});

const record = (action: string, outcome: string, details: object): AuditEvent => ({
  action,
  app: null,
  space: 'shop',
  username: 'root',
  received_at: '2026-01-01T00:00:00.000Z',
  info: JSON.stringify({ outcome, details }),
});

describe('audit records', () => {
  const set = record('config.change', 'done', { set: ['A', 'B'], release: 2, id: 'x' });
  const refused = record('space.create', 'refused', { reason: 'There is a space shop.' });

  test('are narrowed by action and outcome on the page, by the rest on the platform', () => {
    const filter = auditFilterIn(new URLSearchParams('space=shop&action=CONFIG&since=7d&size=400'));
    expect(askedOf(filter)).toEqual({ space: 'shop', since: '7d', size: 400 });
    expect(matchingRecords([set, refused], filter)).toEqual([set]);
    expect(matchingRecords([set, refused], { ...filter, action: '', refused: true })).toEqual([refused]);
    expect(auditFilterIn(new URLSearchParams(auditQueryOf(filter)))).toEqual(filter);
    expect(auditFilterIn(new URLSearchParams('size=99999999'))).toMatchObject({ size: 100 });
  });

  test('say what happened in a line, without what only programs compare', () => {
    expect(summaryOf(detailsOf(set))).toBe('set A, B, release 2');
    expect(outcomeOf(refused)).toBe('refused');
    expect(detailsOf({ ...set, info: 'not JSON' })).toEqual([]);
  });
});
