import type { Build, Release } from '../contract/wire.js';
import type { Cell, Facts, Style } from './output.js';

/** As it is named to people and in commands. */
export function buildName({ number, id }: Build): string {
  return number === undefined ? id : String(number);
}

/** The facts about a build that every command shows alike. */
export function buildFacts(build: Build, style: Style): Facts {
  const { app, source_blob: source, user } = build;
  return [
    ['Build', `${buildName(build)} of ${app.name}`],
    ['Status', statusCell(build, style)],
    ...known('Why', build.reason),
    ...Object.entries(build.commands ?? {}).map(([type, command]): Facts[number] => [
      `Command of ${type}`,
      command,
    ]),
    ...known('Version', source?.version),
    ...known('Commit', source?.commit),
    ...known('Branch', source?.branch),
    ...known('Repository', source?.repo),
    ...known('Source', source?.url),
    ...known('Checksum', source?.checksum),
    ...known('Slug', build.slug?.id),
    ...known('By', user?.email),
    ['Created', build.created_at],
  ];
}

/** The facts about a release that every command shows alike. */
export function releaseFacts(release: Release, style: Style): Facts {
  return [
    ['Release', `v${release.version} of ${release.app.name}`],
    ['Status', statusCell(release, style)],
    ...known('Why', release.reason),
    ['Current', release.current ? 'yes' : 'no'],
    ...known('Description', release.description),
    ...known('Promoted', promotionText(release)),
    ...known('Slug', release.slug?.id),
    ...known('By', release.user?.email),
    ['Created', release.created_at],
  ];
}

/** How a build or release stands, in the colour of that. */
export function statusCell({ status }: { readonly status: string }, style: Style): Cell {
  if (status === 'succeeded') return { text: status, style: style.good };
  return status === 'failed' ? { text: status, style: style.bad } : status;
}

function promotionText({ promoted_from: from }: Release): string | undefined {
  return from == null ? undefined : `v${from.version} of ${from.app} by pipeline ${from.pipeline}`;
}

function known(name: string, value: string | null | undefined): Facts {
  return value == null || value === '' ? [] : [[name, value]];
}
