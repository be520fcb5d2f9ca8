/** Something of an app that on Akkeris can be switched on or off. */
export interface Feature {
  readonly name: string;
  readonly title: string;
  /** What it is here, and why it stays so. */
  readonly description: string;
  /** Whether it is on: on this platform that is the same for every app, and nobody changes it. */
  readonly enabled: boolean;
}

/** Those that clients of Akkeris look for, by their names there. Nothing is stored that would have no effect. */
export const FEATURES: readonly Feature[] = [
  feature('auto-release', 'Auto release builds', true, 'Every build that succeeds is released.'),
  feature('preview', 'Preview apps', false, 'No app is made for a pull request.'),
  feature('preview-sites', 'Preview sites', false, 'There are no sites, and so none for a pull request.'),
  feature('preview-addons', 'Preview addons', false, 'There are no preview apps that could have addons.'),
  feature('preview-dynos', 'Preview dynos', false, 'There are no preview apps that could have dynos.'),
  feature(
    'service-mesh',
    'Service mesh',
    false,
    'Apps of a space reach each other directly, with no mesh between.',
  ),
  feature('http2-end-to-end', 'HTTP/2 end to end', false, 'The router speaks HTTP/1.1 to dynos.'),
  feature('http2', 'HTTP/2', true, 'The router speaks HTTP/2 to clients that want it.'),
  feature(
    'csp-javascript',
    'Script policy',
    false,
    'The router leaves it to apps which scripts pages may load.',
  ),
  feature('csp-media', 'Media policy', false, 'The router leaves it to apps which media pages may load.'),
  feature(
    'csp-unsafe',
    'Unsafe policy',
    false,
    'The router leaves it to apps what is unsafe in their pages.',
  ),
  feature('csp-embedded', 'Embedding policy', false, 'The router leaves it to apps what pages may embed.'),
  feature(
    'container-ports',
    'Container ports',
    false,
    'In its space a dyno is reached at any port it listens on.',
  ),
];

function feature(name: string, title: string, enabled: boolean, description: string): Feature {
  return { name, title, enabled, description };
}
