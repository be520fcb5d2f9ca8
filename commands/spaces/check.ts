import { showPromises } from '../../src/cli/check-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { SpaceCheck } from '../../src/contract/wire.js';

export default class SpacesCheck extends AkaCommand<SpaceCheck> {
  static override summary = 'prove what a space promises, by trying it now';
  static override description =
    `Dynos of its own are started in the space and in another one, and try what has to work and what must not: siblings by discovery vars and by domain, broadcast, other spaces, this machine, the platform's files, its listeners, the audit log. They are gone when it ends; apps notice a request for / and nothing else.

Exits 0 if all that this machine can enforce holds, and 1 if something does not. The platform must be running.`;
  static override examples = [
    '<%= config.bin %> spaces:check demo',
    '<%= config.bin %> spaces:check demo --json | jq -r \'.promises[] | select(.state == "failed").evidence\'',
  ];
  static override args = { space: argument.required('name of the space') };

  protected override readonly advice = ['hint'];

  async run(): Promise<SpaceCheck> {
    const { args } = await this.parse(SpacesCheck);
    const { spaces } = await this.api();
    const { name } = await spaces.get({ space: args.space });
    const check = await (await this.running()).spaces.check({ space: name });
    this.answer = check.ok ? EXIT.done : EXIT.no;
    return check;
  }

  protected render({ space, ok, promises }: SpaceCheck, out: Output): void {
    showPromises(out, promises);
    const { length: failed } = promises.filter(({ state }) => state === 'failed');
    out.heading(
      ok
        ? `Space ${space.name} keeps what it promises.`
        : `Space ${space.name}: ${failed} of ${promises.length} failed.`,
    );
  }
}
