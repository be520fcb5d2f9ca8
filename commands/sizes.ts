import { AkaCommand } from '../src/cli/command.js';
import type { Output } from '../src/cli/output.js';
import type { Size } from '../src/contract/wire.js';
import { byteSize } from '../src/model/byte-size.js';
import { SPIKE_TEXT } from '../src/model/ranks.js';

export default class Sizes extends AkaCommand<Size[]> {
  static override summary = 'list dyno sizes';
  static override description =
    'The platform restarts a dyno that exceeds its memory. In prod spaces, a dyno may exceed it by half for 5 minutes at a time.';
  static override examples = ['<%= config.bin %> sizes'];

  async run(): Promise<Size[]> {
    await this.parse(Sizes);
    const { sizes } = await this.api();
    return sizes.list();
  }

  protected render(sizes: Size[], out: Output): void {
    const areDescribed = sizes.some(({ description }) => description !== undefined);
    out.table(
      ['SIZE', 'MEMORY', ...(areDescribed ? ['DESCRIPTION'] : ['CORES'])],
      sizes.map(({ name, memory, cpu, description, deprecated }) => [
        name,
        memory === undefined ? '' : byteSize(memory),
        areDescribed ? `${description ?? ''}${deprecated === true ? ' (deprecated)' : ''}` : (cpu ?? ''),
      ]),
    );
    // Another platform describes its sizes itself.
    if (!areDescribed) out.note(`Dynos of prod spaces may go over their memory: ${SPIKE_TEXT}.`);
  }
}
