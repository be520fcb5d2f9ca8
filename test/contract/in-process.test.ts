import { temporaryPlatform } from './platforms.js';
import { contractSuite } from './suite/suite.js';

contractSuite('the platform in process', async (of) => {
  const temporary = temporaryPlatform(of);
  const { platform, folder } = temporary;
  return {
    admin: platform.as({ name: 'adam', role: 'admin', origin: 'cli' }),
    user: platform.as({ name: 'ursula', role: 'user', origin: 'cli' }),
    guest: async (name, spaces) => platform.as({ name, role: 'user', spaces, origin: 'cli' }),
    origin: 'cli',
    dataDir: temporary.dataDir,
    built: (app, types) => temporary.built(app, types),
    close: async () => temporary.remove(),
    async keep() {
      temporary.keep();
      return folder;
    },
  };
});
