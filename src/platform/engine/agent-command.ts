import { builtFile } from '../machine/built-file.js';
import type { AgentCommand } from './agent-link.js';
import { EngineError } from './engine.js';

/** Returns the command that starts the agent of this package. Throws an {@link EngineError} if it isn't there. */
export function agentCommand(from?: string): AgentCommand {
  const file = builtFile('agent.cjs', from);
  if (file === undefined)
    throw new EngineError('failed', 'dist/agent.cjs of aka is missing. Reinstall aka, or run: npm run build');
  return { command: process.execPath, args: [file] };
}
