import { useMemo } from 'preact/hooks';
import type { Space } from '../../contract/wire.js';
import { api } from '../api/client.js';
import { useResource } from '../api/resource.js';
import type { Session } from '../api/session.js';
import { Heading } from '../shell/heading.js';
import { replaceQuery } from '../shell/location.js';
import { to } from '../shell/routes.js';
import { Button, ButtonLink } from '../ui/button.js';
import { ErrorNotice } from '../ui/notice.js';
import { Pager } from '../ui/pager.js';
import { Empty, Loading } from '../ui/panel.js';
import { SearchField } from '../ui/search-field.js';
import { Table } from '../ui/table.js';
import { SpaceRow } from './space-row.js';
import {
  COMPLIANCE_FILTERS,
  filterIn,
  issuesOf,
  matching,
  PAGE_SIZE,
  queryOf,
  type SpaceListFilter,
} from './spaces-list.js';

const NO_FILTER: SpaceListFilter = { text: '', compliance: '', attention: false, page: 1 };

/** All spaces that the caller may use. */
export function SpacesPage({ query, session }: { query: URLSearchParams; session: Session }) {
  const spaces = useResource('spaces', async () => (await api.spaces.list()).items);
  const filter = filterIn(query);
  const canCreate = session.role === 'admin';
  const all = spaces.data;
  const narrow = (change: Partial<SpaceListFilter>): void =>
    replaceQuery(queryOf({ ...filter, page: 1, ...change }));
  return (
    <>
      <Heading
        title="Spaces"
        note={all !== undefined && <span class="count">{all.length.toLocaleString('en')}</span>}
        actions={
          canCreate && (
            <ButtonLink href={to.createSpace()} kind="primary" icon="plus">
              Create a space
            </ButtonLink>
          )
        }
      >
        Each space is a network of its own, with its compliance and its domain.
      </Heading>
      {spaces.error !== undefined && <ErrorNotice error={spaces.error} />}
      {all === undefined && spaces.error === undefined && <Loading what="spaces" lines={6} />}
      {all?.length === 0 && (
        <Empty
          title="No spaces yet"
          action={
            canCreate && (
              <ButtonLink href={to.createSpace()} kind="primary" icon="plus">
                Create a space
              </ButtonLink>
            )
          }
        >
          {canCreate ? 'A space is where apps run.' : 'Ask an administrator for a token that opens a space.'}
        </Empty>
      )}
      {all !== undefined && all.length > 0 && (
        <>
          <Filters filter={filter} spaces={all} narrow={narrow} />
          <List spaces={all} filter={filter} narrow={narrow} />
        </>
      )}
    </>
  );
}

interface ListProps {
  readonly spaces: readonly Space[];
  readonly filter: SpaceListFilter;
  readonly narrow: (change: Partial<SpaceListFilter>) => void;
}

function Filters({ filter, spaces, narrow }: ListProps) {
  const troubled = useMemo(() => spaces.filter((space) => issuesOf(space).length > 0).length, [spaces]);
  return (
    <form class="filters" role="search" aria-label="Spaces" onSubmit={(event) => event.preventDefault()}>
      <SearchField
        label="Search spaces"
        placeholder="Search by name or description"
        value={filter.text}
        onSearch={(text) => narrow({ text })}
      />
      <fieldset class="segments">
        <legend class="visually-hidden">Compliance</legend>
        {COMPLIANCE_FILTERS.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="compliance"
              checked={filter.compliance === each}
              onChange={() => narrow({ compliance: each })}
            />
            <span>{each === '' ? 'All' : each}</span>
          </label>
        ))}
      </fieldset>
      <Button
        icon="alert"
        pressed={filter.attention}
        disabled={troubled === 0 && !filter.attention}
        onClick={() => narrow({ attention: !filter.attention })}
      >
        {`Needs attention (${troubled})`}
      </Button>
    </form>
  );
}

function List({ spaces, filter, narrow }: ListProps) {
  const found = matching(spaces, filter);
  const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE));
  const page = Math.min(filter.page, pages);
  const shown = found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  return (
    <>
      <p class="visually-hidden" role="status">
        {found.length === 1 ? '1 space' : `${found.length} spaces`}
      </p>
      {found.length === 0 ? (
        <Empty
          title="No space matches"
          action={<Button onClick={() => narrow(NO_FILTER)}>Clear the filter</Button>}
        >
          {filter.text === ''
            ? 'Choose another filter.'
            : `Nothing is named or described like "${filter.text}".`}
        </Empty>
      ) : (
        <Table
          caption="Spaces"
          columns={['Space', 'Compliance', 'Stack', 'Apps', 'Dynos', 'Attention']}
          numbers={['Apps']}
          kind="table-spaces"
        >
          {shown.map((space) => (
            <SpaceRow key={space.id} space={space} />
          ))}
        </Table>
      )}
      <Pager
        page={page}
        pages={pages}
        total={found.length}
        size={PAGE_SIZE}
        onPage={(next) => narrow({ page: next })}
      />
    </>
  );
}
