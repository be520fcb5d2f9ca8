import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AgentCommand } from './agent-link.js';
import { EngineError } from './engine.js';

const AGENT = join('dist', 'agent.cjs');

/**
 * The agent as it was built with this package, whether this code runs from dist or from its sources. Throws an
 * {@link EngineError} if it isn't there.
 */
export function agentCommand(from = import.meta.dirname): AgentCommand {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, AGENT);
    if (existsSync(file)) return { command: process.execPath, args: [file] };
    if (folder === dirname(folder)) {
      throw new EngineError('failed', `${AGENT} of aka is not there: install it anew, or npm run build.`);
    }
  }
}
