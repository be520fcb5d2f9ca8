import { IGNORED } from '../../../src/contract/ignored.js';
import type { Difference } from './exchanges.js';

const INTRODUCTION = `# How this platform differs from Akkeris

Clients of Akkeris - its \`aka\`, its web pages, the tests of its controller - talk to the server of this platform in the
contract that they know. This is every deliberate difference from what Akkeris really answers, made from
\`test/contract/akkeris/differences.jsonl\`. Five hundred and fifty recorded requests are sent to this server, and the
answers compared in status and structure: one that differs and is not listed fails the tests, and so does a listed one that
is not so. What this server says besides is no difference. Errors have the same status with another form: see the last table.
`;

/** The page of docs/ that tells of every deliberate difference. */
export function differencesPage(listed: readonly Difference[]): string {
  const recorded = listed.filter((line) => line.in !== undefined);
  const absent = listed.filter((line) => line.absent !== undefined);
  const redacted = listed.filter((line) => line.vars !== undefined);
  const unrecorded = listed.filter((line) => line.theirs !== undefined);
  return [
    INTRODUCTION,
    section('What answers otherwise', ['What', 'Akkeris → here', 'Why'], grouped(recorded)),
    section(
      'What is not here',
      ['What', 'Requests, answered with 404 or 405', 'Why'],
      absent.map(({ of, absent: requests = [], why }) => [of, requests.map(request).join(', '), why]),
    ),
    section(
      'What is hidden in socs spaces',
      ['What', 'For example', 'Here', 'Why'],
      redacted.map(({ of, vars = [], what = [], why }) => [of, vars.join(', '), what.join(', '), why]),
    ),
    section(
      'What is taken and ignored, as on Akkeris',
      ['Request', 'Members'],
      Object.entries(IGNORED).map(([endpoint, members]) => [
        `\`${endpoint}\``,
        members.map((member) => `\`${member}\``).join(', '),
      ]),
    ),
    section(
      'What the recording does not have',
      ['What', 'Akkeris', 'Here', 'Why'],
      unrecorded.map(({ of, theirs = '', ours = '', why }) => [of, theirs, ours, why]),
    ),
  ].join('\n');
}

/** A row for all that there is of one thing. */
function grouped(lines: readonly Difference[]): string[][] {
  const names = [...new Set(lines.map(({ of }) => of))];
  return names.map((name) => {
    const those = lines.filter(({ of }) => of === name);
    const ways = new Set(those.flatMap(({ what = [] }) => what).map(wayOf));
    return [name, [...ways].join(', '), those[0]?.why ?? ''];
  });
}

/** A difference as compare.ts words it, for people. */
function wayOf(difference: string): string {
  const lacking = /^lacks (.*)$/.exec(difference)?.[1];
  if (lacking !== undefined) return `no \`${lacking}\``;
  const [, member, kinds] = /^(.*): (.*)$/.exec(difference) ?? [];
  if (member !== undefined) return `\`${member}\` ${kinds}`;
  return difference.replace('status ', '').replace(/^0 /, 'never answered ');
}

/** Names of the recording stand for any. */
function request(line: string): string {
  return `\`${line.replace('web-gmin', '{app}').replace('gmin', '{space}')}\``;
}

function section(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [`## ${title}`, '', row(columns), row(columns.map(() => '---')), ...rows.map(row), ''].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
