/**
 * What a line that people type out of habit must do: what another line does, show the help of a command or topic, or end
 * with an exit code and a text that says what to type instead.
 */
export type Wanted =
  | { readonly as: string }
  | { readonly help: string }
  | { readonly exit: number; readonly says: RegExp };

const as = (line: string): Wanted => ({ as: line });
const help = (subject: string): Wanted => ({ help: subject });
const exits = (exit: number, says: RegExp): Wanted => ({ exit, says });
/** No such command, with a line that says what to use. */
const instead = (says: RegExp): Wanted => exits(127, says);

const CREDENTIALS = /aka credentials:create/;
const TOKENS = /aka platform:tokens:create/;
const DEPLOY = /aka deploy /;
const PERMANENT = /A name never changes/;
const SIZE = /aka ps:update TYPE --size/;
const NOT_RUNNING = /Start it: aka platform:start/;

/** What users of Heroku, the older aka, fly, kubectl and gh type, on a platform with space shop and apps web, api, radar. */
export const HABITS: readonly (readonly [typed: string, wanted: Wanted])[] = [
  // TOPIC:list
  ['apps:list', as('apps')],
  ['spaces:list', as('spaces')],
  ['config:list -a web-shop', as('config -a web-shop')],
  ['builds:list -a web-shop', as('builds -a web-shop')],
  ['releases:list -a web-shop', as('releases -a web-shop')],
  ['pipelines:list', as('pipelines')],
  ['orgs:list', as('orgs')],
  ['regions:list', as('regions')],
  ['stacks:list', as('stacks')],
  ['spaces:ls', as('spaces')],
  ['platform:tokens:list', as('platform:tokens')],
  // Blanks for colons
  ['apps list', as('apps')],
  ['spaces list', as('spaces')],
  ['apps help', help('apps')],
  ['spaces create foo --dry-run', as('spaces:create foo --dry-run')],
  ['config get X -a web-shop', as('config:get X -a web-shop')],
  ['auth login', exits(2, /needs no login/)],
  ['platform start --nonsense', as('platform:start --nonsense')],
  ['platform tokens list', as('platform:tokens')],
  // Scaling
  ['scale web=2 -a web-shop', as('ps:scale web=2 -a web-shop')],
  ['ps:scale web=2 -a web-shop', exits(0, /^web\t2\t/m)],
  ['ps:scale web=2 worker+1 -a web-shop', exits(0, /^web\t2\t[^]*^worker\t\d+\t/m)],
  ['ps:scale radar=1 -a web-shop', exits(4, /radar/)],
  ['scale count 2 -a web-shop', as('ps:scale web=2 -a web-shop')],
  ['ps scale web=1 -a web-shop', as('ps:scale web=1 -a web-shop')],
  ['ps:resize web=gp2 -a web-shop', instead(SIZE)],
  ['ps:type web=gp2 -a web-shop', instead(SIZE)],
  ['ps:kill web.1 -a web-shop', as('ps:restart web.1 -a web-shop')],
  ['ps:stop web.1 -a web-shop', as('ps:restart web.1 -a web-shop')],
  ['restart -a web-shop', as('ps:restart -a web-shop')],
  // Other tools
  ['ssh -a web-shop', as('run -a web-shop')],
  ['ssh console -a web-shop', as('run -a web-shop')],
  ['tail --nonsense', as('logs --tail --nonsense')],
  ['up -a web-shop --no-wait --nonsense', as('deploy -a web-shop --no-wait --nonsense')],
  ['push nowhere -a web-shop --no-wait', as('deploy nowhere -a web-shop --no-wait')],
  ['launch', instead(DEPLOY)],
  ['init', instead(DEPLOY)],
  ['dynos -a web-shop', as('ps -a web-shop')],
  ['status', as('platform:status')],
  ['log -a web-shop', as('logs -a web-shop')],
  // The app or space as an argument
  ['apps:info web-shop', as('apps:info -a web-shop')],
  ['apps:open web-shop', as('apps:open -a web-shop')],
  ['logs web-shop', as('logs -a web-shop')],
  ['ps web-shop', as('ps -a web-shop')],
  ['ps:restart web-shop', as('ps:restart -a web-shop')],
  ['config web-shop', as('config -a web-shop')],
  ['config:get X web-shop', as('config:get X -a web-shop')],
  ['releases web-shop', as('releases -a web-shop')],
  ['apps:destroy web-shop', as('apps:destroy -a web-shop')],
  ['apps shop', as('apps --space shop')],
  ['spaces shop', as('spaces:info shop')],
  ['deploy web-shop', exits(2, /Did you mean: aka deploy -a web-shop\?/)],
  // Flags for arguments
  ['spaces:info -s shop', as('spaces:info shop')],
  ['spaces:info --space shop', as('spaces:info shop')],
  ['spaces:destroy --space nope', as('spaces:destroy nope')],
  ['apps:create -a web -s shop', as('apps:create web --space shop')],
  ['apps:create web-shop', as('apps:create web --space shop')],
  ['apps:create myapp', exits(2, /--space is missing[^]*default, shop/)],
  ['apps:create', exits(2, /NAME is missing/)],
  // Confirmation
  ['apps:destroy -a web-shop --yes', exits(2, /--confirm web-shop/)],
  ['apps:destroy -a web-shop --force', exits(2, /--confirm web-shop/)],
  ['apps:destroy -a web-shop -y', exits(2, /--confirm web-shop/)],
  ['spaces:destroy shop --force', exits(2, /--confirm shop/)],
  // Other verbs
  ['apps:delete -a web-shop', as('apps:destroy -a web-shop')],
  ['spaces:delete shop', as('spaces:destroy shop')],
  ['builds:delete 1', instead(/aka builds:stop/)],
  ['apps:rename foo', instead(PERMANENT)],
  ['spaces:rename shop foo', instead(PERMANENT)],
  ['rename foo', instead(PERMANENT)],
  ['platform:restart', instead(/aka platform:stop, aka platform:start/)],
  // Config vars
  ['config:add A=1 -a web-shop', as('config:set A=1 -a web-shop')],
  ['config:rm A -a web-shop', exits(0, /Removed A from web-shop/)],
  ['config:edit -a web-shop', exits(2, /Set EDITOR/)],
  ['config:set A = 1 -a web-shop', exits(2, /without blanks around =/)],
  ['config:set A= 1 -a web-shop', exits(2, /Word 2 is not of the form NAME=VALUE/)],
  ['secrets:set A=1 -a web-shop', as('config:set A=1 -a web-shop')],
  // Logs
  ['logs -f --nonsense -a web-shop', exits(2, /no flag --nonsense/)],
  ['logs --num 5 -a web-shop', as('logs --lines 5 -a web-shop')],
  ['logs -p web -a web-shop', as('logs --dyno web -a web-shop')],
  ['logs --ps web -a web-shop', as('logs --dyno web -a web-shop')],
  ['logs -d web -a web-shop', as('logs --dyno web -a web-shop')],
  ['logs -d web.1 -a web-shop', exits(4, /no dyno web\.1/)],
  ['logs --since 1h -a web-shop', as('logs -a web-shop')],
  ['logs --search nothing -a web-shop', as('logs -a web-shop')],
  // One-off dynos
  ['run bash -a web-shop', as('run -a web-shop -- bash')],
  ['run "echo hi" -a web-shop', as('run -a web-shop -- "echo hi"')],
  ['run -a web-shop -- ls -la', exits(6, NOT_RUNNING)],
  ['run -a web-shop bash -c "echo hi"', exits(2, /Put -- before the program/)],
  ['run:detached -a web-shop -- ls', exits(6, NOT_RUNNING)],
  ['ps:exec -a web-shop -- ls', as('run -a web-shop -- ls')],
  ['exec -a web-shop -- ls', as('run -a web-shop -- ls')],
  // Releases
  ['releases:rollback -a web-shop', exits(5, /no earlier release/)],
  ['releases:info -a web-shop', exits(0, /web-shop/)],
  ['rollback -a web-shop', as('releases:rollback -a web-shop')],
  ['deploy nowhere --wait -a web-shop', as('deploy nowhere -a web-shop')],
  ['ps:wait --wait -a web-shop', as('ps:wait -a web-shop')],
  // Logins
  ['login', exits(2, /needs no login/)],
  ['logout', exits(0, /needs no login/)],
  ['token', exits(2, /needs no login/)],
  ['-V', as('--version')],
  ['auth', help('auth')],
  ['platform', help('platform')],
  ['auth:status', as('auth:whoami')],
  ['auth status', as('auth:whoami')],
  // What there is not
  ['domains', instead(/aka apps:info/)],
  ['domains:add www.example.com', instead(/aka apps:info/)],
  ['certs', instead(/aka platform:ca/)],
  ['addons', instead(CREDENTIALS)],
  ['addons:create heroku-postgresql', instead(CREDENTIALS)],
  ['pg', instead(CREDENTIALS)],
  ['pg:psql', instead(CREDENTIALS)],
  ['postgres', instead(CREDENTIALS)],
  ['redis', instead(CREDENTIALS)],
  ['drains', instead(/aka logs --tail/)],
  ['access', instead(TOKENS)],
  ['members', instead(TOKENS)],
  ['buildpacks', instead(/aka deploy/)],
  ['container:push web', instead(DEPLOY)],
  ['labs', instead(/aka help/)],
  ['features', instead(/aka apps:info/)],
  ['reviewapps', instead(/aka pipelines:add/)],
  ['ci', instead(/aka builds:status/)],
  ['local', instead(/aka platform:start/)],
  ['dev', instead(/aka platform:start/)],
  ['dashboard', instead(/aka apps/)],
  ['git:remote', instead(DEPLOY)],
  ['teams', instead(/aka orgs/)],
  ['sharing', instead(TOKENS)],
  ['maintenance:on -a web-shop', as('apps:update --maintenance on -a web-shop')],
  ['maintenance', instead(/aka apps:update --maintenance on/)],
  ['webhooks:add', as('hooks:create')],
  // Pipelines and compliance
  ['pipelines:promote -a web-shop --dry-run', as('pipelines:promote line --from web-shop --dry-run')],
  ['pipelines:promote -a api-shop', exits(2, /aka pipelines:add PIPELINE -a api-shop/)],
  ['compliance prod', as('compliance:explain prod')],
  ['spaces:create -c prod socs', exits(2, /aka spaces:create NAME --compliance socs,prod/)],
  // Slips
  ['sapces', instead(/Did you mean aka spaces\?/)],
  ['spaces:craete', instead(/Did you mean aka spaces:create\?/)],
  ['spaces craete', instead(/Did you mean aka spaces:create\?/)],
  ['app:info', instead(/Did you mean aka apps:info\?/)],
  ['space', instead(/Did you mean aka spaces\?/)],
  ['pipeline', instead(/Did you mean aka pipelines\?/)],
  ['release', instead(/Did you mean aka releases\?/)],
  ['build', instead(/Did you mean aka builds\?/)],
  ['space:info', instead(/Did you mean aka spaces:info\?/)],
  // Help
  ['apps:list --help', help('apps')],
  ['spaces create -h', help('spaces:create')],
  ['help apps list', help('apps')],
  ['apps:help', help('apps')],
];
