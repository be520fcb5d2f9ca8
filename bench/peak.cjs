// Loaded into a process whose memory is measured (`node --require`): writes its peak, in MB, to where it is asked to.
const { readFileSync, writeFileSync } = require('node:fs');

process.on('exit', () => writeFileSync(process.env.AKA_BENCH_PEAK, String(peak() / 1024)));

/** In kB. Linux counts what the parent had before `exec` into maxRSS; VmHWM is of this program alone. */
function peak() {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}
