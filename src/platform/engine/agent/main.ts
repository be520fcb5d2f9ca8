import { runAgent } from './agent.js';

// The program of dist/agent.cjs.
runAgent();
