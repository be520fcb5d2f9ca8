import { createServer } from 'node:net';
import { DEFAULT_SETTINGS, type Settings } from '../../model/settings.js';
import { holderOf } from '../files/process-lock.js';
import type { Database } from '../store/database.js';
import { SettingsTable } from '../store/settings.js';
import { type Answer, type Machine, ok, warning } from './check.js';
import { readData } from './data.js';

/** The ports of the router, the setting that says on which address, and the flag that chooses another. */
const PORTS = [
  { name: 'router_port', host: 'router_host', flag: '--router-port' },
  { name: 'http_port', host: 'router_host', flag: '--http-port' },
  { name: 'internal_port', host: 'internal_host', flag: '--internal-port' },
] as const;

/** Whether the router finds its ports when the platform is started. Until then nobody chose them, and they move on. */
export async function ports(machine: Machine): Promise<Answer> {
  if (holderOf(machine.dataDir, 'server') !== undefined) return ok('the platform that runs has its ports');
  const { settings, isChosen } = readData(machine, portsIn) ?? {
    settings: DEFAULT_SETTINGS,
    isChosen: new Set<string>(),
  };
  const seen = await Promise.all(
    PORTS.map(async ({ name, host, flag }) => {
      const port = settings[name];
      return { port, flag, chosen: isChosen.has(name), free: await isFree(port, settings[host]) };
    }),
  );
  const taken = seen.filter(({ free }) => !free);
  const [first] = taken.filter(({ chosen }) => chosen);
  if (first !== undefined) {
    return warning(
      `Port ${first.port} is taken, or for root only: the platform can't be started with it.`,
      `See who has it: ss -ltnp "sport = :${first.port}"; or choose another: aka platform:configure ${first.flag} PORT`,
    );
  }
  const all = seen.map(({ port }) => port).join(', ');
  return taken.length === 0
    ? ok(`${all} are free`)
    : ok(`of ${all} some are taken: the first start of the platform takes the next that are free`);
}

function portsIn(db: Database): { settings: Settings; isChosen: ReadonlySet<string> } {
  const table = new SettingsTable(db);
  const chosen = PORTS.map(({ name }) => name).filter((name) => table.isChosen(name));
  return { settings: table.all(), isChosen: new Set(chosen) };
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
