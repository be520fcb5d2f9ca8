/** What to do where an Akkeris installation lacks an endpoint, by method and path. */
const INSTEAD: Readonly<Record<string, string>> = {
  'PATCH /spaces/{space}': 'There a space stays as it was created; create another one.',
  'DELETE /spaces/{space}': 'There spaces are never removed. Its apps can be: aka apps:destroy',
  'GET /spaces/{space}/topology': 'What can be seen of it: aka spaces:info NAME',
  'POST /apps/{app}/log-sessions': 'Its operator has set up no log sessions.',
  'GET /spaces/{space}/logs': 'There each app has a log of its own: aka logs -a APP-SPACE',
  'PUT /sources':
    'There a build takes the https URL of a tarball: aka builds:create URL --checksum sha256:...',
  'PATCH /pipelines/{pipeline}': 'There a pipeline stays as it was created.',
  'GET /audits': 'Its operator has set no store for audit events, so none are kept.',
  'GET /audits/verify': 'Its audit events are not chained, so nothing can be verified.',
  'POST /apps/{app}/dynos': 'There nothing can be run by hand. What its dynos are: aka ps',
};

/** The same of everything below a path. */
const BELOW: readonly (readonly [path: string, hint: string])[] = [
  [
    '/platform',
    'It has no settings, tokens or hosts of that kind. For the platform on this machine: --platform embedded',
  ],
  ['/checks', 'There builds wait for no checks. What a promotion waits for: aka pipelines:require'],
];

/** What to do instead, for people; undefined where that is not known. */
export function insteadOf({
  method,
  path,
}: {
  readonly method: string;
  readonly path: string;
}): string | undefined {
  return (
    INSTEAD[`${method} ${path}`] ??
    BELOW.find(([above]) => path === above || path.startsWith(`${above}/`))?.[1]
  );
}
