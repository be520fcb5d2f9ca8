import type { AppsApi } from '../../contract/apps-api.js';
import { isId } from '../../model/names.js';
import type { HttpPlatform } from '../http-api.js';
import type { Ways } from './ways.js';

/** What makes apps run, as {@link adapted} asks for it. */
type Running = Pick<
  AppsApi,
  | 'builds'
  | 'logs'
  | 'releases'
  | 'releaseStatuses'
  | 'formations'
  | 'dynos'
  | 'pipelines'
  | 'pipelineCouplings'
  | 'pipelinePromotions'
>;

/**
 * The part of an Apps API that makes apps run, which may be that of an Akkeris installation: this finds builds and releases by
 * their ids only, answers changes with something else, and makes some by half.
 */
export function adaptedRunning(platform: HttpPlatform, ways: Ways): Running {
  const { api: plain } = platform;
  return {
    builds: {
      ...plain.builds,
      get: (key) =>
        ways.instead(
          () => plain.builds.get(key),
          async () => (await import('./builds.js')).getBuild(plain, key),
        ),
      result: (key) =>
        ways.instead(
          () => plain.builds.result(key),
          async () => (await import('./builds.js')).buildResult(plain, key),
        ),
      stop: (key) =>
        ways.before(
          () => plain.builds.list({ app: key.app }),
          async () => (await import('./builds.js')).stopBuild(plain, key),
          () => plain.builds.stop(key),
        ),
    },
    logs: {
      ...plain.logs,
      ofApp: (filter, signal) =>
        ways.instead(
          () => plain.logs.ofApp(filter, signal),
          async () => (await import('./log-session.js')).appLog(platform, filter, signal),
        ),
      ofBuild: (filter, signal) =>
        ways.instead(
          () => plain.logs.ofBuild(filter, signal),
          async () => (await import('./builds.js')).buildOutput(plain, filter, signal),
        ),
    },
    releases: {
      ...plain.releases,
      get: (key) =>
        isId(key.release)
          ? plain.releases.get(key)
          : ways.instead(
              () => plain.releases.get(key),
              async () => (await import('./looked-up.js')).releaseNamed(plain, key.app, key.release),
            ),
      create: (input, options) =>
        ways.before(
          () => plain.releases.list({ app: input.app }),
          async () => (await import('./releases.js')).createRelease(plain, input, options),
          () => plain.releases.create(input, options),
        ),
    },
    releaseStatuses: {
      ...plain.releaseStatuses,
      list: (key) =>
        isId(key.release)
          ? plain.releaseStatuses.list(key)
          : ways.instead(
              () => plain.releaseStatuses.list(key),
              async () => {
                const { releaseId } = await import('./looked-up.js');
                const release = await releaseId(plain, key.app, key.release);
                return plain.releaseStatuses.list({ ...key, release });
              },
            ),
      create: (input, options) =>
        ways.before(
          () => plain.releases.list({ app: input.app }),
          async () => (await import('./releases.js')).reportStatus(plain, input, options),
          () => plain.releaseStatuses.create(input, options),
        ),
    },
    formations: {
      ...plain.formations,
      create: (input, options) =>
        ways.before(
          () => plain.formations.list({ app: input.app }),
          async () => (await import('./process-types.js')).createType(plain, input, options),
          () => plain.formations.create(input, options),
        ),
      update: (input) =>
        ways.before(
          () => plain.formations.list({ app: input.app }),
          async () => (await import('./process-types.js')).updateType(plain, input),
          () => plain.formations.update(input),
        ),
    },
    dynos: {
      ...plain.dynos,
      inSpace: (filter) =>
        ways.instead(
          () => plain.dynos.inSpace(filter),
          (akkeris) => akkeris.dynosIn(filter.space),
        ),
      restartAll: (key) =>
        ways.before(
          () => plain.dynos.list(key),
          async (_, found) => (await import('./process-types.js')).restart(plain, key, found),
          () => plain.dynos.restartAll(key),
        ),
      restart: (key) =>
        ways.before(
          () => plain.dynos.list({ app: key.app }),
          async (_, found) => (await import('./process-types.js')).restart(plain, key, found),
          () => plain.dynos.restart(key),
        ),
    },
    pipelines: {
      ...plain.pipelines,
      plan: (key) =>
        ways.instead(
          () => plain.pipelines.plan(key),
          async () => (await import('./pipelines.js')).planPromotion(plain, key),
        ),
    },
    pipelineCouplings: {
      ...plain.pipelineCouplings,
      destroy: (key) =>
        ways.before(
          () => plain.pipelineCouplings.get(key),
          async (_, found) => (await import('./pipelines.js')).removeCoupling(plain, found),
          () => plain.pipelineCouplings.destroy(key),
        ),
    },
    pipelinePromotions: {
      ...plain.pipelinePromotions,
      create: (input, options) =>
        ways.before(
          () => plain.pipelines.get({ pipeline: input.pipeline.id }),
          async () => (await import('./pipelines.js')).promote(plain, input, options),
          () => plain.pipelinePromotions.create(input, options),
        ),
    },
  };
}
