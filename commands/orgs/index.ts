import { AkaCommand } from '../../src/cli/command.js';
import type { Output } from '../../src/cli/output.js';
import type { Organization } from '../../src/contract/wire.js';

export default class Orgs extends AkaCommand<Organization[]> {
  static override summary = 'list organizations';
  static override examples = ['<%= config.bin %> orgs'];

  async run(): Promise<Organization[]> {
    await this.parse(Orgs);
    const { organizations } = await this.api();
    return organizations.list();
  }

  protected render(organizations: Organization[], out: Output): void {
    if (organizations.length === 0) return out.note('No organizations.');
    out.table(
      ['ORGANIZATION', 'ROLE'],
      organizations.map(({ name, role }) => [name, role ?? '']),
    );
  }
}
