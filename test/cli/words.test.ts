import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FIRST_STEPS, HELP_TOPICS } from '../../src/cli/help-topics.js';
import { ROOT } from '../scenarios/aka.js';
import { COMMANDS } from '../scenarios/manifest.js';

/** How a summary starts. A new verb belongs here only if Heroku, kubectl or git has it, too. */
const VERBS =
  /^(?:add|allow|attach|back up|build|check|compare|create|destroy|detach|edit|encrypt|explain|export|forward|list|log in|manage|open|overrule|print|promote|read|register|remove|report|restart|restore|revoke|roll back|rotate|run|scale|send|set|show|start|stop|test|unset|update|verify|wait)\b/;

/** Archaisms, and relative clauses where there is a noun: docs/glossary.md has the nouns. */
const FORBIDDEN =
  /\b(?:who|whoever|whom|whose|what|of which|unless (?:told|named)|no more|any more|for ever|anew|mends?|besides|(?:is|are|has|have) to be|there (?:is|are) to|goes on|go on|is well|are well|hears? of|said|told|somebody|nobody|becomes? of|became of|came of)\b/gi;

const SUMMARY_MAX = 60;
const SENTENCE_MAX = 24;

interface FlagFacts {
  readonly description?: string;
  readonly default?: unknown;
}

/** Every text of the help, by where it is. */
const TEXTS: readonly (readonly [where: string, text: string])[] = [
  ...COMMANDS.flatMap(({ id, summary = '', description = '', flags, args }) => [
    [id, summary] as const,
    [`${id}, description`, description] as const,
    ...Object.entries(flags).map(([name, flag]) => [`${id} --${name}`, flag.description ?? ''] as const),
    ...Object.entries(args).map(([name, arg]) => [`${id} ${name}`, arg.description ?? ''] as const),
  ]),
  ...FIRST_STEPS,
  ...[...HELP_TOPICS].flatMap(([name, { title, rows }]) => [[name, title] as const, ...rows]),
  ...topics(),
  ...glossary(),
];

function topics(): [where: string, text: string][] {
  const { oclif } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    oclif: { topics: Record<string, { description: string }> };
  };
  return Object.entries(oclif.topics).map(([name, { description }]) => [`topic ${name}`, description]);
}

/** The words of docs/glossary.md with their meanings. */
function glossary(): [word: string, meaning: string][] {
  const rows = readFileSync(join(ROOT, 'docs', 'glossary.md'), 'utf8').matchAll(
    /^\| ([\w -]+?) +\| (.+?) +\|$/gm,
  );
  return [...rows].map(([, word = '', meaning = '']) => [`glossary, ${word}`, meaning]);
}

/** The texts that `complaint` has something to say about, with it. */
function complaints(
  texts: readonly (readonly [where: string, text: string])[],
  complaint: (text: string) => string | undefined,
): string[] {
  return texts.flatMap(([where, text]) => {
    const found = complaint(text);
    return found === undefined ? [] : [`${where}: ${found}`];
  });
}

describe('summaries', () => {
  const summaries = [...COMMANDS.map(({ id, summary = '' }) => [id, summary] as const), ...topics()];

  test('start with an imperative verb', () => {
    expect(complaints(summaries, (text) => (VERBS.test(text) ? undefined : text))).toEqual([]);
  });

  test(`are one clause of at most ${SUMMARY_MAX} characters`, () => {
    expect(
      complaints(summaries, (text) =>
        text.length <= SUMMARY_MAX && !/[:;.]/.test(text) ? undefined : `${text.length} characters: ${text}`,
      ),
    ).toEqual([]);
  });
});

describe('help', () => {
  test('has nouns and verbs of today', () => {
    expect(complaints(TEXTS, (text) => text.match(FORBIDDEN)?.join(', '))).toEqual([]);
  });

  test('does not repeat a summary as the description', () => {
    const same = COMMANDS.filter(({ summary, description }) => summary?.toLowerCase() === plain(description));
    expect(same.map(({ id }) => id)).toEqual([]);
  });

  test(`has sentences of at most ${SENTENCE_MAX} words`, () => {
    expect(complaints(TEXTS, longSentence)).toEqual([]);
  });

  test('names defaults as (default X)', () => {
    const silent = COMMANDS.flatMap(({ id, flags }) =>
      Object.entries(flags as Record<string, FlagFacts>)
        .filter(([, { default: value, description = '' }]) => {
          return Boolean(value) && !description.includes(`(default ${String(value)})`);
        })
        .map(([name]) => `${id} --${name}`),
    );
    expect(silent).toEqual([]);
    expect(complaints(TEXTS, (text) => /\bdefault:|\bis the default\b/.exec(text)?.[0])).toEqual([]);
  });
});

function longSentence(text: string): string | undefined {
  return text.split(/\n|[.!?](?:\s|$)/).find((sentence) => words(sentence) > SENTENCE_MAX);
}

function plain(text: string | undefined): string | undefined {
  return text?.replace(/\.$/, '').toLowerCase();
}

function words(sentence: string): number {
  return sentence.split(/\s+/).filter((word) => /\w/.test(word)).length;
}
