import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { Pipeline } from '../../src/contract/wire.js';

export default class PipelinesDestroy extends AkaCommand<Pipeline> {
  static override summary = 'destroy a pipeline; its apps stay as they are';
  static override description = 'Where it has an app in a socs or prod space, only administrators do that.';
  static override examples = ['<%= config.bin %> pipelines:destroy ladder --confirm ladder'];
  static override args = { pipeline: argument.required('name of the pipeline') };
  static override flags = {
    confirm: Flags.string({
      description: 'the name again, so that nothing is destroyed by accident',
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<Pipeline> {
    const { args, flags } = await this.parse(PipelinesDestroy);
    const { pipelines } = await this.api();
    const { name } = await pipelines.get({ pipeline: args.pipeline });
    await this.confirm(name, flags.confirm, `Pipeline ${name} will be destroyed.`);
    return pipelines.destroy({ pipeline: name });
  }

  protected render({ name }: Pipeline, out: Output): void {
    out.line(`Destroyed pipeline ${name}.`);
  }
}
