import { Flags } from '@oclif/core';
import { sinceIn } from '../../src/cli/audit-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { Facts, Output } from '../../src/cli/output.js';
import type { Digest, DigestDelivery } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';

export default class AuditsDigest extends AkaCommand<Digest | DigestDelivery> {
  static override summary = 'show or mail the audit digest of a socs space';
  static override description =
    `Covers everything since the last digest, or since --since. With --send, mails it to the administrators.

With --send but without --since, the next digest starts after this one. Exits 8 if the mail server doesn't accept it. The running platform then retries.`;
  static override examples = [
    '<%= config.bin %> audits:digest --space demo',
    '<%= config.bin %> audits:digest --space demo --since 7d --html > digest.html',
    '<%= config.bin %> audits:digest --space demo --send',
  ];
  static override flags = {
    space: Flags.string({ char: 's', description: 'name of the space', helpValue: 'SPACE', required: true }),
    since: Flags.string({
      description: 'start: 7d, 12h, or a time such as 2026-11-01T09:30 (default the end of the last digest)',
      helpValue: 'TIME',
    }),
    html: Flags.boolean({ description: 'print HTML', exclusive: ['send'] }),
    send: Flags.boolean({ description: 'mail the digest to the administrators now' }),
  };

  #html = false;

  async run(): Promise<Digest | DigestDelivery> {
    const { flags } = await this.parse(AuditsDigest);
    this.#html = flags.html;
    const { space } = flags;
    const since = sinceIn(flags.since);
    const { digests } = await this.api();
    if (!flags.send) return digests.get({ space, ...given({ since }) });
    this.progress('Mailing the digest ...');
    const delivery = await digests.send({ space, ...given({ since }) });
    if (delivery.state !== 'sent') {
      this.answer = EXIT.pending;
      this.caution(
        `It was not taken for everybody and waits in the outbox: ${delivery.answer ?? 'somebody else is mailing it'}. To try what is set: aka platform:configure --smtp-test`,
      );
    }
    return delivery;
  }

  protected render(result: Digest | DigestDelivery, out: Output): void {
    if (isDelivery(result)) return out.facts(deliveryFacts(result));
    out.raw((this.#html ? result.html : result.text).trimEnd());
  }
}

function isDelivery(result: Digest | DigestDelivery): result is DigestDelivery {
  return 'message_id' in result;
}

function deliveryFacts(delivery: DigestDelivery): Facts {
  const { space, since, until, state, reached, recipients, next_at: nextAt, answer } = delivery;
  return [
    ['Space', space],
    ['From', since],
    ['To', until],
    ['State', state],
    ['Reached', `${reached} of ${recipients}`],
    ...(answer === null ? [] : [['Answer', answer] as const]),
    ...(nextAt === null ? [] : [['Next attempt', nextAt] as const]),
    ['Message', delivery.message_id],
  ];
}
