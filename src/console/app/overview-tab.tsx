import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Dyno } from '../../contract/wire.js';
import { api } from '../api/client.js';
import { announce } from '../api/live.js';
import { useAction, useResource } from '../api/resource.js';
import { to } from '../shell/routes.js';
import { State, toneOf } from '../ui/badge.js';
import { Button, ButtonLink } from '../ui/button.js';
import { Confirm } from '../ui/dialog.js';
import { DynoCount } from '../ui/dyno-count.js';
import { ErrorNotice, Notice } from '../ui/notice.js';
import { Empty, Loading, Panel } from '../ui/panel.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';
import type { AppFacts } from './app-page.js';
import { FormationPanel } from './formation-panel.js';
import { ReleaseState } from './releases-tab.js';

/** Dynos start and crash by themselves. */
const DYNOS_MS = 5000;

/** How an app is: its release, its process types, its dynos. */
export function OverviewTab({ facts }: { facts: AppFacts }) {
  const { key, concerns } = facts;
  const dynos = useResource(`dynos of app ${key}`, () => api.dynos.list({ app: key }), {
    concerns,
    every: DYNOS_MS,
  });
  const releases = useResource(`releases of ${key}`, () => api.releases.list({ app: key }), { concerns });
  const current = releases.data?.find((each) => each.current);
  const newest = releases.data?.[0];
  return (
    <>
      <div class="tiles">
        <Tile label="Dynos">{dynos.data === undefined ? '…' : <DynoCount dynos={dynos.data} />}</Tile>
        <Tile label="Release">
          {releases.data === undefined ? '…' : current === undefined ? 'none yet' : `v${current.version}`}
        </Tile>
        <Tile label={newest === current || newest === undefined ? 'Released' : `Release v${newest.version}`}>
          {newest === undefined ? (
            '–'
          ) : newest === current ? (
            <Time at={newest.created_at} />
          ) : (
            <ReleaseState release={newest} />
          )}
        </Tile>
        <Tile label="Created">
          <Time at={facts.app.created_at} />
        </Tile>
      </div>
      {releases.error !== undefined && <ErrorNotice error={releases.error} />}
      {newest?.status === 'failed' && (
        <Notice tone="bad" title={`Release v${newest.version} failed`}>
          <p>{newest.reason}</p>
          <p>
            {current === undefined ? 'Nothing runs.' : `v${current.version} goes on.`}{' '}
            <a href={to.app(key, 'logs')}>See the logs</a>
          </p>
        </Notice>
      )}
      {newest === undefined && releases.data !== undefined && (
        <Empty
          title="Nothing is deployed yet"
          action={
            <ButtonLink href={to.app(key, 'builds')} kind="primary" icon="upload">
              Deploy an archive
            </ButtonLink>
          }
        >
          In a terminal: <code class="command">aka deploy FOLDER -a {key}</code>
        </Empty>
      )}
      <FormationPanel facts={facts} />
      <Panel title="Dynos" note={dynos.data !== undefined && dynos.data.length} flush>
        {dynos.error !== undefined && <ErrorNotice error={dynos.error} />}
        {dynos.data === undefined && dynos.error === undefined && <Loading what="dynos" />}
        {dynos.data?.length === 0 && <Empty title="No dynos">They start with the first release.</Empty>}
        {dynos.data !== undefined && dynos.data.length > 0 && <DynosTable app={key} dynos={dynos.data} />}
      </Panel>
    </>
  );
}

function Tile({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="tile">
      <span class="tile-label">{label}</span>
      <span class="tile-value">{children}</span>
    </div>
  );
}

function DynosTable({ app, dynos }: { app: string; dynos: readonly Dyno[] }) {
  const [restarting, setRestarting] = useState<string>();
  return (
    <>
      <Table caption={`Dynos of ${app}`} columns={['Dyno', 'State', 'Size', 'Release', 'Since']} actions>
        {dynos.map((dyno) => (
          <tr key={dyno.id}>
            <th scope="row" class="mono">
              {dyno.name}
            </th>
            <td data-label="State">
              <span>
                <State tone={toneOf(dyno.state)}>{dyno.state}</State>
                {typeof dyno.reason === 'string' && <span class="row-note">{dyno.reason}</span>}
                {dyno.restarts > 0 && <span class="row-note">{dyno.restarts} restarts</span>}
              </span>
            </td>
            <td data-label="Size">{dyno.size}</td>
            <td data-label="Release">
              {dyno.release?.version === undefined ? '–' : `v${dyno.release.version}`}
            </td>
            <td data-label="Since">
              <Time at={dyno.updated_at} />
            </td>
            <td class="row-actions">
              <Button
                small
                icon="refresh"
                label={`Restart ${dyno.name}`}
                onClick={() => setRestarting(dyno.name)}
              >
                Restart
              </Button>
            </td>
          </tr>
        ))}
      </Table>
      {restarting !== undefined && (
        <RestartDyno app={app} dyno={restarting} onClose={() => setRestarting(undefined)} />
      )}
    </>
  );
}

function RestartDyno({ app, dyno, onClose }: { app: string; dyno: string; onClose: () => void }) {
  const action = useAction(async () => {
    await api.dynos.restart({ app, dyno });
    announce();
  });
  return (
    <Confirm title={`Restart ${dyno}?`} verb="Restart" action={action} onClose={onClose}>
      <p>Another dyno takes its place; requests it is handling are finished first.</p>
    </Confirm>
  );
}
