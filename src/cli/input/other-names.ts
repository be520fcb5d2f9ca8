/*
 * Names from Heroku, the older aka, fly, kubectl and gh. This module is loaded only for names that are not commands of
 * ours, so a command that exists never waits for it.
 */

/** Commands of others and the words that replace them: a command of ours, then its flags. */
export const ALIASES: Readonly<Record<string, string>> = {
  // Without their topic
  autocomplete: 'completion',
  create: 'apps:create',
  destroy: 'apps:destroy',
  info: 'apps:info',
  open: 'apps:open',
  scale: 'ps:scale',
  restart: 'ps:restart',
  rollback: 'releases:rollback',
  promote: 'pipelines:promote',
  formation: 'ps:scale',
  log: 'logs',
  tail: 'logs --tail',
  push: 'deploy',
  up: 'deploy',
  status: 'platform:status',
  forward: 'apps:forward',
  'port-forward': 'apps:forward',
  proxy: 'apps:forward',
  bash: 'run',
  exec: 'run',
  sh: 'run',
  shell: 'run',
  ssh: 'run',
  'ssh:console': 'run',
  'ps:exec': 'run',
  'ps:forward': 'apps:forward',
  'ps:ssh': 'run',
  // In a topic
  'apps:scale': 'ps:scale',
  'apps:restart': 'ps:restart',
  'apps:logs': 'logs',
  'apps:deploy': 'deploy',
  'apps:url': 'apps:open',
  'auth:status': 'auth:whoami',
  'auth:me': 'auth:whoami',
  'config:add': 'config:set',
  'config:import': 'config:set',
  'config:show': 'config',
  'logs:tail': 'logs --tail',
  'ps:stop': 'ps:restart',
  'ps:kill': 'ps:restart',
  'scale:count': 'ps:scale',
  'scale:show': 'ps:scale',
  'rollout:restart': 'ps:restart',
  'rollout:undo': 'releases:rollback',
  'rollout:status': 'ps:wait',
  'rollout:history': 'releases',
  'releases:output': 'builds:output',
  'builds:logs': 'builds:output',
  'builds:log': 'builds:output',
  'builds:cancel': 'builds:stop',
  'pipelines:diff': 'pipelines:promote --dry-run',
  'maintenance:on': 'apps:update --maintenance on',
  'maintenance:off': 'apps:update --maintenance off',
  'spaces:apps': 'apps',
  'spaces:deploy': 'deploy',
  'spaces:logs': 'logs',
  'platform:up': 'platform:start',
  'platform:down': 'platform:stop',
  'run:inside': 'run',
};

/** Topics of others that are topics of ours: `webhooks:add` is `hooks:add`. */
export const TOPIC_ALIASES: Readonly<Record<string, string>> = {
  dyno: 'ps',
  dynos: 'ps',
  env: 'config',
  organizations: 'orgs',
  processes: 'ps',
  secrets: 'config',
  tokens: 'platform:tokens',
  vars: 'config',
  webhook: 'hooks',
  webhooks: 'hooks',
};

/** Verbs of others and ours in their place: the first that the topic has. An empty one is the topic itself. */
export const VERBS: Readonly<Record<string, readonly string[]>> = {
  list: [''],
  ls: [''],
  index: [''],
  all: [''],
  show: ['info', ''],
  describe: ['info', ''],
  get: ['info'],
  view: ['info', ''],
  inspect: ['info'],
  details: ['info'],
  new: ['create', 'add'],
  make: ['create', 'add'],
  add: ['create'],
  create: ['add'],
  edit: ['update'],
  change: ['update'],
  modify: ['update'],
  patch: ['update'],
  delete: ['destroy', 'unset', 'revoke', 'remove'],
  del: ['destroy', 'unset', 'revoke', 'remove'],
  rm: ['unset', 'revoke', 'remove', 'destroy'],
  remove: ['unset', 'revoke', 'destroy'],
};

const NO_SERVICES =
  'Databases and other add-ons are not part of the platform. Give apps the address and password of one: aka credentials:create';
const ACCESS = 'Access is by API token and its role: aka platform:tokens:create';
const PERMANENT_NAME =
  'A name never changes. Create another one, copy its config vars with aka config --shell, and destroy the old one.';
