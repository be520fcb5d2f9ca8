import { Flags } from '@oclif/core';
import { showPromises, showVerdicts } from '../../src/cli/check-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { usage } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { AppsApiError } from '../../src/contract/errors.js';
import type { SpaceCheck } from '../../src/contract/wire.js';

export default class SpacesCheck extends AkaCommand<SpaceCheck | SpaceCheck[]> {
  static override summary = 'test the isolation and compliance of a space';
  static override description =
    `Starts temporary dynos in this space and in another one. They test discovery vars, domains and broadcasts between the apps of the space.

They also test the isolation from other spaces, this machine, and the files and listeners of the platform. Verifies the audit log. Apps only see a request for /. The platform must be running.

On an Akkeris installation, starts nothing and checks only visible settings. It reports wrong compliance, incomplete or duplicate spaces, unusable names, duplicate domains and exposed secrets.

Exits 0 if everything that the platform can enforce holds, and 1 if something doesn't.`;
  static override examples = [
    '<%= config.bin %> spaces:check demo',
    '<%= config.bin %> spaces:check --all',
    '<%= config.bin %> spaces:check demo --json | jq -r \'.promises[] | select(.state == "failed").evidence\'',
  ];
  static override args = { space: argument.optional('name of the space') };
  static override flags = { all: Flags.boolean({ description: 'check all spaces' }) };

  protected override readonly advice = ['hint'];

  async run(): Promise<SpaceCheck | SpaceCheck[]> {
    const { args, flags } = await this.parse(SpacesCheck);
    const { space } = args;
    const all = flags.all === true;
    if (all === (space !== undefined)) {
      throw all
        ? usage('Both a space and --all are named.', 'Leave one of them out.')
        : usage('No space is named.', `Name one, or check all: ${this.config.bin} spaces:check --all`);
    }
    const checks = space === undefined ? await this.#all() : [await this.#check(space)];
    this.answer = checks.every(({ ok }) => ok) ? EXIT.done : EXIT.no;
    return space === undefined ? checks : (checks[0] as SpaceCheck);
  }

  protected render(result: SpaceCheck | SpaceCheck[], out: Output): void {
    if (Array.isArray(result)) return showVerdicts(out, result);
    const { space, ok, promises } = result;
    showPromises(out, promises);
    const { length: failed } = promises.filter(({ state }) => state === 'failed');
    out.heading(
      ok
        ? `Space ${space.name} keeps what it promises.`
        : `Space ${space.name}: ${failed} of ${promises.length} failed.`,
    );
  }

  /** Whether there is such a space is told also where nothing runs. */
  async #check(space: string): Promise<SpaceCheck> {
    const api = await this.api();
    const key = await nameOf(api, space);
    return (await this.running()).spaces.check({ space: key });
  }

  /** One after the other: each takes room of its own for a while. */
  async #all(): Promise<SpaceCheck[]> {
    const { items } = await (await this.api()).spaces.list();
    const { spaces } = await this.running();
    const checks: SpaceCheck[] = [];
    for (const { id, name } of items) {
      if (process.stderr.isTTY) this.progress(`Checking ${name}, ${checks.length + 1} of ${items.length}`);
      checks.push(await spaces.check({ space: id }));
    }
    return checks;
  }
}

/** The name of a space; of one that shares it with others, which is a thing to check, what was asked for. */
async function nameOf({ spaces }: AppsApi, key: string): Promise<string> {
  try {
    return (await spaces.get({ space: key })).name;
  } catch (error) {
    if (error instanceof AppsApiError && error.status === 409) return key;
    throw error;
  }
}
