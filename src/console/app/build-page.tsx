import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/client.js';
import { announce } from '../api/live.js';
import { useAction, useResource } from '../api/resource.js';
import { to } from '../shell/routes.js';
import { State, toneOf } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { ErrorNotice } from '../ui/notice.js';
import { Empty, Loading, Panel } from '../ui/panel.js';
import { Time } from '../ui/time.js';
import type { AppFacts } from './app-page.js';
import { buildStatus, sourceText } from './builds-tab.js';
import { LogView } from './log-view.js';
import { useLog } from './use-log.js';

/** A build is under way for seconds; its state is looked at as often. */
const BUILD_MS = 2000;

/** A build: how far it is, the checks it needs, and what it prints. */
export function BuildPage({ facts: { key, concerns }, build }: { facts: AppFacts; build: string }) {
  const [isOver, setOver] = useState(false);
  const loaded = useResource(
    `build ${build} of ${key}`,
    () => api.builds.get({ app: key, build }),
    isOver ? { concerns } : { concerns, every: BUILD_MS },
  );
  const log = useLog('ofBuild', { app: key, build, follow: true }, true);
  const stop = useAction(async () => {
    await api.builds.stop({ app: key, build });
    announce();
  });
  const { data, error } = loaded;
  const isUnderWay = data !== undefined && ['queued', 'pending'].includes(data.status);
  useEffect(() => setOver(data !== undefined && !isUnderWay), [data, isUnderWay]);
  return (
    <>
      {error !== undefined && <ErrorNotice error={error} />}
      {data === undefined && error === undefined && <Loading what="build" />}
      {data !== undefined && (
        <Panel
          title={`Build ${data.number ?? ''}`}
          note={<State tone={toneOf(data.status)}>{buildStatus(data)}</State>}
          actions={
            isUnderWay && (
              <Button icon="cross" busy={stop.busy} onClick={() => void stop.run()}>
                Stop the build
              </Button>
            )
          }
        >
          <p>
            <a href={to.app(key, 'builds')}>All builds</a>
          </p>
          {stop.error !== undefined && <ErrorNotice error={stop.error} />}
          {typeof data.reason === 'string' && <p class="timeline-reason">{data.reason}</p>}
          <dl class="facts">
            <dt>Source</dt>
            <dd class="mono">{sourceText(data)}</dd>
            {data.source_blob?.repo !== undefined && data.source_blob.repo !== null && (
              <>
                <dt>Repository</dt>
                <dd class="mono">{data.source_blob.repo}</dd>
              </>
            )}
            <dt>By</dt>
            <dd>{data.user?.email ?? 'unknown'}</dd>
            <dt>Created</dt>
            <dd>
              <Time at={data.created_at} />
            </dd>
          </dl>
          {data.checks.length > 0 && (
            <ul class="promises" aria-label="Checks">
              {data.checks.map((check) => (
                <li key={check.context}>
                  <State tone={check.passed ? 'good' : toneOf(check.state)}>
                    {check.overruled === null ? check.state : 'overruled'}
                  </State>
                  <div>
                    <strong class="mono">{check.context}</strong>
                    <p class="muted">
                      {check.overruled === null
                        ? (check.description ?? '')
                        : `by ${check.overruled.by}: ${check.overruled.reason}`}
                    </p>
                  </div>
                </li>
              ))}
            </ul>
          )}
        </Panel>
      )}
      <Panel title="Output" note={log.state === 'following' ? 'live' : undefined} flush>
        {log.error !== undefined && <ErrorNotice error={log.error} />}
        {log.lines.length === 0 && log.error === undefined ? (
          <Empty title={log.state === 'ended' ? 'It printed nothing' : 'Nothing printed yet'} />
        ) : (
          <LogView label="Output of the build" lines={log.lines} follows withSource={false} />
        )}
      </Panel>
    </>
  );
}
