import { temporaryPlatform } from './platforms.js';
import { contractSuite } from './suite/suite.js';

contractSuite('the platform in process', async () => {
  const temporary = temporaryPlatform();
  const { platform } = temporary;
  return {
    admin: platform.as({ name: 'adam', role: 'admin', origin: 'cli' }),
    user: platform.as({ name: 'ursula', role: 'user', origin: 'cli' }),
    origin: 'cli',
    dataDir: temporary.dataDir,
    built: (app, types) => temporary.built(app, types),
    close: async () => temporary.remove(),
  };
});
