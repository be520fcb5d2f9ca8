/** ESM as it is; TypeScript goes through esbuild (TypeScript 7 has no JavaScript compiler API). */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '\\.tsx?$': '<rootDir>/test/jest-esbuild.cjs' },
  globalSetup: '<rootDir>/test/global-setup.mjs',
  globalTeardown: '<rootDir>/test/global-teardown.mjs',
  setupFilesAfterEnv: ['<rootDir>/test/jest-setup.ts'],
  maxWorkers: '100%',
  // Property tests and processes on a busy machine; nothing here waits for time to pass.
  testTimeout: 30_000,
};
