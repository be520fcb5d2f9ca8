import { writeHosts } from '../../../src/platform/machine/hosts-file.js';

/** Writes the lines of one owner into a hosts file again and again: `FILE LOCK OWNER TIMES`; an even number leaves none. */
const [file = '', lock = '', owner = '', times = '0'] = process.argv.slice(2);

for (let each = 1; each <= Number(times); each++) {
  writeHosts(owner, each % 2 === 0 ? [] : [`127.0.0.1 ${owner}-${each}.local.localhost`], { file, lock });
}
