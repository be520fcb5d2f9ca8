import type { Tunnels } from '../server/tunnels.js';
import { type ForwardOptions, forwardTunnel } from './forward-tunnel.js';
import { runTunnel } from './run-tunnel.js';
import type { Runs } from './runs.js';

/** Every way into dynos through the server of the Apps API. */
export function dynoTunnels(
  options: Omit<ForwardOptions, 'runs'> & { readonly runs: Runs },
): Required<Tunnels> {
  return { 'aka-run': runTunnel(options.runs), 'aka-forward': forwardTunnel(options) };
}
