import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { AppsApiError } from '../../src/contract/errors.js';
import { COMPLIANCES } from '../../src/model/compliance.js';
import { LONG, runsWhole } from '../long-tests.js';
import { ADMIN, flawsOf, openTemporary, type Temporary, USER } from '../platform/store/temporary.js';

interface AppModel {
  labels: string;
  readonly vars: Map<string, string>;
}
interface SpaceModel {
  readonly compliance: readonly string[];
  description: string;
  readonly apps: Map<string, AppModel>;
}
/** What a platform is, as simply as it can be said. */
type Model = Map<string, SpaceModel>;

interface Real {
  platform: Temporary;
  /** The compliance that each space was first seen with, by its id. */
  readonly born: Map<string, string>;
  /** How often the platform may still be opened anew: the driver gives files back only when memory is collected. */
  reopenings: number;
  /** How often operations came out in which way, or a test of refusals only would pass as well. */
  readonly outcomes: Map<string, number>;
}

/** One operation: what it does to the model, and to a platform. `predict` answers the id of the error it expects. */
interface Operation {
  readonly says: string;
  predict(model: Model): string;
  perform(real: Real): Promise<unknown>;
}

const DONE = 'done';

const spaceNames = fc.constantFrom('shop', 'shop', 'vault', 'default', 'Shop');
const appNames = fc.constantFrom('web', 'web', 'web', 'api', 'WEB');
const callers = fc.constantFrom(ADMIN, USER);
const compliances = fc.oneof(
  fc.subarray([...COMPLIANCES]),
  fc.constantFrom(
    ['prod,socs'],
    ['Internal'],
    ['hipaa'],
    [''],
    ['socsprod'],
    ['prod', 'socs', 'prod'],
    ['socs', ' prod '],
  ),
);

/** The set that the words are, which programs write exactly; undefined if one of them is no compliance. */
function meaning(words: readonly string[]): readonly string[] | undefined {
  const known: readonly string[] = COMPLIANCES;
  return words.every((word) => known.includes(word))
    ? known.filter((each) => words.includes(each))
    : undefined;
}

function isGuarded({ compliance }: SpaceModel): boolean {
  return compliance.includes('socs') || compliance.includes('prod');
}

