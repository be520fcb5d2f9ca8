'use strict';
// Preloaded into a process: at its end, writes the CPU time that it took, in milliseconds, to the file that is named.
const { writeFileSync } = require('node:fs');

process.once('exit', () => {
  const { user, system } = process.cpuUsage();
  writeFileSync(process.env.AKA_BENCH_CPU, String((user + system) / 1000));
});
