/** Ports for the router of a platform that no other test file of the same run has. */
const FIRST = 10_000 + (process.pid % 2200) * 10;

/** What gives a platform those ports, so that they are still its own when it comes back after a kill. */
export const OWN_PORTS = [
  'platform:configure',
  '--router-port',
  String(FIRST),
  '--http-port',
  String(FIRST + 1),
  '--internal-port',
  String(FIRST + 2),
] as const;
