import { useState } from 'preact/hooks';
import type { AuditVerdict } from '../../contract/wire.js';
import { api } from '../api/client.js';
import { useAction } from '../api/resource.js';
import { Button } from '../ui/button.js';
import { CopyButton } from '../ui/copy.js';
import { Confirm } from '../ui/dialog.js';
import { Field } from '../ui/field.js';
import { Notice } from '../ui/notice.js';

/** Checks the hash chain of the audit log, and whether it still has a head that was kept elsewhere. */
export function VerifyLog() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon="shield" onClick={() => setOpen(true)}>
        Verify
      </Button>
      {isOpen && <VerifyDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function VerifyDialog({ onClose }: { onClose: () => void }) {
  const [against, setAgainst] = useState('');
  const [verdict, setVerdict] = useState<AuditVerdict>();
  const head = against.trim().toLowerCase();
  const isHead = /^[0-9a-f]{64}$/.test(head);
  const action = useAction(async () => {
    setVerdict(undefined);
    setVerdict(await api.audits.verify(head === '' ? {} : { against: head }));
  });
  return (
    <Confirm
      title="Verify the audit log"
      verb="Verify"
      action={action}
      staysOpen
      onClose={onClose}
      disabled={head !== '' && !isHead}
    >
      <p>
        Every record holds the hash of the one before. A record that was changed or removed breaks the chain.
      </p>
      <Field
        label="Head kept elsewhere (optional)"
        hint="From a digest or an export. Shows whether the newest records were cut off."
        error={head !== '' && !isHead ? 'A head has 64 hexadecimal digits.' : undefined}
      >
        {(props) => (
          <input
            {...props}
            class="mono"
            spellcheck={false}
            value={against}
            onInput={(event) => setAgainst(event.currentTarget.value)}
          />
        )}
      </Field>
      {verdict !== undefined && <Verdict verdict={verdict} />}
    </Confirm>
  );
}

function Verdict({ verdict: { ok, records, head, broken, against } }: { verdict: AuditVerdict }) {
  return (
    <Notice
      tone={ok ? 'good' : 'bad'}
      title={ok ? `All ${records.toLocaleString('en')} records are complete` : 'The chain is broken'}
      live
    >
      {broken !== undefined && (
        <p>
          At record {broken.seq}: {broken.reason}
        </p>
      )}
      {against !== undefined && (
        <p>
          {against.found
            ? `It has the head, at record ${against.seq ?? ''}.`
            : 'It does not have that head: records were cut off.'}
        </p>
      )}
      <p>
        Its head is <code>{head}</code> <CopyButton text={head} what="head" />
      </p>
    </Notice>
  );
}
