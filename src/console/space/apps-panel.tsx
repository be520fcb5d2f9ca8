import { useState } from 'preact/hooks';
import type { Discovery, Topology } from '../../contract/wire.js';
import { AT_START, discoveryNames } from '../../model/discovery.js';
import { APP_KEY_MAX, parseAppName } from '../../model/names.js';
import { api } from '../api/client.js';
import { announce } from '../api/live.js';
import { useAction } from '../api/resource.js';
import { go } from '../shell/location.js';
import { to } from '../shell/routes.js';
import { brokenRule } from '../ui/broken-rule.js';
import { Button } from '../ui/button.js';
import { Confirm } from '../ui/dialog.js';
import { DynoCount } from '../ui/dyno-count.js';
import { Field } from '../ui/field.js';
import { Icon } from '../ui/icon.js';
import { Notice } from '../ui/notice.js';
import { Empty, Panel } from '../ui/panel.js';
import { Table } from '../ui/table.js';

type App = Topology['apps'][number];

/** The apps of a space, with their domains and the vars by which the others find them. */
export function AppsPanel({ topology, discovery }: { topology: Topology; discovery: Discovery | undefined }) {
  const [isCreating, setCreating] = useState(false);
  const { apps, space } = topology;
  const stale = discovery?.stale ?? [];
  const create = (
    <Button icon="plus" onClick={() => setCreating(true)}>
      Create an app
    </Button>
  );
  return (
    <Panel title="Apps" note={apps.length > 0 && apps.length} actions={apps.length > 0 && create} flush>
      {apps.length === 0 && (
        <Empty title="No apps yet" action={create}>
          Apps of a space reach each other directly, and are reached at their domains.
        </Empty>
      )}
      {apps.length > 0 && (
        <Table
          caption={`Apps of space ${space.name}`}
          columns={['App', 'Dynos', 'Domain', 'Discovery vars']}
          kind="table-apps"
        >
          {apps.map((app) => (
            <AppRow key={app.id} app={app} />
          ))}
        </Table>
      )}
      {stale.length > 0 && (
        <Notice tone="warn" title="Dynos hold discovery vars of apps that are gone">
          <p>{stale.map(({ name }) => name).join(', ')}: restart the dynos that hold them.</p>
        </Notice>
      )}
      {isCreating && <CreateApp space={space.name} onClose={() => setCreating(false)} />}
    </Panel>
  );
}

function AppRow({ app }: { app: App }) {
  const names = discoveryNames(app.name);
  return (
    <tr>
      <th scope="row">
        <a href={to.app(app.key)}>{app.name}</a>
        <span class="row-note mono">{app.key}</span>
      </th>
      <td data-label="Dynos">
        <DynoCount dynos={app.dynos} />
      </td>
      <td data-label="Domain">
        <ExternalLink url={app.web_url} />
      </td>
      <td data-label="Discovery">
        <span class="vars mono">
          <span>
            <span class="muted">{names.host}=</span>
            {app.host ?? AT_START}
          </span>
          <span>
            <span class="muted">{names.port}=</span>
            {app.port ?? AT_START}
          </span>
        </span>
      </td>
    </tr>
  );
}

/** A link to an app; to nothing but the web, whatever a platform says. */
export function ExternalLink({ url }: { url: string }) {
  if (!/^https?:\/\//.test(url)) return <span class="mono">{url}</span>;
  return (
    <a class="external" href={url} target="_blank" rel="noreferrer noopener">
      {url.replace(/^https?:\/\//, '')}
      <Icon name="external" />
      <span class="visually-hidden">(opens in a new tab)</span>
    </a>
  );
}

function CreateApp({ space, onClose }: { space: string; onClose: () => void }) {
  const [name, setName] = useState('');
  const [key] = useState(() => crypto.randomUUID());
  const problem = problemOf(name, space);
  const action = useAction(async () => {
    // The key is of this name: another name is another request.
    const app = await api.apps.create(
      { name: name.toLowerCase(), space },
      { idempotencyKey: `${key}-${name.toLowerCase()}` },
    );
    announce();
    go(to.app(app.key ?? app.name));
  });
  return (
    <Confirm
      title={`Create an app in ${space}`}
      verb="Create the app"
      action={action}
      onClose={onClose}
      disabled={problem !== undefined}
    >
      <Field
        label="Name"
        hint="Letters and digits, a letter first. It can't be changed later."
        error={name === '' ? undefined : problem}
      >
        {(props) => (
          <input
            {...props}
            value={name}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
    </Confirm>
  );
}

function problemOf(name: string, space: string): string | undefined {
  return brokenRule(() => parseAppName(name, space, APP_KEY_MAX));
}
