import { useState } from 'preact/hooks';
import type { ConfigVars } from '../../contract/wire.js';
import { holdsRedacted } from '../../model/redaction.js';
import { api } from '../api/client.js';
import { announce } from '../api/live.js';
import { useAction, useResource } from '../api/resource.js';
import { Button } from '../ui/button.js';
import { Confirm } from '../ui/dialog.js';
import { Field } from '../ui/field.js';
import { ErrorNotice, Notice } from '../ui/notice.js';
import { Empty, Loading, Panel } from '../ui/panel.js';
import { SearchField } from '../ui/search-field.js';
import { Table } from '../ui/table.js';
import type { AppFacts } from './app-page.js';
import { type ShownVar, shownVars, varProblems } from './config-vars.js';

type Editing = { readonly act: 'add' } | { readonly act: 'change' | 'unset'; readonly name: string };

/** The config vars of an app. Secrets are redacted until they are asked for, and always where the platform redacts them. */
export function ConfigTab({ facts: { key, space, concerns } }: { facts: AppFacts }) {
  const vars = useResource(`config of ${key}`, () => api.configVars.get({ app: key }), { concerns });
  const [editing, setEditing] = useState<Editing>();
  const [text, setText] = useState('');
  const shown = shownVars(vars.data ?? {});
  const found = shown.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
  const add = (
    <Button icon="plus" kind="primary" onClick={() => setEditing({ act: 'add' })}>
      Add a config var
    </Button>
  );
  return (
    <Panel title="Config vars" note={shown.length > 0 && shown.length} actions={add} flush>
      {space.compliance.includes('socs') && (
        <Notice title="This space is socs">
          <p>Secrets are shown as [redacted] to everybody. Dynos get the real values.</p>
        </Notice>
      )}
      {vars.error !== undefined && <ErrorNotice error={vars.error} />}
      {vars.data === undefined && vars.error === undefined && <Loading what="config vars" lines={5} />}
      {vars.data !== undefined && shown.length === 0 && (
        <Empty title="No config vars yet">Dynos get them in their environment.</Empty>
      )}
      {shown.length > 8 && (
        <div class="panel-search">
          <SearchField
            label="Search config vars"
            placeholder="Search by name"
            value={text}
            onSearch={setText}
          />
        </div>
      )}
      {found.length > 0 && (
        <Table caption={`Config vars of ${key}`} columns={['Name', 'Value']} actions kind="table-config">
          {found.map((each) => (
            <VarRow key={each.name} shown={each} onEdit={setEditing} />
          ))}
        </Table>
      )}
      {shown.length > 0 && found.length === 0 && <Empty title="No config var matches" />}
      {editing !== undefined && (
        <EditVar app={key} editing={editing} vars={vars.data ?? {}} onClose={() => setEditing(undefined)} />
      )}
    </Panel>
  );
}

function VarRow({ shown, onEdit }: { shown: ShownVar; onEdit: (editing: Editing) => void }) {
  const [isRevealed, setRevealed] = useState(false);
  const { name, value, redacted, canReveal, owner } = shown;
  const text = isRevealed ? value : redacted;
  return (
    <tr>
      <th scope="row" class="mono">
        {name}
        {owner !== 'user' && (
          <span class="row-note">
            {owner === 'platform' ? 'set by the platform' : 'discovery of the space'}
          </span>
        )}
      </th>
      <td class="config-value mono">
        {text === '' ? <span class="muted">empty</span> : text}
        {canReveal && (
          <Button
            small
            kind="quiet"
            pressed={isRevealed}
            label={`Show the value of ${name}`}
            onClick={() => setRevealed(!isRevealed)}
          >
            {isRevealed ? 'Hide' : 'Show'}
          </Button>
        )}
      </td>
      <td class="row-actions">
        {owner === 'user' && (
          <>
            <Button small label={`Change ${name}`} onClick={() => onEdit({ act: 'change', name })}>
              Change
            </Button>{' '}
            <Button small kind="quiet" label={`Unset ${name}`} onClick={() => onEdit({ act: 'unset', name })}>
              Unset
            </Button>
          </>
        )}
      </td>
    </tr>
  );
}

interface EditVarProps {
  readonly app: string;
  readonly editing: Editing;
  readonly vars: ConfigVars;
  readonly onClose: () => void;
}

function EditVar({ app, editing, vars, onClose }: EditVarProps) {
  const isNew = editing.act === 'add';
  const before = isNew ? '' : (vars[editing.name] ?? '');
  const [name, setName] = useState(isNew ? '' : editing.name);
  // What is redacted can't be written back: a new value is typed whole.
  const [value, setValue] = useState(holdsRedacted(before) ? '' : before);
  const action = useAction(async () => {
    await api.configVars.patch({ app, vars: { [name]: editing.act === 'unset' ? null : value } });
    announce();
  });
  const makesRelease = <p>This makes a release: new dynos take over from those that run now.</p>;
  if (editing.act === 'unset')
    return (
      <Confirm title={`Unset ${name}?`} verb="Unset" danger action={action} onClose={onClose}>
        <p>Its value is gone afterwards.</p>
        {makesRelease}
      </Confirm>
    );
  const problems = varProblems(name, value, isNew ? vars : {});
  return (
    <Confirm
      title={isNew ? 'Add a config var' : `Change ${name}`}
      verb={isNew ? 'Add' : 'Change'}
      action={action}
      onClose={onClose}
      disabled={Object.keys(problems).length > 0}
    >
      {isNew && (
        <Field
          label="Name"
          hint="Letters, digits and underscores, such as LOG_LEVEL."
          error={name === '' ? undefined : problems.name}
        >
          {(props) => (
            <input
              {...props}
              class="mono"
              value={name}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
      <Field
        label="Value"
        hint={holdsRedacted(before) ? 'The present value is redacted. Type the new one whole.' : undefined}
        error={problems.value}
      >
        {(props) => (
          <textarea
            {...props}
            class="mono"
            rows={3}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={value}
            onInput={(event) => setValue(event.currentTarget.value)}
          />
        )}
      </Field>
      {makesRelease}
    </Confirm>
  );
}
