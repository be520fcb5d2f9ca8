import { supervise } from './supervise.js';

// The program of dist/supervisor.cjs: DATA_FOLDER COMMAND...
const [dataDir = '', program = '', ...args] = process.argv.slice(2);
supervise({ dataDir, command: [program, ...args] });
