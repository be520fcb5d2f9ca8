import type { Build } from '../../contract/wire.js';
import { api } from '../api/client.js';
import { useResource } from '../api/resource.js';
import { to } from '../shell/routes.js';
import { State, toneOf } from '../ui/badge.js';
import { ErrorNotice } from '../ui/notice.js';
import { Empty, Loading, Panel } from '../ui/panel.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';
import type { AppFacts } from './app-page.js';
import { DeployForm } from './deploy-form.js';

/** The builds of an app, newest first, and the way to make another one. */
export function BuildsTab({ facts }: { facts: AppFacts }) {
  const { key, concerns } = facts;
  const builds = useResource(`builds of ${key}`, () => api.builds.list({ app: key }), { concerns });
  return (
    <>
      <DeployForm facts={facts} />
      <Panel title="Builds" note={builds.data !== undefined && builds.data.length} flush>
        {builds.error !== undefined && <ErrorNotice error={builds.error} />}
        {builds.data === undefined && builds.error === undefined && <Loading what="builds" lines={5} />}
        {builds.data?.length === 0 && <Empty title="No builds yet">The first one releases the app.</Empty>}
        {builds.data !== undefined && builds.data.length > 0 && (
          <Table caption={`Builds of ${key}`} columns={['Build', 'Status', 'Source', 'By', 'When']}>
            {builds.data.map((build) => (
              <tr key={build.id}>
                <th scope="row">
                  <a href={to.app(key, 'builds', String(build.number ?? build.id))}>
                    Build {build.number ?? build.id}
                  </a>
                </th>
                <td data-label="Status">
                  <span>
                    <State tone={toneOf(build.status)}>{buildStatus(build)}</State>
                    {typeof build.reason === 'string' && <span class="row-note">{build.reason}</span>}
                  </span>
                </td>
                <td data-label="Source">{sourceText(build)}</td>
                <td data-label="By">{build.user?.email ?? '–'}</td>
                <td data-label="When">
                  <Time at={build.created_at} />
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Panel>
    </>
  );
}

/** How far a build is; `pending` is two things, which its checks tell apart. */
export function buildStatus({ status, checks }: Build): string {
  if (status !== 'pending') return status;
  return checks.some(({ passed }) => !passed) ? 'waiting for checks' : 'building';
}

/** What a build is made of, as short as it is told. */
export function sourceText({ source_blob: source }: Build): string {
  if (source === undefined) return '–';
  const { branch, commit, version, url, checksum } = source;
  const parts = [branch, commit?.slice(0, 8), version].filter(Boolean);
  return parts.length > 0 ? parts.join(' ') : (url ?? checksum?.replace('sha256:', '').slice(0, 12) ?? '–');
}
