import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { TerminalSize } from '../../contract/tunnels.js';
import type { DesiredApp, DesiredRelease } from '../desired/app.js';
import type { OneOff, RunningProgram } from '../orchestrator/orchestrator.js';
import type { Cluster } from './apply/app.js';
import type { KubernetesClient } from './client/client.js';
import { KubernetesError } from './client/errors.js';
import { attach, type PodProgram, type PodRef } from './client/program.js';
import { watch } from './client/watch.js';
import { CONTAINER, namespaceOf } from './objects/names.js';
import { oneOffPod } from './objects/one-off.js';
import { problemOf } from './observe/dyno.js';
import { KIND, type Pod } from './observe/stored.js';

/** As the shell has it for a program that SIGTERM ended. */
const STOPPED = 143;
/** Milliseconds that the output of an ended program is waited for. */
const DRAIN = 2000;

export interface RunOptions {
  readonly terminal?: TerminalSize | undefined;
  /** Ends what follows the program, which then goes on by itself. */
  readonly signal: AbortSignal;
}

/** Runs a program in a pod of its own, which is deleted when it has ended. */
export async function runOneOff(
  { client, settings }: Cluster,
  desired: DesiredApp,
  release: DesiredRelease,
  spec: OneOff,
  { terminal, signal }: RunOptions,
): Promise<RunningProgram> {
  const namespace = namespaceOf(desired.app.space);
  const name = `${desired.app.name}-run-${randomBytes(4).toString('hex')}`;
  const pod = { namespace, name };
  await client.create(oneOffPod(name, desired, release, spec, terminal !== undefined, settings));
  const life = followPod(client, pod, signal);
  const stop = async (): Promise<void> => void (await client.delete({ ...KIND.pod, ...pod }));
  try {
    await life.running;
    const program = await attach(client, pod, { container: CONTAINER, terminal });
    // The program waits for this line: see oneOffPod.
    program.stdin.write('\n');
    const exit = endOf(life.exit, program, stop);
    // It is told where it is awaited.
    exit.catch(() => {});
    const { stdin, stdout, stderr } = program;
    return { stdin, stdout, stderr, exit, stop, resize: (size) => program.resize(size) };
  } catch (error) {
    life.close();
    await stop();
    throw error;
  }
}

async function endOf(
  ended: Promise<number>,
  program: PodProgram,
  remove: () => Promise<void>,
): Promise<number> {
  try {
    const code = await ended;
    // What it printed last may still be on its way.
    await Promise.race([program.exit.catch(() => {}), delay(DRAIN, undefined, { ref: false })]);
    return code;
  } finally {
    program.close();
    await remove();
  }
}

/** Follows a pod from its start to its end. The streams don't tell the exit code: real kubelets have it in the status only. */
function followPod(client: KubernetesClient, { namespace, name }: PodRef, outer: AbortSignal) {
  const controller = new AbortController();
  const told = new EventEmitter();
  const running = once(told, 'running').then(() => {});
  const exit = once(told, 'ended').then(([code]) => code as number);
  // Both are rejected if it can't start.
  exit.catch(() => {});
  let hasStarted = false;

  function look(pod: Pod): void {
    const { phase, containerStatuses = [], message, reason } = pod.status;
    const hasEnded = phase === 'Succeeded' || phase === 'Failed';
    const code = containerStatuses.find((each) => each.name === CONTAINER)?.state?.terminated?.exitCode;
    if (!hasStarted) {
      const problem = hasEnded ? (message ?? reason ?? `it ended at once (${code})`) : startProblem(pod);
      if (problem !== undefined) return fail(problem);
    }
    if (phase === 'Running' && !hasStarted) {
      hasStarted = true;
      told.emit('running');
    }
    if (hasEnded) end(code ?? STOPPED);
  }

  function fail(why: string): void {
    controller.abort();
    told.emit('error', new KubernetesError('failed', `The dyno can't start: ${why}.`));
  }

  function end(code: number): void {
    controller.abort();
    told.emit('ended', code);
  }

  function lose(): void {
    controller.abort();
    told.emit('error', new KubernetesError('unreachable', 'The platform stopped while the dyno ran.'));
  }

  function gone(): void {
    if (hasStarted) end(STOPPED);
    else fail('it was deleted');
  }

  const events = {
    onList: (items: readonly Pod[]) => (items.length === 0 ? gone() : items.forEach(look)),
    onChange: (change: string, pod: Pod) => (change === 'DELETED' ? gone() : look(pod)),
  };
  outer.addEventListener('abort', lose, { once: true });
  const { signal } = controller;
  signal.addEventListener('abort', () => outer.removeEventListener('abort', lose));
  void watch<Pod>(client, KIND.pod, events, { namespace, fields: `metadata.name=${name}`, signal });
  return { running, exit, close: () => controller.abort() };
}

/** While it waits for a node, one may come; the caller ends it if that takes too long. */
function startProblem(pod: Pod): string | undefined {
  const problem = problemOf(pod);
  return problem === undefined || problem.code === 'unschedulable' ? undefined : problem.message;
}
