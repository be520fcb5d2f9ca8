import type { App, Space } from '../../contract/wire.js';
import { api } from '../api/client.js';
import type { Change } from '../api/live.js';
import { useResource } from '../api/resource.js';
import { Heading } from '../shell/heading.js';
import { APP_TABS, type AppTab, to } from '../shell/routes.js';
import { ExternalLink } from '../space/apps-panel.js';
import { ComplianceBadges } from '../ui/badge.js';
import { ErrorNotice, Notice } from '../ui/notice.js';
import { Loading } from '../ui/panel.js';
import { BuildPage } from './build-page.js';
import { BuildsTab } from './builds-tab.js';
import { ConfigTab } from './config-tab.js';
import { LogsTab } from './logs-tab.js';
import { OverviewTab } from './overview-tab.js';
import { ReleasesTab } from './releases-tab.js';

const TITLES: Readonly<Record<AppTab, string>> = {
  overview: 'Overview',
  releases: 'Releases',
  config: 'Config vars',
  logs: 'Logs',
  builds: 'Builds',
};

/** An app with its space, as every page about it has them. */
export interface AppFacts {
  readonly app: App;
  readonly space: Space;
  /** Its name in the API. */
  readonly key: string;
  /** Whether a change is about it. */
  readonly concerns: (change: Change) => boolean;
}

/** An app, on one of its tabs. */
export function AppPage({ name, tab, item }: { name: string; tab: AppTab; item: string | undefined }) {
  const loaded = useResource(`app ${name}`, async () => {
    const app = await api.apps.get({ app: name });
    return { app, space: await api.spaces.get({ space: app.space.name }) };
  });
  const { data, error } = loaded;
  return (
    <>
      <Heading
        title={tab === 'overview' ? name : `${name}: ${TITLES[tab].toLowerCase()}`}
        above={[
          { title: 'Spaces', href: to.spaces() },
          ...(data === undefined ? [] : [{ title: data.space.name, href: to.space(data.space.name) }]),
        ]}
        note={
          data !== undefined && <ComplianceBadges compliance={data.space.compliance} none="no compliance" />
        }
      >
        {data !== undefined && <ExternalLink url={data.app.web_url} />}
      </Heading>
      <nav class="tabs" aria-label={`App ${name}`}>
        {APP_TABS.map((each) => (
          <a key={each} href={to.app(name, each)} aria-current={each === tab ? 'page' : undefined}>
            {TITLES[each]}
          </a>
        ))}
      </nav>
      {error !== undefined && <ErrorNotice error={error} />}
      {data === undefined && error === undefined && <Loading what={`app ${name}`} lines={6} />}
      {data !== undefined && (
        <>
          {data.app.maintenance && (
            <Notice tone="warn" title="Maintenance is on">
              <p>
                Requests get a page that says so, until it is off: aka apps:update {name} --maintenance off
              </p>
            </Notice>
          )}
          <Tab tab={tab} item={item} facts={factsOf(data.app, data.space)} />
        </>
      )}
    </>
  );
}

function Tab({ tab, item, facts }: { tab: AppTab; item: string | undefined; facts: AppFacts }) {
  switch (tab) {
    case 'overview':
      return <OverviewTab facts={facts} />;
    case 'releases':
      return <ReleasesTab facts={facts} />;
    case 'config':
      return <ConfigTab facts={facts} />;
    case 'logs':
      return <LogsTab facts={facts} />;
    case 'builds':
      return item === undefined ? (
        <BuildsTab facts={facts} />
      ) : (
        <BuildPage key={item} facts={facts} build={item} />
      );
  }
}

function factsOf(app: App, space: Space): AppFacts {
  return {
    app,
    space,
    key: app.key ?? app.name,
    concerns: (change) =>
      change.space === null ||
      (change.space === space.name && (change.app === null || change.app === app.simple_name)),
  };
}
