import type { Space } from '../../contract/wire.js';
import { api } from '../api/client.js';
import { useResource } from '../api/resource.js';
import { to } from '../shell/routes.js';
import { ComplianceBadges, State } from '../ui/badge.js';
import { DynoCount } from '../ui/dyno-count.js';
import { issuesOf } from './spaces-list.js';

/** How often the dynos of a space are looked at beside its changes: they start and crash by themselves. */
const DYNOS_MS = 30_000;

/** A space in the list. Its dynos are loaded for the rows of one page only. */
export function SpaceRow({ space }: { space: Space }) {
  const issues = issuesOf(space);
  const [first, ...more] = issues;
  return (
    <tr>
      <th scope="row">
        <a href={to.space(space.name)}>{space.name}</a>
        {space.description !== undefined && space.description !== '' && (
          <span class="row-note">{space.description}</span>
        )}
      </th>
      <td data-label="Compliance" class={space.compliance.length === 0 ? 'is-empty' : undefined}>
        <ComplianceBadges compliance={space.compliance} />
      </td>
      <td data-label="Stack">{space.stack.name}</td>
      <td data-label="Apps" class="number">
        {space.apps ?? '–'}
      </td>
      <td data-label="Dynos" class={space.apps === 0 ? 'is-empty' : undefined}>
        <Dynos space={space} />
      </td>
      <td data-label="Attention" class={first === undefined ? 'is-empty' : undefined}>
        {first === undefined ? (
          '–'
        ) : (
          <span class="issue">
            <State tone="warn">
              {first.kind === 'not enforced' ? 'Not enforced' : remedyText(first.remedy)}
            </State>
            <span class="row-note" title={issues.map(({ problem }) => problem).join('\n')}>
              {first.problem}
              {more.length > 0 && ` (and ${more.length} more)`}
            </span>
          </span>
        )}
      </td>
    </tr>
  );
}

function remedyText(remedy: string | undefined): string {
  return remedy === undefined ? 'No remedy here' : 'Can be fixed';
}

function Dynos({ space }: { space: Space }) {
  // Where the platform doesn't count apps, it is asked.
  const isEmpty = space.apps === 0;
  const dynos = useResource(
    isEmpty ? undefined : `dynos of ${space.id}`,
    () => api.dynos.inSpace({ space: space.name }),
    { concerns: (change) => change.space === space.name, every: DYNOS_MS },
  );
  if (isEmpty) return <span class="muted">–</span>;
  if (dynos.data === undefined)
    return <span class="muted">{dynos.error === undefined ? '…' : 'unknown'}</span>;
  return <DynoCount dynos={dynos.data} />;
}
