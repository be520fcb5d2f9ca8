import { EXIT_MEANINGS } from './exit-codes.js';

export interface HelpTopic {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}

/** From nothing to an app that can be opened, here or elsewhere: what to type after `aka`, and what it is for. */
export const FIRST_STEPS: readonly (readonly [line: string, why: string])[] = [
  ['platform:start', 'have this machine run apps'],
  ['spaces:create shop', 'make a space'],
  ['apps:create web --space shop', 'make an app in it'],
  ['deploy ./web -a web-shop', 'build what is in a folder, and run it'],
  ['apps:open -a web-shop', 'see it'],
  ['profiles:add work --api HOST', 'or use a platform that is there already'],
];

/** What `aka help` explains besides commands, by the word that is typed. */
export const HELP_TOPICS: ReadonlyMap<string, HelpTopic> = new Map([
  [
    'environment',
    {
      title: 'Environment variables',
      rows: [
        ['AKKERIS_APP', 'the app that commands with -a are about when none is named'],
        [
          'AKKERIS_PLATFORM',
          'the platform to use, by the name of its profile; embedded is the one on this machine',
        ],
        ['AKA_API', 'the Apps API to use: an http(s) URL, or unix:PATH for a socket'],
        ['AKKERIS_API_HOST', 'the host of an Akkeris installation'],
        ['AKKERIS_AUTH_HOST', 'the host that gives tokens of that installation for passwords'],
        [
          'AKA_CA_FILE',
          'certificates in PEM form that servers are trusted by, too, unless a profile names others',
        ],
        ['AKA_TOKEN, API_TOKEN', 'bearer token for the Apps API; goes before what auth:login stored'],
        ['API_AUTH', 'the whole Authorization header instead'],
        ['AKA_KEYRING', 'off: auth:login keeps tokens in a file, and no keyring is used'],
        [
          'AKA_DATA_DIR',
          "where the platform on this machine keeps its data (default: aka in the user's XDG data folder)",
        ],
        ['AKA_CONFIG_DIR', "where settings and keys are (default: aka in the user's XDG config folder)"],
        ['AKA_CACHE_DIR', 'where compiled code is kept between runs'],
        ['AKA_TIMEOUT', 'seconds that a call to another platform may take (default: 120)'],
        ['HTTPS_PROXY, HTTP_PROXY, NO_PROXY', 'proxies on the way there, and who is reached without them'],
        ['NO_COLOR, FORCE_COLOR', 'colours never, colours always'],
        ['COLUMNS', 'width to lay text out for'],
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