const operations: readonly fc.Arbitrary<Operation>[] = [
  fc
    .tuple(fc.oneof(spaceNames, fc.constantFrom('prod', 'a--b', 'internal')), compliances)
    .map(([name, compliance]) => ({
      says: `create space ${name} [${compliance.join(' ')}]`,
      predict(model) {
        const [folded, set] = [name.toLowerCase(), meaning(compliance)];
        if (folded === 'a--b') return 'invalid_space_name';
        if (folded === 'prod' || folded === 'internal') return 'reserved_space_name';
        if (set === undefined)
          return compliance.some((word) => word === '') ? 'invalid_compliance' : 'unknown_compliance';
        if (model.has(folded)) return 'exists';
        model.set(folded, { compliance: set, description: '', apps: new Map() });
        return DONE;
      },
      perform: ({ platform }) => platform.api.spaces.create({ name, compliance: [...compliance] }),
    })),
  fc
    .tuple(
      spaceNames,
      fc.oneof(
        fc.record({ description: fc.constantFrom('one', 'two', '') }),
        fc.record({ compliance: fc.constantFrom<unknown>(['prod'], [], null, 'socs', ['socs', 'prod']) }),
        fc.record({ name: fc.constant('renamed') }),
        fc.record({ stack: fc.constant('local'), description: fc.constant('sly') }),
      ),
    )
    .map(([name, changes]) => ({
      says: `update space ${name} ${JSON.stringify(changes)}`,
      predict(model) {
        const space = model.get(name.toLowerCase());
        if (space === undefined) return 'not_found';
        if (!('description' in changes) || 'stack' in changes) return 'immutable';
        space.description = changes.description;
        return DONE;
      },
      perform: ({ platform }) => platform.api.spaces.update({ space: name, ...changes }),
    })),
  fc.tuple(spaceNames, callers).map(([name, caller]) => ({
    says: `destroy space ${name} as ${caller.role}`,
    predict(model) {
      const folded = name.toLowerCase();
      const space = model.get(folded);
      if (space === undefined) return 'not_found';
      if (caller.role === 'user' && isGuarded(space)) return 'administrators_only';
      if (folded === 'default') return 'default_space';
      if (space.apps.size > 0) return 'space_in_use';
      model.delete(folded);
      return DONE;
    },
    perform: ({ platform }) => platform.as(caller).spaces.destroy({ space: name }),
  })),
  fc.tuple(fc.oneof(appNames, fc.constant('my-app')), spaceNames).map(([name, space]) => ({
    says: `create app ${name} in ${space}`,
    predict(model) {
      const there = model.get(space.toLowerCase());
      if (there === undefined) return 'not_found';
      if (name === 'my-app') return 'invalid_app_name';
      if (there.apps.has(name.toLowerCase())) return 'exists';
      there.apps.set(name.toLowerCase(), { labels: '', vars: new Map() });
      return DONE;
    },
    perform: ({ platform }) => platform.api.apps.create({ name, space }),
  })),
  fc
    .tuple(
      appNames,
      spaceNames,
      fc.constantFrom({ labels: 'a' }, { labels: 'b' }, { space: 'vault' }, { name: 'other' }),
    )
    .map(([app, space, changes]) => ({
      says: `update app ${app}-${space} ${JSON.stringify(changes)}`,
      predict(model) {
        const there = model.get(space.toLowerCase())?.apps.get(app.toLowerCase());
        if (there === undefined) return 'not_found';
        if ('name' in changes || ('space' in changes && space !== changes.space)) return 'immutable';
        if ('labels' in changes) there.labels = changes.labels;
        return DONE;
      },
      perform: ({ platform }) => platform.api.apps.update({ app: `${app}-${space}`, ...changes }),
    })),
  fc.tuple(appNames, spaceNames, callers).map(([app, space, caller]) => ({
    says: `destroy app ${app}-${space} as ${caller.role}`,
    predict(model) {
      const there = model.get(space.toLowerCase());
      if (there?.apps.has(app.toLowerCase()) !== true) return 'not_found';
      if (caller.role === 'user' && isGuarded(there)) return 'administrators_only';
      there.apps.delete(app.toLowerCase());
      return DONE;
    },
    perform: ({ platform }) => platform.as(caller).apps.destroy({ app: `${app}-${space}` }),
  })),
  fc
    .tuple(
      appNames,
      spaceNames,
      fc.constantFrom('LEVEL', 'COLOR', 'PORT', 'WEB_SERVICE_HOST'),
      fc.constantFrom('1', '2', null),
    )
    .map(([app, space, name, value]) => ({
      says: `set ${name}=${value} on ${app}-${space}`,
      predict(model) {
        const vars = model.get(space.toLowerCase())?.apps.get(app.toLowerCase())?.vars;
        if (vars === undefined) return 'not_found';
        if (name === 'PORT') return 'reserved_config_var';
        if (name === 'WEB_SERVICE_HOST') return 'shadows_discovery';
        if (value === null) return vars.delete(name) ? DONE : 'not_set';
        vars.set(name, value);
        return DONE;
      },
      perform: ({ platform }) =>
        platform.api.configVars.patch({ app: `${app}-${space}`, vars: { [name]: value } }),
    })),
  fc.constantFrom('UPDATE', 'UPDATE OR REPLACE', 'UPDATE OR IGNORE').map((verb) => ({
    says: `${verb} in SQL`,
    predict: () => 'sql',
    perform: async ({ platform }) => platform.raw.exec(`${verb} spaces SET compliance = 'prod'`),
  })),
  fc.constant({
    says: 'open anew',
    predict: () => DONE,
    perform: async (real: Real) => {
      if (real.reopenings-- <= 0) return;
      real.platform.close();
      real.platform = openTemporary(real.platform.folders);
    },
  }),
];

class Do implements fc.AsyncCommand<Model, Real> {
  constructor(readonly operation: Operation) {}

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const expected = this.operation.predict(model);
    const outcome = await outcomeOf(this.operation.perform(real));
    real.outcomes.set(outcome, (real.outcomes.get(outcome) ?? 0) + 1);
    expect({ operation: this.operation.says, outcome }).toEqual({
      operation: this.operation.says,
      outcome: expected,
    });
    await compareSpaces(model, real);
  }

  toString(): string {
    return this.operation.says;
  }
}

