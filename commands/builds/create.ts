import { DeployCommand } from '../../src/cli/deploy-command.js';

export default class BuildsCreate extends DeployCommand {
  static override summary = 'build and release an app';
  static override examples = [
    '<%= config.bin %> builds:create -a web-demo',
    '<%= config.bin %> builds:create ./shop -a web-demo --version 1.2 --wait=300',
    '<%= config.bin %> builds:create shop -a web-demo --no-wait',
  ];
}
