import { setTimeout as pause } from 'node:timers/promises';
import { Flags } from '@oclif/core';
import { EXIT } from '../../src/cli/exit-codes.js';
import { CommandError } from '../../src/cli/failure.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Output } from '../../src/cli/output.js';

interface Stopped {
  /** False if there was nothing to stop. */
  readonly was_running: boolean;
  readonly pid: number | null;
}

/** Between two looks, in milliseconds. */
const LOOK = 50;

export default class PlatformStop extends MachineCommand<Stopped> {
  static override summary = 'stop the local platform';
  static override description =
    'Finishes current work and stops the dynos gracefully. Spaces, apps and formations stay. Dynos start with the next platform:start.';
  static override examples = [
    '<%= config.bin %> platform:stop',
    '<%= config.bin %> platform:stop --timeout 10',
  ];
  static override flags = {
    timeout: Flags.integer({
      description: 'seconds to wait for the shutdown (default 90)',
      default: 90,
      min: 0,
      max: 3600,
      helpValue: 'SECONDS',
    }),
  };

  async run(): Promise<Stopped> {
    const { flags } = await this.parse(PlatformStop);
    const machine = this.thisMachine('be stopped from here');
    await machine.dismissSupervisor();
    const deadline = Date.now() + flags.timeout * 1000;
    let stopping: number | undefined;
    for (;;) {
      const now = await machine.state();
      if (now.state === 'stopped') break;
      if (now.state === 'running') {
        const { pid } = now.status;
        // Another one that was started meanwhile is not what was to be stopped.
        if (stopping !== undefined && pid !== stopping) break;
        // It is asked, not signalled: a process id may be another's by the time it is used.
        if (stopping === undefined && (await machine.stopDaemon())) stopping = pid;
      }
      if (Date.now() >= deadline)
        throw stillThere(stopping, now.state === 'running' ? now.status.pid : now.pid);
      await pause(LOOK);
    }
    return { was_running: stopping !== undefined, pid: stopping ?? null };
  }

  protected render({ was_running, pid }: Stopped, out: Output): void {
    out.facts([
      ['State', was_running ? 'stopped' : 'not running'],
      ...(pid === null ? [] : [['Process', pid] as const]),
    ]);
  }
}

/** One that was asked is finishing; one that could not be is starting, or stuck. */
function stillThere(stopping: number | undefined, pid = stopping): CommandError {
  const named = pid === undefined ? "The platform's process" : `The platform's process ${pid}`;
  return new CommandError({
    id: stopping === undefined ? 'not_answering' : 'still_stopping',
    message: `${named} ${stopping === undefined ? 'does not answer, so it can not be asked to stop' : 'is still finishing what is under way'}.`,
    hint: `Wait a little and try again. ${pid === undefined ? '' : `To end it at once: kill -9 ${pid} `}(nothing that was answered is lost by that).`,
    exit: stopping === undefined ? EXIT.unreachable : EXIT.pending,
  });
}