async function outcomeOf(performed: Promise<unknown>): Promise<string> {
  try {
    await performed;
    return DONE;
  } catch (error) {
    if (error instanceof AppsApiError) return error.id;
    return String(error).includes('never change') ? 'sql' : String(error);
  }
}

/** Compares as text first: this is done for every operation, and nearly always they are equal. */
function same(found: unknown, told: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(told)) expect(found).toEqual(told);
}

async function compareSpaces(model: Model, { platform: { api }, born }: Real): Promise<void> {
  const { items } = await api.spaces.list();
  for (const { id, compliance } of items) {
    const first = born.get(id) ?? compliance.join(',');
    born.set(id, first);
    same(compliance.join(','), first);
  }
  same(
    items.map(({ name, compliance, description, apps }) => [name, compliance, description, apps]),
    Array.from(
      model,
      ([name, { compliance, description, apps }]) => [name, compliance, description, apps.size] as const,
    ).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

async function compareApps(model: Model, { platform: { api } }: Real): Promise<void> {
  const found = (await api.apps.list()).items.map(({ name, labels }) => `${name} ${labels}`);
  const told = Array.from(model, ([space, each]) =>
    Array.from(each.apps, ([name, { labels }]) => `${name}-${space} ${labels}`),
  );
  same(found.toSorted(), told.flat().toSorted());
  for (const [space, { apps }] of model) {
    for (const [app, { vars }] of apps) {
      const config = await api.configVars.get({ app: `${app}-${space}` });
      expect(config).toEqual({ PORT: '5000', ...Object.fromEntries(vars) });
    }
  }
}

test(
  'whatever is done in whatever order, a platform is what its model says, and no compliance ever changes',
  async () => {
    // A new one now and then; in between it is emptied, which takes no time.
    const EACH = 500;
    const rounds = Math.ceil((runsWhole('sequences') ? 10_000 : 500) / EACH);
    const outcomes = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const real: Real = { platform: openTemporary(), born: new Map(), reopenings: 3, outcomes };
      await fc.assert(
        fc.asyncProperty(
          fc.commands(
            operations.map((each) => each.map((one) => new Do(one))),
            { maxCommands: 24, size: 'max' },
          ),
          async (commands) => {
            const { api, raw } = real.platform;
            raw.exec("DELETE FROM apps; DELETE FROM spaces WHERE name <> 'default'");
            await api.spaces.update({ space: 'default', description: '' });
            await api.spaces.create({ name: 'shop', compliance: ['prod'] });
            await api.apps.create({ name: 'web', space: 'shop' });
            const web: AppModel = { labels: '', vars: new Map() };
            const model: Model = new Map([
              ['default', { compliance: [], description: '', apps: new Map() }],
              ['shop', { compliance: ['prod'], description: '', apps: new Map([['web', web]]) }],
            ]);
            await fc.asyncModelRun(() => ({ model, real }), commands);
            await compareApps(model, real);
          },
        ),
        { numRuns: EACH },
      );
      expect(await real.platform.api.audits.verify()).toMatchObject({ ok: true });
      expect(flawsOf(real.platform.raw).filter((flaw) => !flaw.startsWith('record without'))).toEqual([]);
      real.platform.close();
    }
    const seen = [...outcomes].toSorted(([a], [b]) => (a < b ? -1 : 1));
    expect(seen.map(([outcome]) => outcome)).toEqual([
      'administrators_only',
      'default_space',
      'done',
      'exists',
      'immutable',
      'invalid_app_name',
      'invalid_compliance',
      'invalid_space_name',
      'not_found',
      'not_set',
      'reserved_config_var',
      'reserved_space_name',
      'shadows_discovery',
      'space_in_use',
      'sql',
      'unknown_compliance',
    ]);
    process.stderr.write(`${rounds * EACH} sequences: ${seen.map((each) => each.join(' ')).join(', ')}\n`);
  },
  LONG,
);
