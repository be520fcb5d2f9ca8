import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll } from '@jest/globals';
import { openPlatform } from '../../src/platform/embedded.js';
import { HOME_FOLDERS, User } from './aka.js';
import { oncePerRun } from './once-per-run.js';
import { OWN_PORTS } from './ports.js';
import { Pretended } from './pretended.js';

/**
 * What is on the platform that scenarios start from: `demo` with apps web and api, `vault` (socs, prod) and `inside`
 * (internal) with an app each, and two spaces alike without any; demo may reach port 5432 of the machine, and token ci may
 * use demo. There are credentials mail, which api-demo gets, and payments, for production. A hook of
 * web-demo calls https://ci.example.com/hook when a dyno has crashed, which none does. Pipeline `ladder` goes from
 * web-demo to web-inside, `stair` nowhere. Nothing is on stack `next` or in region `north`. A backup of it is in the
 * working folder. It ran once, and does not run. Since
 * then web-demo was built from the folder shop and released, is queued to be built again, and has a process type worker.
 * Somebody else wants web-vault built, which waits for its checks, and once did not want it any more; the user and a
 * scanner may report of its own check.
 */
const STEPS = [
  'spaces:create demo',
  'spaces:create vault --compliance socs,prod',
  'spaces:create inside --internal',
  'spaces:create demo-staging',
  'spaces:create demo-production',
  'apps:create web --space demo',
  'apps:create api --space demo',
  'apps:create web --space vault',
  'apps:create web --space inside',
  'config:set LOG_LEVEL=debug DATABASE_URL=postgres://web:hunter22@db/web -a web-demo',
  'config:set LOG_LEVEL=info DATABASE_URL=postgres://web:hunter33@db/web -a web-vault',
  'credentials:create mail --level general PASSWORD=hunter44 HOST=mail.example.com',
  'credentials:create payments --level production TOKEN=hunter55',
  'credentials:attach mail -a api-demo',
  'platform:allow-host 5432 --space demo',
  'platform:tokens:create ci --role user --space demo',
  'hooks:create https://ci.example.com/hook --events crashed -a web-demo',
  'pipelines:create ladder',
  'pipelines:create stair',
  'pipelines:add ladder -a web-demo --stage development',
  'pipelines:add ladder -a web-inside --stage staging',
  'regions:create north',
  'stacks:create next --region local',
  'platform:backup monday.backup',
  OWN_PORTS.join(' '),
  'platform:start',
  'platform:stop',
] as const;

let founder: Promise<User> | undefined;
afterAll(async () => (await founder)?.remove());

/** Puts the user on that platform. It is made once a run; everybody gets a copy of their own. */
export async function settle(user: User): Promise<void> {
  founder ??= copyOfFound();
  user.becomes(await founder);
}

/** A copy with the ports of this test file. */
async function copyOfFound(): Promise<User> {
  const world = await oncePerRun('world', async (folder) => {
    const user = await found();
    for (const name of HOME_FOLDERS) renameSync(join(user.home, name), join(folder, name));
    user.remove();
  });
  const user = new User();
  user.copyHome(world);
  await user.does(...OWN_PORTS);
  return user;
}

/** Has somebody else ask for two builds in a socs space, and give up the second. */
async function askFor({ dataDir, configDir }: User, app: string): Promise<void> {
  const platform = openPlatform({ dataDir, configDir });
  const { sources, builds } = platform.as({ name: 'bob', role: 'user', origin: 'cli' });
  const { checksum } = await sources.upload(Readable.from([Buffer.from('a source')]));
  const commit = { repo: 'https://github.com/acme/shop', sha: 'a'.repeat(40) };
  for (let n = 0; n < 2; n += 1) await builds.create({ app, checksum, ...commit });
  await builds.stop({ app, build: '2' });
  platform.close();
}

async function found(): Promise<User> {
  const user = new User();
  for (const step of STEPS) await user.does(...step.split(' '));
  const shop = join(user.cwd, 'shop');
  mkdirSync(shop);
  writeFileSync(join(shop, 'Procfile'), 'web: ./serve\n');
  writeFileSync(join(shop, 'serve'), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
  const daemon = new Pretended(user);
  await user.does('deploy', 'shop', '-a', 'web-demo', '--no-wait');
  await daemon.says('web-demo', 'build.1', 'installing\n', 'build');
  daemon.builds('web-demo');
  daemon.releases('web-demo');
  await daemon.says('web-demo', 'web.1', 'listening\n');
  await user.does('deploy', 'shop', '-a', 'web-demo', '--no-wait');
  await askFor(user, 'web-vault');
  await user.does('checks:add', 'app/web-vault', '--token', '--name', 'scanner');
  await user.does('checks:add', 'app/web-vault', '--user', userInfo().username, '--name', 'me');
  await user.does('ps:create', 'worker', '--command', 'work', '-a', 'web-demo');
  return user;
}
