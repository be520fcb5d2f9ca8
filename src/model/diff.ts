import { valueOf } from './config-vars.js';
import { discoveryNames } from './discovery.js';
import { holdsRedacted, type RedactionRules, redact } from './redaction.js';

/** A space as far as two of them are compared. */
export interface SpaceContent {
  readonly name: string;
  readonly compliance: readonly string[];
  readonly apps: readonly { readonly name: string; readonly vars: Readonly<Record<string, string>> }[];
}

/** How a thing compares; `hidden`: both have it, and its values are redacted, so nothing can be said. */
type DifferenceState = 'equal' | 'different' | 'only_a' | 'only_b' | 'hidden';

export interface Difference {
  readonly name: string;
  readonly state: DifferenceState;
  /** The values, redacted, where they differ. */
  readonly a?: string;
  readonly b?: string;
}

export interface SpaceDiff {
  readonly a: string;
  readonly b: string;
  /** null: nothing that can be seen differs, but some values are redacted. */
  readonly same: boolean | null;
  readonly compliance: readonly Difference[];
  readonly apps: readonly Difference[];
  /** Named `app NAME`. */
  readonly config: readonly Difference[];
  /** Compared by name: their values belong to each space. */
  readonly discovery: readonly Difference[];
}

/** What two spaces have in common and what not, each part by name. No sensitive value is in it. */
export function compareSpaces(a: SpaceContent, b: SpaceContent, rules?: RedactionRules): SpaceDiff {
  const compliance = compareNames(a.compliance, b.compliance);
  const apps = compareNames(namesOf(a), namesOf(b));
  const config = apps
    .filter(({ state }) => state === 'equal')
    .flatMap(({ name }) =>
      compareVars(varsOf(a, name), varsOf(b, name), rules).map((row) => ({
        ...row,
        name: `${name} ${row.name}`,
      })),
    );
  const discovery = apps.flatMap(({ name, state }) =>
    Object.values(discoveryNames(name)).map((variable) => ({ name: variable, state })),
  );
  const states = new Set([compliance, apps, config].flat().map(({ state }) => state));
  const differ = (['different', 'only_a', 'only_b'] as const).some((state) => states.has(state));
  const same = differ ? false : states.has('hidden') ? null : true;
  return { a: a.name, b: b.name, same, compliance, apps, config, discovery };
}

function compareNames(a: readonly string[], b: readonly string[]): Difference[] {
  return union(a, b).map((name) => ({
    name,
    state: !b.includes(name) ? 'only_a' : a.includes(name) ? 'equal' : 'only_b',
  }));
}

function compareVars(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
  rules: RedactionRules | undefined,
): Difference[] {
  return union(Object.keys(a), Object.keys(b)).map((name) => {
    const [left, right] = [valueOf(a, name), valueOf(b, name)];
    if (left === undefined) return { name, state: 'only_b' };
    if (right === undefined) return { name, state: 'only_a' };
    if (holdsRedacted(left) || holdsRedacted(right)) return { name, state: 'hidden' };
    if (left === right) return { name, state: 'equal' };
    return { name, state: 'different', a: redact(name, left, rules), b: redact(name, right, rules) };
  });
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}

function namesOf(space: SpaceContent): string[] {
  return space.apps.map((app) => app.name);
}

function varsOf(space: SpaceContent, app: string): Readonly<Record<string, string>> {
  return space.apps.find(({ name }) => name === app)?.vars ?? {};
}
