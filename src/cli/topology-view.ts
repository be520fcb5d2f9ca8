import { listenText } from '../contract/daemon.js';
import type { Dyno, Topology } from '../contract/wire.js';
import { isLoopback } from '../model/addresses.js';
import { discoveryNames } from '../model/discovery.js';
import { withoutLines } from '../model/last-lines.js';
import type { Cell, Output } from './output.js';
import { complianceText, varText } from './space-view.js';

type App = Topology['apps'][number];

/** Who is in a space and who reaches whom: a tree for people, a row a thing for programs. */
export function showTopology(out: Output, topology: Topology): void {
  if (out.isTerminal) showTree(out, topology);
  else out.table([], rowsOf(topology));
}

function showTree(out: Output, { space, apps, reach }: Topology): void {
  const subnets = space.network?.subnets.join(', ') ?? '';
  out.heading(
    `${space.name}  ${[complianceText(space.compliance), subnets].filter((it) => it !== '').join('  ')}`,
  );
  if (apps.length === 0) out.note(`No apps yet: aka apps:create NAME --space ${space.name}`);
  apps.forEach((app, index) => {
    const isLast = index === apps.length - 1;
    out.line(`${isLast ? '└─' : '├─'} ${app.name}  ${app.web_url}`);
    const names = discoveryNames(app.name);
    const leaves = [
      `${varText(names.host, app.host)}  ${varText(names.port, app.port)}`,
      ...(app.dynos.length === 0 ? ['no dynos'] : app.dynos.map(dynoText)),
    ];
    leaves.forEach((leaf, number) => {
      out.line(`${isLast ? '  ' : '│ '} ${number === leaves.length - 1 ? '└─' : '├─'} ${leaf}`);
    });
  });
  out.heading('Who reaches whom');
  out.facts([
    ['siblings', 'every app reaches every other of the space, at the addresses above'],
    ['other spaces', otherSpaces(space)],
    ['clients', clientsText(reach.clients)],
    ['this machine', hostsText(reach.hosts)],
    ['other machines', egressText(reach.egress)],
  ]);
  const lacking = notEnforced(space);
  if (lacking.length === 0) return;
  out.heading('Not enforced here');
  out.facts(lacking);
}

function rowsOf({ space, apps, reach }: Topology): Cell[][] {
  const { clients, hosts, egress } = reach;
  return [
    [
      'space',
      space.name,
      complianceText(space.compliance),
      space.network?.mode ?? '',
      ...(space.network?.subnets ?? []),
    ],
    ...apps.flatMap((app) => [appRow(app), ...app.dynos.map((dyno) => dynoRow(app, dyno))]),
    ...reach.spaces.map((name) => ['other space', name]),
    ['clients', clients.listener, clients.host, clients.port, ...(clients.networks ?? ['any'])],
    ...hosts.map(({ name, port }) => ['host', name, port]),
    ['egress', egress],
    ...notEnforced(space).map(([promise, how]) => ['not enforced', promise, how]),
  ];
}

function appRow({ name, web_url: url, host, port }: App): Cell[] {
  const names = discoveryNames(name);
  return ['app', name, url, names.host, host ?? '', names.port, port ?? ''];
}

function dynoRow({ name }: App, dyno: Dyno): Cell[] {
  return ['dyno', name, dyno.name, dyno.state, dyno.host ?? '', dyno.port ?? '', versionText(dyno)];
}

function dynoText(dyno: Dyno): string {
  const { host, port } = dyno;
  const at = host == null ? '' : port === null ? host : `${host}:${port}`;
  return [dyno.name, dyno.state, at, versionText(dyno), withoutLines(dyno.reason ?? '')]
    .filter((it) => it !== '')
    .join('  ');
}

function versionText({ release }: Dyno): string {
  return release?.version == null ? '' : `v${release.version}`;
}

function otherSpaces(space: Topology['space']): string {
  const how = notEnforced(space).find(([promise]) => promise === 'isolation')?.[1];
  return how === undefined ? 'none, in either direction' : `not kept apart here: ${how}`;
}

function clientsText({ listener, host, port, networks }: Topology['reach']['clients']): string {
  const any = isLoopback(host) ? 'from this machine' : 'from anywhere that reaches it';
  const from = networks === null ? any : `from ${networks.join(', ') || 'nowhere'}`;
  return `through the ${listener} listener, ${listenText({ host, port })}, ${from}`;
}

function hostsText(hosts: Topology['reach']['hosts']): string {
  return hosts.length === 0
    ? 'none of its services'
    : hosts.map(({ name, port }) => `${name}:${port}`).join(', ');
}

function egressText(egress: string): string {
  return egress === 'sealed' ? 'none: the platform is sealed' : 'by https';
}

/** What the machine can't hold of what spaces promise, as its platform last found. */
function notEnforced({ network }: Topology['space']): (readonly [string, string])[] {
  return (network?.not_enforced ?? []).map(({ promise, how }) => [promise, how] as const);
}
