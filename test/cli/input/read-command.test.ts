import { describe, expect, test } from '@jest/globals';
import { ALIASES, INSTEAD, TOPIC_ALIASES } from '../../../src/cli/input/other-names.js';
import { type CommandShape, readCommand } from '../../../src/cli/input/read-command.js';
import { COMMANDS } from '../../scenarios/manifest.js';

const SHAPES = new Map(COMMANDS.map((command) => [command.id, command as unknown as CommandShape]));
const ALL = { ids: [...SHAPES.keys()], find: (id: string) => SHAPES.get(id) };

const read = (line: string): unknown => readCommand(line.split(' '), ALL);

describe('a command line is read as', () => {
  test.each([
    ['spaces create foo -d text', 'spaces:create', ['foo', '-d', 'text'], undefined],
    ['platform tokens create ci', 'platform:tokens:create', ['ci'], undefined],
    ['apps list --json', 'apps', ['--json'], 'apps'],
    ['platform:tokens:ls', 'platform:tokens', [], 'platform:tokens'],
    ['tokens', 'platform:tokens', [], 'platform:tokens'],
    ['tokens:list', 'platform:tokens', [], 'platform:tokens'],
    ['webhooks:add URL', 'hooks:create', ['URL'], 'hooks:create'],
    ['spaces:rm shop', 'spaces:destroy', ['shop'], 'spaces:destroy'],
    ['tail -a web-shop', 'logs', ['--tail', '-a', 'web-shop'], 'logs --tail'],
    ['spaces shop', 'spaces:info', ['shop'], 'spaces:info'],
    ['compliance prod', 'compliance:explain', ['prod'], 'compliance:explain'],
    ['logs web-shop', 'logs', ['web-shop'], undefined],
    ['releases web-shop', 'releases', ['web-shop'], undefined],
    // The words of a command that takes some are its own.
    ['run apps list', 'run', ['apps', 'list'], undefined],
    ['config:set help', 'config:set', ['help'], undefined],
  ])('%s', (line, id, words, instead) => {
    expect(read(line)).toEqual({
      kind: 'command',
      id,
      words,
      ...(instead === undefined ? {} : { instead }),
    });
  });

  test.each([
    ['apps help', { kind: 'help', subject: 'apps' }],
    ['apps:help', { kind: 'help', subject: 'apps' }],
    ['spaces create help', { kind: 'help', subject: 'spaces:create' }],
    ['space:info x', { kind: 'unknown', name: 'space:info', hint: 'Did you mean aka spaces:info?' }],
    ['space', { kind: 'unknown', name: 'space', hint: 'Did you mean aka spaces?' }],
    ['auth', { kind: 'topic', subject: 'auth' }],
    ['auth help', { kind: 'help', subject: 'auth' }],
    ['spaces craete', { kind: 'unknown', name: 'spaces:craete', hint: 'Did you mean aka spaces:create?' }],
    ['domains add www', { kind: 'unknown', name: 'domains:add', hint: INSTEAD.domains }],
    ['auth:nonsense', { kind: 'unknown', name: 'auth:nonsense', hint: 'Its commands: aka help auth' }],
    ['constructor', { kind: 'unknown', name: 'constructor', hint: 'Every command: aka help' }],
  ])('%s', (line, wanted) => {
    expect(read(line)).toEqual(wanted);
  });
});

test('every name of others leads to a command of ours, and hides none', () => {
  for (const [name, line] of Object.entries(ALIASES)) {
    expect({ name, leads: SHAPES.has(line.split(' ')[0] ?? '') }).toEqual({ name, leads: true });
    expect({ name, hides: SHAPES.has(name) }).toEqual({ name, hides: false });
  }
  for (const [name, topic] of Object.entries(TOPIC_ALIASES)) {
    expect({ name, leads: ALL.ids.some((id) => id === topic || id.startsWith(`${topic}:`)) }).toEqual({
      name,
      leads: true,
    });
  }
  for (const [name, hint] of Object.entries(INSTEAD)) {
    expect({ name, hides: SHAPES.has(name) }).toEqual({ name, hides: false });
    for (const [, id] of hint.matchAll(/\baka ([a-z]+(?::[a-z-]+)*)/g))
      expect({ name, id, exists: id === 'help' || SHAPES.has(id ?? '') }).toEqual({ name, id, exists: true });
  }
});
