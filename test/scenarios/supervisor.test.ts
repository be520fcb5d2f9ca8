import { describe, expect } from '@jest/globals';
import type { LogEntry } from '../../src/contract/logs.js';
import { Database } from '../../src/platform/store/database.js';
import type { User } from './aka.js';
import { OWN_PORTS } from './ports.js';
import { running, until } from './running.js';
import { scenario } from './scenario.js';

interface Status {
  readonly state: string;
  readonly pid: number;
  readonly supervisor: number | null;
  readonly restarts: number;
  readonly last_death: { readonly how: string; readonly at: string } | null;
}

async function statusOf(user: User): Promise<Status> {
  return (await user.run(['platform:status', '--json'])).json<Status>();
}

/** The status once a daemon answers that was restarted so many times. */
async function restarted(user: User, times: number): Promise<Status> {
  let status = await statusOf(user);
  await until(`the daemon is restarted ${times} times`, async () => {
    status = await statusOf(user);
    return status.state === 'running' && status.restarts === times;
  });
  return status;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function supervised(name: string, act: (user: User, status: Status) => Promise<void>): void {
  scenario(name, async (user) => {
    await user.does(...OWN_PORTS);
    await user.does('platform:start');
    try {
      await act(user, await statusOf(user));
    } finally {
      await user.does('platform:stop');
    }
  });
}

describe('a platform in the background', () => {
  supervised(
    'is restarted within seconds after kill -9, again and again, and says why',
    async (user, first) => {
      let last = first;
      for (const times of [1, 2]) {
        process.kill(last.pid, 'SIGKILL');
        const next = await restarted(user, times);
        expect(next.pid).not.toBe(last.pid);
        expect(next).toMatchObject({
          supervisor: first.supervisor,
          last_death: { how: 'killed by SIGKILL' },
        });
        last = next;
      }
      const { stdout } = await user.does('platform:status');
      expect(stdout).toMatch(/^Restarts\t2 \(last \S+: killed by SIGKILL\)$/m);
      const lines = (await user.does('platform:logs', '--json')).stdout.trim().split('\n');
      expect(lines.map((line) => (JSON.parse(line) as LogEntry).line)).toContainEqual(
        expect.stringMatching(/^Restarted \(2\): killed by SIGKILL at /),
      );
    },
  );

  supervised('is not restarted after it was stopped', async (user, { pid, supervisor }) => {
    await user.does('platform:stop');
    await until('daemon and supervisor are gone', () => !isAlive(pid) && !isAlive(supervisor ?? 0));
    expect((await user.run(['platform:status'])).code).toBe(1);
  });

  supervised(
    'stays stopped when it is stopped while there is no daemon',
    async (user, { pid, supervisor }) => {
      // The supervisor is held, as if it paused before a restart.
      process.kill(supervisor ?? 0, 'SIGSTOP');
      process.kill(pid, 'SIGKILL');
      await until('the daemon is gone', async () => (await statusOf(user)).state === 'stopped');
      await user.does('platform:stop');
      process.kill(supervisor ?? 0, 'SIGCONT');
      await until('the supervisor is gone', () => !isAlive(supervisor ?? 0));
      expect((await statusOf(user)).state).toBe('stopped');
    },
  );

  supervised('ends in order when its supervisor gets SIGTERM', async (user, { pid, supervisor }) => {
    process.kill(supervisor ?? 0, 'SIGTERM');
    await until('both are gone', () => !isAlive(pid) && !isAlive(supervisor ?? 0));
    const { stdout } = await user.does('platform:logs', '-n', '1');
    expect(stdout).toMatch(/ Stopped\.$/m);
  });

  supervised(
    'goes on without its supervisor, says so, and can be stopped',
    async (user, { pid, supervisor }) => {
      process.kill(supervisor ?? 0, 'SIGKILL');
      await until('it notices', async () => (await statusOf(user)).supervisor === null);
      expect(await statusOf(user)).toMatchObject({ state: 'running', pid });
      expect((await user.does('platform:status')).stdout).toMatch(/^Supervisor\tnone: /m);
      await user.does('platform:stop');
      expect((await statusOf(user)).state).toBe('stopped');
    },
  );

  scenario('reports at once why it can not start, and leaves no supervisor', async (user) => {
    const ended = await user.run(['platform:start', '--listen', '192.0.2.1:5000']);
    expect(ended.code).toBe(2);
    expect((await user.run(['platform:status'])).code).toBe(1);
  });
});

describe('a platform whose data another program changed', () => {
  scenario('does not start, and says what was changed', async (user) => {
    await user.does('spaces:create', 'shop');
    const db = new Database(user.database);
    db.exec('DROP TRIGGER audit_is_append_only');
    db.close();
    const ended = await user.run(['platform:start']);
    expect(ended.code).toBe(6);
    expect(ended.stderr).toContain('trigger audit_is_append_only is missing');
    expect(ended.stderr).toContain('aka platform:restore FILE');
    expect((await user.run(['platform:doctor'])).stdout).toContain('trigger audit_is_append_only is missing');
  });
});

describe('apps', () => {
  running('answer again within seconds after kill -9 of the daemon', async (m) => {
    await m.deploys('web-shop');
    expect((await m.asks('web-shop')).status).toBe(200);
    process.kill(await m.pid(), 'SIGKILL');
    await until(
      'the app answers',
      async () => (await m.asks('web-shop').catch(() => undefined))?.status === 200,
    );
    expect(await statusOf(m.user)).toMatchObject({ state: 'running', restarts: 1 });
  });
});