const DOMAINS =
  'Each app has one domain, made of its name, its space and the stack: aka apps:info -a APP-SPACE';
const SIZE = 'Choose a size from aka sizes with: aka ps:update TYPE --size SIZE -a APP-SPACE';
const CREATE_FIRST =
  'Create an app, then deploy to it: aka apps:create APP --space SPACE, then aka deploy FOLDER -a APP-SPACE';

/**
 * What to use instead of what aka doesn't have. A topic stands for all of its commands, unless one has a line of its
 * own.
 */
export const INSTEAD: Readonly<Record<string, string>> = {
  access: ACCESS,
  apply: 'Deploy a folder: aka deploy FOLDER -a APP-SPACE',
  addons: NO_SERVICES,
  buildpacks:
    'Builds take their commands from package.json and Procfile, without buildpacks: aka deploy --help',
  'builds:delete': 'Builds are kept. Stop one that runs: aka builds:stop BUILD -a APP-SPACE',
  'builds:destroy': 'Builds are kept. Stop one that runs: aka builds:stop BUILD -a APP-SPACE',
  certs: 'The platform issues certificates itself. See what trusts them: aka platform:ca',
  ci: 'Tests run where you run them, and report their result: aka builds:status',
  collaborators: ACCESS,
  container: 'Apps are built from source, not from container images: aka deploy FOLDER -a APP-SPACE',
  dashboard: 'See the same at a terminal: aka apps, aka spaces:info SPACE, aka platform:status',
  delete: 'Use: aka apps:destroy -a APP-SPACE, or aka spaces:destroy SPACE',
  describe: 'Use: aka apps:info -a APP-SPACE, or aka spaces:info SPACE',
  dev: 'Run apps on this machine: aka platform:start, then aka deploy FOLDER -a APP-SPACE',
  domain: DOMAINS,
  domains: DOMAINS,
  drains: 'Logs are not forwarded. Follow them: aka logs --tail --json -a APP-SPACE',
  features: 'There are no feature flags to turn on. What an app has: aka apps:info -a APP-SPACE',
  get: 'Use: aka apps, aka spaces, aka ps -a APP-SPACE, or aka config:get NAME -a APP-SPACE',
  git: 'No git remote is needed: aka deploy FOLDER -a APP-SPACE',
  init: CREATE_FIRST,
  keys: `No SSH keys are needed to deploy. ${ACCESS}`,
  join: ACCESS,
  kafka: NO_SERVICES,
  labs: 'There are no experimental features to turn on. Every command: aka help',
  launch: CREATE_FIRST,
  local: 'Run apps on this machine: aka platform:start, then aka deploy FOLDER -a APP-SPACE',
  machines: 'Apps run in dynos: aka ps -a APP-SPACE',
  maintenance: 'Turn it on or off: aka apps:update --maintenance on -a APP-SPACE',
  members: ACCESS,
  mysql: NO_SERVICES,
  notifications: 'Have a URL called at an event of an app: aka hooks:create',
  pg: NO_SERVICES,
  'platform:restart': 'Stop it, then start it: aka platform:stop, aka platform:start',
  postgres: NO_SERVICES,
  psql: NO_SERVICES,
  plugins: 'There are no plugins. Every command: aka help',
  'ps:autoscale': 'The number of dynos is set by hand: aka ps:scale web=2 -a APP-SPACE',
  'ps:resize': SIZE,
  'ps:type': SIZE,
  redis: NO_SERVICES,
  rename: PERMANENT_NAME,
  reviewapps:
    'There are no review apps. Create an app at stage review: aka pipelines:add PIPELINE --stage review',
  sessions: 'See the API tokens: aka platform:tokens. Forget the one stored here: aka auth:logout',
  sharing: ACCESS,
  'spaces:transfer': PERMANENT_NAME,
  'apps:transfer': PERMANENT_NAME,
  'apps:rename': PERMANENT_NAME,
  'spaces:rename': PERMANENT_NAME,
  'pipelines:rename': PERMANENT_NAME,
  teams: `There are organizations (aka orgs), and no teams. ${ACCESS}`,
  volumes: 'The disk of a dyno is temporary. Store data outside and pass its address: aka credentials:create',
};
