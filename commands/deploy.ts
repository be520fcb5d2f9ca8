import { DeployCommand } from '../src/cli/deploy-command.js';

export default class Deploy extends DeployCommand {
  static override summary = 'build and release an app';
  static override examples = [
    '<%= config.bin %> deploy -a web-demo',
    '<%= config.bin %> deploy ./shop -a web-demo',
    '<%= config.bin %> deploy shop -a web-demo --no-wait',
  ];
}
