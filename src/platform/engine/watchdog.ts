import { type ChildProcess, spawn } from 'node:child_process';

/** Keeps a list of process groups, and kills those left when the daemon's end of the pipe closes, however it ended. */
const WATCH = `
trap '' INT TERM HUP
groups=' '
while read -r word group; do
  case $word in
    add) groups="$groups$group " ;;
    gone) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done 2>/dev/null
`;

/** Sees to it that no program outlives the daemon, where there are no namespaces to do so. */
export class Watchdog {
  private readonly child: ChildProcess;
  readonly ended: Promise<void>;

  constructor() {
    this.child = spawn('/bin/sh', ['-c', WATCH], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
    });
    this.child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.child.on('error', () => resolve());
      this.child.on('exit', () => resolve());
    });
  }

  add(group: number): void {
    this.child.stdin?.write(`add ${group}\n`);
  }

  gone(group: number): void {
    this.child.stdin?.write(`gone ${group}\n`);
  }

  async close(): Promise<void> {
    this.child.stdin?.end();
    await this.ended;
  }
}
