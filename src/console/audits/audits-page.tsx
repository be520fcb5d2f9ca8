import { useEffect, useState } from 'preact/hooks';
import type { AuditEvent } from '../../contract/wire.js';
import { parseSince } from '../../model/since.js';
import { api } from '../api/client.js';
import { useResource } from '../api/resource.js';
import type { Session } from '../api/session.js';
import { Heading } from '../shell/heading.js';
import { replaceQuery } from '../shell/location.js';
import { to } from '../shell/routes.js';
import { State, toneOf } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Field } from '../ui/field.js';
import { ErrorNotice } from '../ui/notice.js';
import { Empty, Loading } from '../ui/panel.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';
import {
  type AuditListFilter,
  askedOf,
  auditFilterIn,
  auditQueryOf,
  detailsOf,
  FIRST_SIZE,
  matchingRecords,
  originOf,
  outcomeOf,
  summaryOf,
} from './records.js';
import { VerifyLog } from './verify-log.js';

/** How long to wait for the next key before the platform is asked. */
const TYPING_MS = 300;

/** What was changed, by whom, and what was refused. */
export function AuditsPage({ query, session }: { query: URLSearchParams; session: Session }) {
  const filter = auditFilterIn(query);
  const asked = useSettled(
    JSON.stringify(askedOf({ ...filter, since: isSince(filter.since) ? filter.since : '' })),
  );
  const records = useResource(`audits ${asked}`, () => api.audits.list(JSON.parse(asked) as object));
  const narrow = (change: Partial<AuditListFilter>): void =>
    replaceQuery(auditQueryOf({ ...filter, size: FIRST_SIZE, ...change }));
  const found = matchingRecords(records.data ?? [], filter);
  return (
    <>
      <Heading title="Audit log" actions={session.role === 'admin' && <VerifyLog />}>
        Every change and every refusal, newest first.
      </Heading>
      <Filters filter={filter} narrow={narrow} />
      {records.error !== undefined && <ErrorNotice error={records.error} />}
      {records.data === undefined && records.error === undefined && (
        <Loading what="audit records" lines={8} />
      )}
      {records.data !== undefined && found.length === 0 && (
        <Empty
          title="No audit record matches"
          action={<Button onClick={() => replaceQuery({})}>Clear the filter</Button>}
        />
      )}
      {found.length > 0 && <Records records={found} />}
      {records.data !== undefined && records.data.length >= filter.size && (
        <div class="pager">
          <Button busy={records.loading} onClick={() => narrow({ size: Math.min(10_000, filter.size * 2) })}>
            Show older records
          </Button>
        </div>
      )}
    </>
  );
}

interface FiltersProps {
  readonly filter: AuditListFilter;
  readonly narrow: (change: Partial<AuditListFilter>) => void;
}

function Filters({ filter, narrow }: FiltersProps) {
  const fields = [
    ['space', 'Space', 'shop'],
    ['app', 'App', 'web-shop'],
    ['user', 'User', ''],
    ['action', 'Action', 'config.change'],
    ['since', 'Since', '7d'],
  ] as const;
  return (
    <form
      class="audit-filters"
      role="search"
      aria-label="Audit records"
      onSubmit={(event) => event.preventDefault()}
    >
      {fields.map(([name, label, example]) => (
        <Field
          key={name}
          label={label}
          error={name === 'since' && !isSince(filter.since) ? 'Such as 2h, 7d or 2026-01-31' : undefined}
        >
          {(props) => (
            <input
              {...props}
              type="search"
              placeholder={example}
              autocapitalize="none"
              spellcheck={false}
              value={filter[name]}
              onInput={(event) => narrow({ [name]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      <Button pressed={filter.refused} icon="alert" onClick={() => narrow({ refused: !filter.refused })}>
        Refused only
      </Button>
    </form>
  );
}

function Records({ records }: { records: readonly AuditEvent[] }) {
  return (
    <Table caption="Audit records" columns={['When', 'Action', 'On', 'By', 'Details']} kind="table-audits">
      {records.map((record) => (
        <Record key={record.seq ?? `${record.received_at} ${record.action}`} record={record} />
      ))}
    </Table>
  );
}

function Record({ record }: { record: AuditEvent }) {
  const { action, app, space, username, received_at, seq } = record;
  const outcome = outcomeOf(record);
  const details = detailsOf(record);
  const hasSpace = space !== null && space !== '';
  const hasApp = app !== null && app !== '';
  return (
    <tr>
      <td data-label="When">
        <span>
          <Time at={received_at} />
          {seq !== undefined && <span class="row-note">#{seq}</span>}
        </span>
      </td>
      <th scope="row">
        <span class="mono">{action}</span>
        {outcome !== 'done' && (
          <span class="row-note">
            <State tone={toneOf(outcome)}>{outcome}</State>
          </span>
        )}
      </th>
      <td data-label="On">
        {hasApp && hasSpace ? (
          <a href={to.app(`${app}-${space}`)}>{`${app}-${space}`}</a>
        ) : hasSpace ? (
          <a href={to.space(space)}>{space}</a>
        ) : (
          <span class="muted">{hasApp ? app : 'platform'}</span>
        )}
      </td>
      <td data-label="By">
        <span>
          {username}
          <span class="row-note">{originOf(record)}</span>
        </span>
      </td>
      <td data-label="Details" class={details.length === 0 ? 'is-empty' : 'audit-details'}>
        {details.length === 0 ? '–' : <Details details={details} />}
      </td>
    </tr>
  );
}

function Details({ details }: { details: readonly [name: string, text: string][] }) {
  return (
    <details>
      <summary>{summaryOf(details) || 'identifiers'}</summary>
      <dl>
        {details.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text === '' ? 'none' : text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function isSince(text: string): boolean {
  if (text === '') return true;
  try {
    parseSince(text, new Date());
    return true;
  } catch {
    return false;
  }
}

/** A value once it has stayed the same for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
