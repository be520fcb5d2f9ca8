import { openPlatform } from '../../../src/platform/embedded.js';

/* A process of its own that changes the platform in FOLDERS until it is killed: `DATA CONFIG`. */
const [dataDir = '', configDir = ''] = process.argv.slice(2);
const api = openPlatform({ dataDir, configDir }).as({ name: 'ann', role: 'admin', origin: 'cli' });
for (let n = 0; ; n++) {
  await api.spaces.update({ space: 'shop', description: `Number ${n}` });
  process.stdout.write('.');
}
