import { GRACE } from '../../../model/formation.js';
import type { DesiredApp, DesiredRelease } from '../../desired/app.js';
import type { OneOff } from '../../orchestrator/orchestrator.js';
import { labelsOf } from './app.js';
import type { Manifest } from './manifest.js';
import { LABEL, namespaceOf } from './names.js';
import { podSpec } from './pod.js';
import type { ClusterSettings } from './settings.js';

const TYPE = 'run';

/**
 * A pod that runs a program once. The program waits for a first line on stdin, which is sent when the streams are attached:
 * Kubernetes doesn't repeat what was printed before.
 */
export function oneOffPod(
  name: string,
  { app, compliance }: DesiredApp,
  release: DesiredRelease,
  { command, size, env, timeout }: OneOff,
  hasTerminal: boolean,
  settings: ClusterSettings,
): Manifest {
  const wait = hasTerminal ? 'stty -echo; read -r _; stty echo' : 'read -r _';
  const spec = podSpec({
    app,
    release,
    type: TYPE,
    command: `${wait}\n${command}`,
    size,
    isProd: compliance.includes('prod'),
    settings,
    grace: GRACE.default,
    ...(env !== undefined && { env }),
    container: { stdin: true, stdinOnce: true, tty: hasTerminal },
  });
  const labels = {
    ...labelsOf(app, settings),
    [LABEL.process]: TYPE,
    [LABEL.release]: String(release.version),
    [LABEL.oneOff]: 'true',
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: namespaceOf(app.space), labels },
    spec: {
      ...spec,
      restartPolicy: 'Never',
      ...(timeout !== undefined && { activeDeadlineSeconds: timeout }),
    },
  };
}
