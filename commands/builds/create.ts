import { DeployCommand } from '../../src/cli/deploy-command.js';

export default class BuildsCreate extends DeployCommand {
  static override summary = 'build an app from a source, and release it';
  static override description =
    `Of a folder, what git tracks is uploaded, as it is on disk; without git, everything but what .gitignore excludes. A .slugignore leaves out more. An address is fetched by the platform, and has to hold what --checksum says.

It waits until the new dynos are up, and fails if they don't come up: what ran before then goes on. What the build prints is on standard error. Its short name is: <%= config.bin %> deploy`;
  static override examples = [
    '<%= config.bin %> builds:create -a web-demo',
    '<%= config.bin %> builds:create ./shop -a web-demo --version 1.2 --wait=300',
    '<%= config.bin %> builds:create shop -a web-demo --no-wait',
  ];
}
