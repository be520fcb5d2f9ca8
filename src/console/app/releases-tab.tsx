import { useState } from 'preact/hooks';
import type { Release } from '../../contract/wire.js';
import { api } from '../api/client.js';
import { announce } from '../api/live.js';
import { useAction, useResource } from '../api/resource.js';
import { to } from '../shell/routes.js';
import { State, toneOf } from '../ui/badge.js';
import { Button, ButtonLink } from '../ui/button.js';
import { Confirm } from '../ui/dialog.js';
import { ErrorNotice } from '../ui/notice.js';
import { Pager } from '../ui/pager.js';
import { Empty, Loading, Panel } from '../ui/panel.js';
import { Time } from '../ui/time.js';
import type { AppFacts } from './app-page.js';

const PAGE_SIZE = 25;

/** The releases of an app, newest first, and the way back to an earlier one. */
export function ReleasesTab({ facts: { key, concerns } }: { facts: AppFacts }) {
  const releases = useResource(`releases of ${key}`, () => api.releases.list({ app: key }), { concerns });
  const [target, setTarget] = useState<Release>();
  const [page, setPage] = useState(1);
  const all = releases.data ?? [];
  return (
    <Panel title="Releases" note={all.length > 0 && all.length}>
      {releases.error !== undefined && <ErrorNotice error={releases.error} />}
      {releases.data === undefined && releases.error === undefined && <Loading what="releases" lines={6} />}
      {releases.data?.length === 0 && (
        <Empty
          title="No releases yet"
          action={
            <ButtonLink href={to.app(key, 'builds')} icon="upload">
              Deploy an archive
            </ButtonLink>
          }
        >
          A build makes one, and so does a change of config vars.
        </Empty>
      )}
      <ol class="timeline">
        {all.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map((release) => (
          <TimelineItem key={release.id} app={key} release={release} onRollBack={() => setTarget(release)} />
        ))}
      </ol>
      <Pager
        page={page}
        pages={Math.ceil(all.length / PAGE_SIZE)}
        total={all.length}
        size={PAGE_SIZE}
        onPage={setPage}
      />
      {target !== undefined && <RollBack app={key} release={target} onClose={() => setTarget(undefined)} />}
    </Panel>
  );
}

interface TimelineItemProps {
  readonly app: string;
  readonly release: Release;
  readonly onRollBack: () => void;
}

function TimelineItem({ app, release, onRollBack }: TimelineItemProps) {
  const { version, description, current, user, created_at, reason, build, promoted_from } = release;
  const canRollBack = !current && release.status === 'succeeded';
  return (
    <li class={`timeline-item timeline-${current ? 'current' : toneOf(release.status)}`}>
      <div class="timeline-head">
        <strong>v{version}</strong>
        {current ? <span class="badge badge-current">current</span> : <ReleaseState release={release} />}
        <span>{description}</span>
      </div>
      <p class="row-note">
        {user !== undefined && `${user.email}, `}
        <Time at={created_at} />
        {promoted_from !== undefined &&
          promoted_from !== null &&
          `, promoted from v${promoted_from.version} of ${promoted_from.app}`}
        {build !== undefined && build !== null && (
          <>
            {', '}
            <a href={to.app(app, 'builds', build.id)}>build</a>
          </>
        )}
      </p>
      {typeof reason === 'string' && <p class="timeline-reason">{reason}</p>}
      {canRollBack && (
        <div class="timeline-action">
          <Button small icon="undo" label={`Roll back to v${version}`} onClick={onRollBack}>
            Roll back
          </Button>
        </div>
      )}
    </li>
  );
}

/** How far a release is. */
export function ReleaseState({ release }: { release: Release }) {
  return (
    <State tone={toneOf(release.status)}>{release.status === 'pending' ? 'releasing' : release.status}</State>
  );
}

function RollBack({ app, release, onClose }: { app: string; release: Release; onClose: () => void }) {
  const action = useAction(async () => {
    await api.releases.create({ app, release: release.id });
    announce();
  });
  return (
    <Confirm title={`Roll back to v${release.version}?`} verb="Roll back" action={action} onClose={onClose}>
      <p>
        A new release runs the slug of v{release.version} with the config vars of now. The dynos that run now
        go on until the new ones are ready.
      </p>
    </Confirm>
  );
}
