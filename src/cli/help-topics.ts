import { EXIT_MEANINGS } from './exit-codes.js';

export interface HelpTopic {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}

/** From nothing to an app that can be opened, here or elsewhere: what to type after `aka`, and what it is for. */
export const FIRST_STEPS: readonly (readonly [line: string, why: string])[] = [
  ['platform:start', 'start the local platform'],
  ['spaces:create shop', 'create a space'],
  ['apps:create web --space shop', 'create an app in it'],
  ['deploy ./web -a web-shop', 'build and release the folder'],
  ['apps:open -a web-shop', 'open it in a browser'],
  ['profiles:add work --api HOST', 'or use an existing platform'],
];

/** What `aka help` explains besides commands, by the word that is typed. */
export const HELP_TOPICS: ReadonlyMap<string, HelpTopic> = new Map([
  [
    'environment',
    {
      title: 'Environment variables',
      rows: [
        ['AKKERIS_APP', 'default for -a'],
        ['AKKERIS_PLATFORM', 'profile of the platform to use; embedded is the local platform'],
        ['AKA_API', 'Apps API to use: an http(s) URL, or unix:PATH for a socket'],
        ['AKKERIS_API_HOST', 'host of an Akkeris installation'],
        ['AKKERIS_AUTH_HOST', 'host that issues its tokens for passwords'],
        ['AKA_CA_FILE', 'PEM file of additional trusted certificates; a profile can override it'],
        ['AKA_TOKEN, API_TOKEN', 'bearer token for the Apps API; overrides the token from auth:login'],
        ['API_AUTH', 'complete Authorization header, instead of a token'],
        ['AKA_KEYRING', 'off: auth:login stores tokens in a file instead of the keyring'],
        ['AKA_DATA_DIR', 'data folder of the local platform (default aka in the XDG data folder)'],
        ['AKA_CONFIG_DIR', 'folder for settings and keys (default aka in the XDG config folder)'],
        ['AKA_CACHE_DIR', 'folder for cached compiled code'],
        ['AKA_TIMEOUT', 'timeout of requests to another platform, in seconds (default 120)'],
        ['HTTPS_PROXY, HTTP_PROXY, NO_PROXY', 'proxies to other platforms, and hosts that bypass them'],
        ['NO_COLOR, FORCE_COLOR', 'never or always use colours'],
        ['COLUMNS', 'width of the output in columns'],
      ],
    },
  ],
  [
    'exit-codes',
    {
      title: 'Exit codes, the same with --json',
      rows: EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning]),
    },
  ],
]);
