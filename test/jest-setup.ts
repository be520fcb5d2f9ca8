import { Console } from 'node:console';
import { afterEach } from '@jest/globals';

// jest swallows what a command logs through its own console.
globalThis.console = new Console({ stdout: process.stdout, stderr: process.stderr });

// A command that fails sets the exit code of its process, which here is jest's own.
afterEach(() => {
  process.exitCode = undefined;
});
