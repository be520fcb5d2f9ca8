// What the licences of others ask for: that they go wherever their code goes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of a package, at the beginning of the path of one of its files; the innermost, where there are several. */
const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/** What a file is called that has a licence, or what is to be said with it. */
const LICENSE = /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i;

/**
 * Name, version, licence and the licence's text of every package that some of the outputs came from, as esbuild's
 * metafiles tell. Throws if a package has none.
 */
export function thirdPartyLicenses(metafiles, root) {
  const used = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => PACKAGE.exec(path) ?? []);
  const sections = [...new Set(used)].map((folder) => section(join(root, folder)));
  const line = `\n${'-'.repeat(78)}\n\n`;
  return `aka has code of these packages in it, under these licences.\n${line}${[...new Set(sections)].sort().join(line)}`;
}

function section(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => LICENSE.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (typeof license !== 'string' || texts.length === 0) throw new Error(`${name} has no licence with it.`);
  return `${[`${name} ${version} (${license})`, ...texts].join('\n\n')}\n`;
}
