import type { AuthorityCertificate } from '../../src/cli/local-platform.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Output } from '../../src/cli/output.js';

export default class PlatformCa extends MachineCommand<AuthorityCertificate> {
  static override summary = 'print the certificate of the local certificate authority';
  static override description =
    `Prints PEM for programs that must trust the https domains of apps. Name constraints limit the authority to those domains. The first start of the platform creates it.

With --json, also prints the fingerprint, the validity, the names and the file.`;
  static override examples = [
    '<%= config.bin %> platform:ca > ca.pem',
    '<%= config.bin %> platform:ca --json | jq -r .fingerprint',
  ];

  async run(): Promise<AuthorityCertificate> {
    await this.parse(PlatformCa);
    const machine = await this.localPlatform('have its certificate shown from here');
    const authority = await machine.authority();
    this.hint(`SHA-256 ${authority.fingerprint}, until ${authority.valid_to.slice(0, 10)}`);
    this.hint('How to trust it: aka platform:trust');
    return authority;
  }

  protected render({ certificate }: AuthorityCertificate, out: Output): void {
    for (const line of certificate.trimEnd().split('\n')) out.raw(line);
  }
}
