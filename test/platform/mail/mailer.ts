import { DAEMON } from '../../../src/platform/caller.js';
import { mailDigests } from '../../../src/platform/daemon/mail-digests.js';
import { openPlatform } from '../../../src/platform/embedded.js';
import { openLogs } from '../../../src/platform/logs/logs.js';
import { logsFolder } from '../../../src/platform/logs/segments.js';
import { type Post, smtp } from '../../../src/platform/mail/smtp.js';
import { makeDueDigests } from '../../../src/platform/services/digests.js';

/**
 * What mails digests, in a process of its own: `DATA_DIR CONFIG_DIR TIME [STEP]`, with a clock that stands at TIME. It
 * kills itself at a step, or else says `idle` when nothing is left to mail, and stays.
 */
const [dataDir = '', configDir = '', time = '', die] = process.argv.slice(2);

const at = (step: string): void => {
  if (step === die) process.kill(process.pid, 'SIGKILL');
};

const send = smtp({ whole: 5000, step: 5000 });
const post: Post = async (...given) => {
  at('before mailing');
  const posted = await send(...given);
  at('after mailing');
  return posted;
};

const platform = openPlatform({ dataDir, configDir, now: () => new Date(time) });
at('before making');
if (die === 'after making') await makeDueDigests(platform.session(DAEMON));
at('after making');
const logs = openLogs({ dir: logsFolder(dataDir) });
await mailDigests({ look: 20, post })({
  folders: { dataDir, configDir },
  platform,
  logs,
  note: (line) => process.stdout.write(`${line}\n`),
});
const { digests } = platform.session(DAEMON).store;
setInterval(() => {
  if (digests.outbox().waiting > 0 || digests.lastSentAt() === null) return;
  at('after all');
  process.stdout.write('idle\n');
}, 10);
