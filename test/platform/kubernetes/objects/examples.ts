import type { Compliance } from '../../../../src/model/compliance.js';
import { type AppName, parseAppName, parseSpaceName, type SpaceName } from '../../../../src/model/names.js';
import { sizeIn } from '../../../../src/model/sizes.js';
import type { DesiredApp, DesiredProcess, DesiredRelease } from '../../../../src/platform/desired/app.js';
import type { DesiredSpace } from '../../../../src/platform/desired/space.js';
import type { ClusterSettings } from '../../../../src/platform/kubernetes/objects/settings.js';

export const SETTINGS: ClusterSettings = {
  platform: 'p1',
  stackImage: 'registry.example/aka/stack:1',
  systemNamespace: 'aka-system',
  controlPlane: 'aka',
  slugPort: 8081,
  rolloutDeadline: 60,
};

export const spaceName = (name: string): SpaceName => parseSpaceName(name);
export const appName = (name: string, space = 'shop'): AppName => parseAppName(name, space);

export function exampleSpace(more: Partial<DesiredSpace> = {}): DesiredSpace {
  return {
    name: spaceName('shop'),
    compliance: [],
    apps: [appName('web'), appName('api')],
    egress: 'open',
    ...more,
  };
}

export function exampleProcess(
  more: Partial<DesiredProcess> = {},
  compliance: readonly Compliance[] = [],
): DesiredProcess {
  return {
    type: 'web',
    quantity: 2,
    size: sizeIn(compliance),
    port: 5000,
    healthcheck: null,
    grace: 10,
    renewal: { before: null, dynos: {} },
    ...more,
  };
}

export function exampleRelease(version: number, more: Partial<DesiredRelease> = {}): DesiredRelease {
  return {
    id: `release-${version}`,
    version,
    artifact: { kind: 'slug', url: 'http://10.0.0.5:8081/slugs/abc', token: 'for-this-slug' },
    commands: { web: 'node server.js', worker: 'node worker.js' },
    env: { GREETING: 'hello' },
    ...more,
  };
}

export function exampleApp(more: Partial<DesiredApp> = {}): DesiredApp {
  return {
    app: { space: spaceName('shop'), name: appName('web') },
    compliance: [],
    current: undefined,
    pending: exampleRelease(1),
    processes: [exampleProcess()],
    credentials: {},
    domains: [],
    maintenance: false,
    ...more,
  };
}
