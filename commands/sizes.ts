import { AkaCommand } from '../src/cli/command.js';
import type { Output } from '../src/cli/output.js';
import type { Size } from '../src/contract/wire.js';
import { byteSize } from '../src/model/byte-size.js';
import { SPIKE_TEXT } from '../src/model/ranks.js';

export default class Sizes extends AkaCommand<Size[]> {
  static override summary = 'list the sizes of dynos';
  static override description =
    `A dyno that goes over the memory of its size is ended and started again. Those of prod spaces may go over it first: ${SPIKE_TEXT}.`;
  static override examples = ['<%= config.bin %> sizes'];

  async run(): Promise<Size[]> {
    await this.parse(Sizes);
    const { sizes } = await this.api();
    return sizes.list();
  }

  protected render(sizes: Size[], out: Output): void {
    out.table(
      ['SIZE', 'MEMORY', 'CORES'],
      sizes.map(({ name, memory, cpu }) => [name, memory === undefined ? '' : byteSize(memory), cpu ?? '']),
    );
    out.note(`Dynos of prod spaces may go over their memory: ${SPIKE_TEXT}.`);
  }
}
