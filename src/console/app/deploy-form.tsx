import { useRef, useState } from 'preact/hooks';
import { byteSize } from '../../model/byte-size.js';
import { api, uploadSource } from '../api/client.js';
import { announce } from '../api/live.js';
import { useAction } from '../api/resource.js';
import { go } from '../shell/location.js';
import { to } from '../shell/routes.js';
import { Button } from '../ui/button.js';
import { Field } from '../ui/field.js';
import { Icon } from '../ui/icon.js';
import { ErrorNotice } from '../ui/notice.js';
import { Panel } from '../ui/panel.js';
import type { AppFacts } from './app-page.js';

/** Deploys an archive of a source: it is uploaded, built and released. */
export function DeployForm({ facts: { key, space } }: { facts: AppFacts }) {
  const [archive, setArchive] = useState<File>();
  const [repo, setRepo] = useState('');
  const [commit, setCommit] = useState('');
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  // A build of a socs space names what it is made of.
  const isSocs = space.compliance.includes('socs');
  const deploy = useAction(async () => {
    if (archive === undefined) return;
    const { checksum } = await uploadSource(archive);
    const build = await api.builds.create({
      app: key,
      checksum,
      ...(repo !== '' && { repo: repo.trim() }),
      ...(commit !== '' && { sha: commit.trim() }),
    });
    announce();
    go(to.app(key, 'builds', String(build.number ?? build.id)));
  });
  const isReady = archive !== undefined && (!isSocs || (repo.trim() !== '' && commit.trim() !== ''));
  return (
    <Panel title="Deploy">
      <form
        class="deploy"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void deploy.run();
        }}
      >
        <label
          class={`drop${isOver ? ' drop-over' : ''}`}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            setArchive(event.dataTransfer?.files[0]);
          }}
        >
          <input
            ref={input}
            class="visually-hidden"
            type="file"
            accept=".tar.gz,.tgz,.zip,application/gzip,application/zip"
            onChange={(event) => setArchive(event.currentTarget.files?.[0])}
          />
          <Icon name="upload" />
          {archive === undefined ? (
            <span>
              <strong>Choose an archive</strong> or drop it here: a tar.gz or zip of the source
            </span>
          ) : (
            <span>
              <strong>{archive.name}</strong> ({byteSize(archive.size)})
            </span>
          )}
        </label>
        {isSocs && (
          <div class="field-row">
            <Field label="Repository" hint="Builds of a socs space name repository and commit.">
              {(props) => (
                <input {...props} value={repo} onInput={(event) => setRepo(event.currentTarget.value)} />
              )}
            </Field>
            <Field label="Commit">
              {(props) => (
                <input
                  {...props}
                  class="mono"
                  value={commit}
                  onInput={(event) => setCommit(event.currentTarget.value)}
                />
              )}
            </Field>
          </div>
        )}
        {deploy.error !== undefined && <ErrorNotice error={deploy.error} />}
        <div class="deploy-foot">
          <Button type="submit" kind="primary" icon="upload" busy={deploy.busy} disabled={!isReady}>
            {deploy.busy ? 'Uploading' : 'Deploy'}
          </Button>
          <span class="muted">
            In a terminal: <code class="command">aka deploy FOLDER -a {key}</code>
          </span>
        </div>
      </form>
    </Panel>
  );
}
