import { afterAll } from '@jest/globals';
import { User } from './aka.js';

/**
 * What is on the platform that scenarios start from: `demo` with apps web and api, `vault` (socs, prod) and `inside`
 * (internal) with an app each, and two spaces alike without any; demo may reach port 5432 of the machine. A backup of it is in the working folder. It ran once, and
 * does not run.
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
  'platform:allow-host 5432 --space demo',
  'platform:backup monday.backup',
  'platform:start',
  'platform:stop',
] as const;

let founder: Promise<User> | undefined;
afterAll(async () => (await founder)?.remove());

/** Puts the user on that platform. It is made once a test file; everybody gets a copy of their own. */
export async function settle(user: User): Promise<void> {
  founder ??= found();
  user.becomes(await founder);
}

async function found(): Promise<User> {
  const user = new User();
  for (const step of STEPS) await user.does(...step.split(' '));
  return user;
}
