import { useState } from 'preact/hooks';
import type { Token, TokenCreated } from '../../contract/wire.js';
import { durationSeconds } from '../../model/duration.js';
import { RuleError } from '../../model/rule.js';
import { parseTokenName } from '../../model/token-names.js';
import { api } from '../api/client.js';
import { announce } from '../api/live.js';
import { useAction, useResource } from '../api/resource.js';
import { Button } from '../ui/button.js';
import { Copyable } from '../ui/copy.js';
import { Confirm } from '../ui/dialog.js';
import { Field } from '../ui/field.js';
import { ErrorNotice, Notice } from '../ui/notice.js';
import { Empty, Loading, Panel } from '../ui/panel.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';

/** The API tokens of the platform. */
export function TokensPanel() {
  const tokens = useResource('tokens', () => api.tokens.list());
  const [isCreating, setCreating] = useState(false);
  const [created, setCreated] = useState<TokenCreated>();
  const [revoking, setRevoking] = useState<Token>();
  return (
    <Panel
      title="API tokens"
      note={tokens.data !== undefined && tokens.data.length}
      actions={
        <Button icon="plus" onClick={() => setCreating(true)}>
          Create a token
        </Button>
      }
      flush
    >
      {created !== undefined && (
        <Notice tone="good" title={`Token ${created.name} is created`} live>
          <p>Copy it now; it won't be shown again. Use it as AKA_TOKEN.</p>
          <Copyable label="API token" text={created.secret} />
          <Button small onClick={() => setCreated(undefined)}>
            Done
          </Button>
        </Notice>
      )}
      {tokens.error !== undefined && <ErrorNotice error={tokens.error} />}
      {tokens.data === undefined && tokens.error === undefined && <Loading what="tokens" />}
      {tokens.data?.length === 0 && <Empty title="No tokens">Nobody comes in over the network yet.</Empty>}
      {tokens.data !== undefined && tokens.data.length > 0 && (
        <Table caption="API tokens" columns={['Name', 'Role', 'Spaces', 'Last used', 'Expires']} actions>
          {tokens.data.map((token) => (
            <tr key={token.name}>
              <th scope="row">{token.name}</th>
              <td data-label="Role">
                {token.role === 'admin' ? 'administrator' : token.role}
                {token.trusted && ', trusted'}
              </td>
              <td data-label="Spaces">
                {token.role === 'admin' ? 'all' : token.spaces.join(', ') || 'none'}
              </td>
              <td data-label="Last used">{token.used_at === null ? 'never' : <Time at={token.used_at} />}</td>
              <td data-label="Expires">
                {token.expired ? (
                  'expired'
                ) : token.expires_at === null ? (
                  'never'
                ) : (
                  <Time at={token.expires_at} />
                )}
              </td>
              <td class="row-actions">
                <Button small label={`Revoke ${token.name}`} onClick={() => setRevoking(token)}>
                  Revoke
                </Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {isCreating && <CreateToken onCreated={setCreated} onClose={() => setCreating(false)} />}
      {revoking !== undefined && <RevokeToken token={revoking} onClose={() => setRevoking(undefined)} />}
    </Panel>
  );
}

interface CreateTokenProps {
  readonly onCreated: (token: TokenCreated) => void;
  readonly onClose: () => void;
}

function CreateToken({ onCreated, onClose }: CreateTokenProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<'user' | 'admin'>('user');
  const [spaces, setSpaces] = useState('');
  const [expires, setExpires] = useState('30d');
  const nameProblem = problemOf(name);
  const seconds = expires.trim() === '' ? undefined : durationSeconds(expires.trim());
  const expiresProblem =
    expires.trim() !== '' && seconds === undefined ? 'Such as 12h, 30d; empty for never.' : undefined;
  const named = spaces.split(/[\s,]+/).filter(Boolean);
  const action = useAction(async () => {
    onCreated(
      await api.tokens.create({
        name: parseTokenName(name),
        role,
        ...(role === 'user' && { spaces: named }),
        ...(seconds !== undefined && { expires_in: seconds }),
      }),
    );
    announce();
  });
  return (
    <Confirm
      title="Create an API token"
      verb="Create the token"
      action={action}
      onClose={onClose}
      disabled={
        nameProblem !== undefined || expiresProblem !== undefined || (role === 'user' && named.length === 0)
      }
    >
      <Field label="Name" hint="It stands in the audit log." error={name === '' ? undefined : nameProblem}>
        {(props) => (
          <input
            {...props}
            value={name}
            autocapitalize="none"
            spellcheck={false}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label="Role" hint="An administrator may do everything, in every space.">
        {(props) => (
          <select
            {...props}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value === 'admin' ? 'admin' : 'user')}
          >
            <option value="user">user</option>
            <option value="admin">administrator</option>
          </select>
        )}
      </Field>
      {role === 'user' && (
        <Field label="Spaces" hint="Names with commas between them.">
          {(props) => (
            <input
              {...props}
              value={spaces}
              autocapitalize="none"
              spellcheck={false}
              onInput={(event) => setSpaces(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
      <Field label="Expires in" hint="Such as 12h or 30d; empty for never." error={expiresProblem}>
        {(props) => (
          <input {...props} value={expires} onInput={(event) => setExpires(event.currentTarget.value)} />
        )}
      </Field>
    </Confirm>
  );
}

function RevokeToken({ token, onClose }: { token: Token; onClose: () => void }) {
  const action = useAction(async () => {
    await api.tokens.revoke({ token: token.name });
    announce();
  });
  return (
    <Confirm title={`Revoke ${token.name}?`} verb="Revoke" danger action={action} onClose={onClose}>
      <p>Requests with it are refused from now on, and what it has open ends. This can't be undone.</p>
    </Confirm>
  );
}

function problemOf(name: string): string | undefined {
  try {
    parseTokenName(name);
    return undefined;
  } catch (error) {
    if (error instanceof RuleError) return [error.message, error.hint].filter(Boolean).join(' ');
    throw error;
  }
}
