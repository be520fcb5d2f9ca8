import { DeployCommand } from '../src/cli/deploy-command.js';

export default class Deploy extends DeployCommand {
  static override summary = 'build and release an app: builds:create in a word';
  static override description = 'Everything about it is in: <%= config.bin %> help builds:create';
  static override examples = [
    '<%= config.bin %> deploy -a web-demo',
    '<%= config.bin %> deploy ./shop -a web-demo',
  ];
}
