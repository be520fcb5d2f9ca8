import { api } from '../api/client.js';
import type { Change } from '../api/live.js';
import { useResource } from '../api/resource.js';
import { Heading } from '../shell/heading.js';
import { to } from '../shell/routes.js';
import { ComplianceBadges } from '../ui/badge.js';
import { ButtonLink } from '../ui/button.js';
import { ErrorNotice } from '../ui/notice.js';
import { Loading, Panel } from '../ui/panel.js';
import { Time } from '../ui/time.js';
import { AppsPanel } from './apps-panel.js';
import { CompliancePanel } from './compliance-panel.js';
import { NetworkDrawing } from './network-drawing.js';

/** Dynos start and crash by themselves. */
const DYNOS_MS = 5000;

/** A space: its network, its apps, and its compliance. */
export function SpacePage({ name }: { name: string }) {
  const concerns = (change: Change): boolean => change.space === null || change.space === name;
  const topology = useResource(`topology of ${name}`, () => api.spaces.topology({ space: name }), {
    concerns,
    every: DYNOS_MS,
  });
  const discovery = useResource(`discovery of ${name}`, () => api.spaces.discovery({ space: name }), {
    concerns,
  });
  const data = topology.data;
  const space = data?.space;
  return (
    <>
      <Heading
        title={name}
        above={[{ title: 'Spaces', href: to.spaces() }]}
        note={space !== undefined && <ComplianceBadges compliance={space.compliance} none="no compliance" />}
        actions={
          <ButtonLink href={to.audits({ space: name })} icon="audit">
            Audit log
          </ButtonLink>
        }
      >
        {space !== undefined && (
          <>
            {space.description !== undefined && space.description !== '' && <p>{space.description}</p>}
            <p>
              Stack {space.stack.name} in region {space.region.name}, created <Time at={space.created_at} />
            </p>
          </>
        )}
      </Heading>
      {topology.error !== undefined && <ErrorNotice error={topology.error} />}
      {data === undefined && topology.error === undefined && <Loading what={`space ${name}`} lines={8} />}
      {data !== undefined && space !== undefined && (
        <>
          <Panel title="Network" note={networkNote(space.network?.mode)}>
            <NetworkDrawing topology={data} />
          </Panel>
          <AppsPanel topology={data} discovery={discovery.data} />
          <CompliancePanel space={space} />
        </>
      )}
    </>
  );
}

function networkNote(mode: string | undefined): string | undefined {
  if (mode === 'subnet') return 'a network of its own';
  return mode === 'loopback' ? 'loopback addresses: apps are not isolated' : mode;
}
