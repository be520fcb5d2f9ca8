import { temporaryPlatform } from './platforms.js';
import { contractSuite } from './suite/suite.js';

contractSuite('the platform in process', async () => {
  const temporary = temporaryPlatform();
  const { platform } = temporary;
  return {
    admin: platform.as({ name: 'adam', role: 'admin', origin: 'cli' }),
    user: platform.as({ name: 'ursula', role: 'user', origin: 'cli' }),
    built: (app, processTypes) => temporary.built(app, processTypes),
    dataDir: temporary.dataDir,
    close: async () => temporary.remove(),
  };
});
