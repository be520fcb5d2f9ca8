import type { Concern, Discovery, Dyno, Space } from '../contract/wire.js';
import { CATALOGUE, isCompliance } from '../model/compliance.js';
import { AT_START, discoveryNames, isNearlyFull } from '../model/discovery.js';
import { mailPeriodText } from '../model/mail.js';
import { asTyped } from './called-as.js';
import type { Cell, Facts, Output, Style } from './output.js';

/** Compliance in a line; what has none says so. */
export function complianceText(compliance: readonly string[]): string {
  return compliance.length === 0 ? 'none' : compliance.join(',');
}

/** What the compliance of a space does, in a line each: as its platform says, or as the catalogue does. */
export function complianceEffects({ compliance, effects }: Pick<Space, 'compliance' | 'effects'>): Facts {
  if (effects !== undefined) return effects.map(({ compliance: each, does }) => [each, does]);
  return compliance.map((each) => [
    each,
    isCompliance(each) ? CATALOGUE[each].does : 'a tag without any effect',
  ]);
}

/** The facts about a space that every command shows alike. */
export function spaceFacts(space: Space): Facts {
  return [
    ['Space', space.name],
    ['Compliance', complianceText(space.compliance)],
    ...(space.description ? ([['Description', space.description]] as const) : []),
    ['Stack', `${space.stack.name} in region ${space.region.name}`],
    ...(space.domain === undefined ? [] : ([['Domains', space.domain]] as const)),
    ...(space.network === undefined ? [] : ([['Network', networkText(space.network)]] as const)),
    ...notEnforcedFacts(space),
    ...digestFacts(space),
    ['Created', space.created_at],
  ];
}

/** What the machine can't hold of what a space promises, once its platform has run there. */
function notEnforcedFacts({ name, network }: Space): Facts {
  const lacking = (network?.not_enforced ?? []).map(({ promise }) => promise);
  if (lacking.length === 0) return [];
  return [['Not enforced', `${lacking.join(', ')}; why: ${asTyped(`aka spaces:topology ${name}`)}`]];
}

/** Whether and how the digests of a socs space reach administrators. */
function digestFacts({ digests }: Space): Facts {
  if (digests === undefined) return [];
  if (!digests.mailed) return [['Digests', 'not mailed']];
  const { recipients, waiting, waiting_since: since, answer } = digests;
  const to = `${recipients} ${recipients === 1 ? 'administrator' : 'administrators'}`;
  const how = `every ${mailPeriodText(digests.period_hours)} to ${to}, next ${digests.next_at}`;
  const last = digests.last_sent_at === null ? [] : [`last sent ${digests.last_sent_at}`];
  const stuck = waiting === 0 ? [] : [`${waiting} not sent since ${since}: ${answer ?? 'not tried yet'}`];
  return [['Digests', [how, ...last, ...stuck]]];
}

/** What is not as a compliance would have it, and what mends that: a sentence or two each. */
export function concernTexts(concerns: readonly Concern[] = []): string[] {
  return concerns.map(
    ({ problem, remedy }) => `${problem}.${remedy === undefined ? '' : ` Mend it: ${remedy}`}`,
  );
}

/** The same as cells: what mends it has one of its own, so that a command is in one piece wherever it fits into a line. */
export function concernCells(concerns: readonly Concern[] = [], style: Style): Cell[] {
  return concerns.flatMap(({ problem, remedy }) => [
    { text: `${problem}.`, style: style.caution },
    ...(remedy === undefined ? [] : [`Mend it: ${remedy}`]),
  ]);
}

/** How many of the dynos that there are to be are up, app by app. */
export function dynosText(
  apps: readonly { readonly id: string; readonly name: string }[],
  dynos: readonly Dyno[],
): string {
  const counts = apps.map(({ id, name }) => {
    const own = dynos.filter(({ app }) => app.id === id);
    const evicted = own.filter(({ state }) => state === 'evicted').length;
    const lacks = evicted === 0 ? '' : ` (${evicted} evicted)`;
    return `${name} ${own.filter(({ state }) => state === 'up').length}/${own.length}${lacks}`;
  });
  return counts.length === 0 ? 'none' : `${counts.join(', ')} up`;
}

/**
 * The apps of a space as its dynos find them: domain, and the two vars an app, with their values where the platform knows
 * them before a dyno starts.
 */
export function showApps(out: Output, { apps }: Discovery): void {
  const rows = apps.map((app) => {
    const vars = discoveryNames(app.name);
    return [app.name, app.web_url, varText(vars.host, app.host), varText(vars.port, app.port)];
  });
  out.table(['APP', 'DOMAIN', 'HOST', 'PORT'], rows);
  if (apps.some(({ host }) => host === null)) out.note(`Their values are ${AT_START}.`);
}

/** A discovery var with its value, if that is known. */
export function varText(name: string, value: string | number | null): string {
  return value === null ? name : `${name}=${value}`;
}

/** How much of a dyno's environment the discovery vars of a space take; undefined where that isn't known. */
export function budgetText(discovery: Discovery): string | undefined {
  const { bytes, bytes_max: max, apps } = discovery;
  if (bytes === null || max === null) return undefined;
  const share = ((100 * bytes) / max).toFixed(1);
  const vars = apps.length * 2;
  const near = isNearlyFull(discovery) ? ' - more than half: use fewer apps or shorter names' : '';
  return `${vars} discovery vars take ${bytes} of ${max} bytes (${share}%)${near}`;
}

/** Warns when the apps of a space fill most of what a dyno's environment has room for. */
export function warnOfBudget(discovery: Discovery, warn: (message: string) => void): void {
  const budget = budgetText(discovery);
  if (budget !== undefined && isNearlyFull(discovery)) warn(`${budget}.`);
}

function networkText({ mode, subnets }: { mode: string; subnets: readonly string[] }): string {
  return mode === 'subnet' ? `subnet ${subnets.join(', ')}` : `${mode} addresses, not isolated`;
}
