import { api } from '../api/client.js';
import { useResource } from '../api/resource.js';
import type { Session } from '../api/session.js';
import { Heading } from '../shell/heading.js';
import { State } from '../ui/badge.js';
import { ErrorNotice, Notice } from '../ui/notice.js';
import { Loading, Panel } from '../ui/panel.js';
import { SettingsPanel } from './settings-panel.js';
import { TokensPanel } from './tokens-panel.js';

/** The platform itself, for administrators: how it is, its tokens, its settings. */
export function PlatformPage({ session }: { session: Session }) {
  return (
    <>
      <Heading title="Platform">What runs your spaces.</Heading>
      {session.role === 'admin' ? (
        <Contents />
      ) : (
        <Notice tone="warn" title="For administrators only">
          <p>Settings and tokens of the platform are changed by its administrators.</p>
        </Notice>
      )}
    </>
  );
}

function Contents() {
  const facts = useResource('platform', async () => {
    const [info, settings, spaces, stacks] = await Promise.all([
      api.platform.info(),
      api.platform.settings(),
      api.spaces.list(),
      api.stacks.list(),
    ]);
    return { info, settings, spaces: spaces.items, stacks };
  });
  const { data, error } = facts;
  if (data === undefined)
    return error === undefined ? <Loading what="the platform" lines={8} /> : <ErrorNotice error={error} />;
  const { info, settings, spaces, stacks } = data;
  return (
    <>
      {error !== undefined && <ErrorNotice error={error} />}
      <Panel title="Status">
        <dl class="facts">
          <dt>State</dt>
          <dd>
            {info.running === false ? (
              <State tone="bad">Nothing builds or runs apps</State>
            ) : (
              <State tone="good">Running</State>
            )}
          </dd>
          <dt>Version</dt>
          <dd>{info.version}</dd>
          <dt>Network</dt>
          <dd>
            {settings.network === 'subnet' ? (
              'subnet: every space is a network of its own'
            ) : (
              <State tone="warn">loopback: spaces are not isolated</State>
            )}
          </dd>
          <dt>Spaces</dt>
          <dd>{spaces.length.toLocaleString('en')}</dd>
          <dt>Stacks</dt>
          <dd>
            {stacks
              .map(
                ({ name, region, state }) =>
                  `${name} in region ${region.name}${state === 'public' ? '' : ` (${state})`}`,
              )
              .join(', ')}
          </dd>
          <dt>More</dt>
          <dd>
            Processes, memory and disk: <code class="command">aka platform:status</code>
          </dd>
        </dl>
      </Panel>
      <TokensPanel />
      <SettingsPanel settings={settings} />
    </>
  );
}
