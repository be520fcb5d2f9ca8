/** A command line, what may be on its standard input, and the exit code it must have, in every way it is run. */
export interface Case {
  readonly argv: readonly string[];
  readonly exit: number;
  readonly stdin?: string;
  /** Its exit code is an answer, not a failure: there is a result as for 0. */
  readonly answers?: true;
}

/** Why a command has no such outcome. */
export interface None {
  readonly none: string;
}

/** The outcomes of a command; a new one is asked for each of them. */
export interface Row {
  readonly ok: Case | None;
  readonly 'not found': Case | None;
  readonly refused: Case | None;
  readonly 'bad flag': Case;
  readonly 'bad value': Case | None;
  readonly 'missing argument': Case | None;
  readonly 'no terminal': Case | None;
  readonly 'input at its end': Case | None;
}

export type Outcome = keyof Row;

const exits = (exit: number, line: string, more: Omit<Case, 'argv' | 'exit'> = {}): Case => ({
  argv: line.split(' '),
  exit,
  ...more,
});
const ok = (line: string): Case => exits(0, line);
const no = (line: string): Case => exits(1, line, { answers: true });
const usage = (line: string): Case => exits(2, line);
const notFound = (line: string): Case => exits(4, line);
const refused = (line: string): Case => exits(5, line);
const none = (why: string): None => ({ none: why });

/** What is the same for every command that never asks and reads no input. */
const neverAsks = {
  'no terminal': none('it never asks'),
  'input at its end': none('it reads no input'),
} as const;

/** What is the same for every command that only lists what there is. */
const lists = {
  ...neverAsks,
  'not found': none('it looks nothing up'),
  refused: none('it changes nothing'),
  'bad value': none('its flags take no values'),
  'missing argument': none('it takes none'),
} as const;

/**
 * Every command of the manifest, with what it must answer on the platform of world.ts. All of it runs on a copy of
 * that platform, so a row needs no other row.
 */
export const MATRIX: Readonly<Record<string, Row>> = {
  apps: {
    ...lists,
    ok: ok('apps --space demo'),
    'not found': notFound('apps --space dmeo'),
    'bad flag': usage('apps --spaec demo'),
  },
  'apps:create': {
    ...neverAsks,
    ok: ok('apps:create shop --space demo'),
    'not found': notFound('apps:create shop --space dmeo'),
    refused: refused('apps:create web --space demo'),
    'bad flag': usage('apps:create shop --space demo --nonsense'),
    'bad value': usage('apps:create my-shop --space demo'),
    'missing argument': usage('apps:create --space demo'),
  },
  'apps:destroy': {
    ok: ok('apps:destroy -a web-demo --confirm web-demo'),
    'not found': notFound('apps:destroy -a wbe-demo --confirm wbe-demo'),
    refused: usage('apps:destroy -a web-demo --confirm api-demo'),
    'bad flag': usage('apps:destroy -a web-demo --nonsense'),
    'bad value': usage('apps:destroy -a web-demo --confirm'),
    'missing argument': usage('apps:destroy --confirm web-demo'),
    'no terminal': usage('apps:destroy -a web-demo'),
    'input at its end': exits(2, 'apps:destroy -a web-demo', { stdin: '' }),
  },
  'apps:forward': {
    ...neverAsks,
    ok: none('it stays until Ctrl-C, and needs dynos: commands.test.ts of tunnels'),
    'not found': none('without a platform that runs nothing is looked up'),
    refused: exits(6, 'apps:forward web-demo 5000'),
    'bad flag': usage('apps:forward web-demo 5000 --nonsense'),
    'bad value': usage('apps:forward web-demo 5000 --local 0.0.0.0:5000'),
    'missing argument': usage('apps:forward web-demo'),
  },
  'apps:info': {
    ...neverAsks,
    ok: ok('apps:info -a web-demo'),
    'not found': notFound('apps:info -a wbe-demo'),
    refused: none('it changes nothing'),
    'bad flag': usage('apps:info -a web-demo --nonsense'),
    'bad value': usage('apps:info -a'),
    'missing argument': usage('apps:info'),
  },
  'apps:open': {
    ...neverAsks,
    ok: ok('apps:open -a web-demo'),
    'not found': notFound('apps:open -a wbe-demo'),
    refused: none('it changes nothing'),
    'bad flag': usage('apps:open -a web-demo --nonsense'),
    'bad value': usage('apps:open -a'),
    'missing argument': usage('apps:open'),
  },
  'apps:update': {
    ...neverAsks,
    ok: ok('apps:update -a web-demo --description shop'),
    'not found': notFound('apps:update -a wbe-demo --description shop'),
    refused: none('what it can change may always be changed'),
    'bad flag': usage('apps:update -a web-demo --space vault'),
    'bad value': usage('apps:update -a web-demo --maintenance perhaps'),
    'missing argument': usage('apps:update -a web-demo'),
  },
  audits: {
    ...lists,
    ok: ok('audits --space demo'),
    'bad flag': usage('audits --nonsense'),
    'bad value': usage('audits --size 0'),
  },
  'audits:verify': { ...lists, ok: ok('audits:verify'), 'bad flag': usage('audits:verify --nonsense') },
  builds: {
    ...neverAsks,
    ok: ok('builds -a web-demo'),
    'not found': notFound('builds -a wbe-demo'),
    refused: none('it changes nothing'),
    'bad flag': usage('builds -a web-demo --nonsense'),
    'bad value': usage('builds -a'),
    'missing argument': usage('builds'),
  },
  'builds:create': {
    ...neverAsks,
    ok: ok('builds:create shop -a web-demo --no-wait'),
    'not found': notFound('builds:create shop -a wbe-demo --no-wait'),
    refused: none('only when ten builds wait: test/contract'),
    'bad flag': usage('builds:create shop -a web-demo --nonsense'),
    'bad value': usage('builds:create nowhere -a web-demo --no-wait'),
    'missing argument': usage('builds:create shop --no-wait'),
  },
  'builds:info': {
    ...neverAsks,
    ok: ok('builds:info -a web-demo'),
    'not found': notFound('builds:info 7 -a web-demo'),
    refused: none('it changes nothing'),
    'bad flag': usage('builds:info 1 -a web-demo --nonsense'),
    'bad value': usage('builds:info 1 2 -a web-demo'),
    'missing argument': usage('builds:info 1'),
  },
  'builds:output': {
    ...neverAsks,
    ok: ok('builds:output 1 -a web-demo'),
    'not found': notFound('builds:output -a api-demo'),
    refused: none('it changes nothing'),
    'bad flag': usage('builds:output 1 -a web-demo --nonsense'),
    'bad value': usage('builds:output 1 2 -a web-demo'),
    'missing argument': usage('builds:output 1'),
  },
  'builds:stop': {
    ...neverAsks,
    ok: ok('builds:stop 2 -a web-demo'),
    'not found': notFound('builds:stop 7 -a web-demo'),
    refused: refused('builds:stop 1 -a web-demo'),
    'bad flag': usage('builds:stop 2 -a web-demo --nonsense'),
    'bad value': usage('builds:stop 1 2 -a web-demo'),
    'missing argument': usage('builds:stop -a web-demo'),
  },
  compliance: { ...lists, ok: ok('compliance'), 'bad flag': usage('compliance --nonsense') },
  completion: {
    ...lists,
    ok: ok('completion bash'),
    'bad flag': usage('completion bash --nonsense'),
    'bad value': usage('completion tcsh'),
    'missing argument': usage('completion'),
  },
  'compliance:explain': {
    ...lists,
    ok: ok('compliance:explain socs,prod'),
    'bad flag': usage('compliance:explain socs --nonsense'),
    'bad value': usage('compliance:explain sock'),
    'missing argument': usage('compliance:explain'),
  },
  config: {
    ...neverAsks,
    ok: ok('config -a web-demo'),
    'not found': notFound('config -a wbe-demo'),
    refused: none('it changes nothing'),
    'bad flag': usage('config -a web-demo --shel'),
    'bad value': usage('config -a'),
    'missing argument': usage('config'),
  },
  'config:get': {
    ...neverAsks,
    ok: ok('config:get LOG_LEVEL -a web-demo'),
    'not found': notFound('config:get LOG_LEVLE -a web-demo'),
    refused: none('it changes nothing'),
    'bad flag': usage('config:get LOG_LEVEL -a web-demo --nonsense'),
    'bad value': usage('config:get LOG_LEVEL DATABASE_URL -a web-demo'),
    'missing argument': usage('config:get -a web-demo'),
  },
  'config:set': {
    ok: ok('config:set LOG_LEVEL=warn -a web-demo'),
    'not found': notFound('config:set LOG_LEVEL=warn -a wbe-demo'),
    refused: refused('config:set PORT=80 -a web-demo'),
    'bad flag': usage('config:set LOG_LEVEL=warn -a web-demo --form-file .env'),
    'bad value': usage('config:set LOG_LEVEL -a web-demo'),
    'missing argument': usage('config:set -a web-demo'),
    'no terminal': none('it never asks'),
    'input at its end': exits(2, 'config:set LOG_LEVEL=- -a web-demo', { stdin: '' }),
  },
  'config:unset': {
    ...neverAsks,
    ok: ok('config:unset LOG_LEVEL -a web-demo'),
    'not found': notFound('config:unset LOG_LEVEL -a wbe-demo'),
    refused: refused('config:unset WEB_SERVICE_HOST -a web-demo'),
    'bad flag': usage('config:unset LOG_LEVEL -a web-demo --nonsense'),
    'bad value': usage('config:unset LOG-LEVEL -a web-demo'),
    'missing argument': usage('config:unset -a web-demo'),
  },
  'config:why': {
    ...neverAsks,
    ok: ok('config:why LOG_LEVEL -a web-demo'),
    'not found': notFound('config:why LOG_LEVEL -a wbe-demo'),
    refused: none('it changes nothing'),
    'bad flag': usage('config:why LOG_LEVEL -a web-demo --nonsense'),
    'bad value': usage('config:why LOG_LEVEL PORT -a web-demo'),
    'missing argument': usage('config:why -a web-demo'),
  },
  deploy: {
    ...neverAsks,
    ok: ok('deploy shop -a web-demo --no-wait'),
    'not found': notFound('deploy shop -a wbe-demo --no-wait'),
    refused: none('only when ten builds wait: test/contract'),
    'bad flag': usage('deploy shop -a web-demo --nonsense'),
    'bad value': usage('deploy shop -a web-demo --no-wait --wait=3'),
    'missing argument': usage('deploy shop --no-wait'),
  },
  logs: {
    ...neverAsks,
    ok: ok('logs -a web-demo --dyno web.1'),
    'not found': notFound('logs --space dmeo'),
    refused: none('it changes nothing'),
    'bad flag': usage('logs -a web-demo --nonsense'),
    'bad value': usage('logs -a web-demo --lines=-1'),
    'missing argument': usage('logs'),
  },
  orgs: { ...lists, ok: ok('orgs'), 'bad flag': usage('orgs --nonsense') },
  'platform:allow-host': {
    ...neverAsks,
    ok: ok('platform:allow-host 5432 --space demo --name db.internal'),
    'not found': notFound('platform:allow-host 5432 --space dmeo'),
    refused: refused('platform:allow-host 3128 --space demo'),
    'bad flag': usage('platform:allow-host 5432 --space demo --nonsense'),
    'bad value': usage('platform:allow-host 5432 --space demo --name web.localhost'),
    'missing argument': usage('platform:allow-host 5432'),
  },
  'platform:allowed-hosts': {
    ...lists,
    ok: ok('platform:allowed-hosts --space demo'),
    'not found': notFound('platform:allowed-hosts --space dmeo'),
    'bad flag': usage('platform:allowed-hosts --nonsense'),
  },
  'platform:backup': {
    ...neverAsks,
    ok: ok('platform:backup friday.backup'),
    'not found': exits(2, 'platform:backup missing/friday.backup'),
    refused: refused('platform:backup monday.backup'),
    'bad flag': usage('platform:backup friday.backup --nonsense'),
    'bad value': exits(7, 'platform:backup friday.backup --api http://127.0.0.1:9'),
    'missing argument': usage('platform:backup'),
  },
  'platform:ca': {
    ...lists,
    ok: ok('platform:ca'),
    'not found': none(
      'the platform of these tests was started once: machine.test.ts asks for one that never was',
    ),
    'bad flag': usage('platform:ca --nonsense'),
  },
  'platform:configure': {
    ...neverAsks,
    ok: ok('platform:configure --log-quota 500MB --internal-allow 10.0.0.0/8'),
    'not found': none('it looks nothing up'),
    refused: none(
      'what it can change may be changed while the platform does not run: configure.test.ts has the rest',
    ),
    'bad flag': usage('platform:configure --nonsense'),
    'bad value': usage('platform:configure --router-port 9000 --http-port 9000'),
    'missing argument': none('it takes none'),
  },
  'platform:deny-host': {
    ...neverAsks,
    ok: ok('platform:deny-host 5432 --space demo'),
    'not found': notFound('platform:deny-host 5433 --space demo'),
    refused: none('what is allowed may always be denied'),
    'bad flag': usage('platform:deny-host 5432 --space demo --nonsense'),
    'bad value': usage('platform:deny-host 65536 --space demo'),
    'missing argument': usage('platform:deny-host --space demo'),
  },
  'platform:disable': {
    ...lists,
    ok: ok('platform:disable'),
    'bad flag': usage('platform:disable --nonsense'),
  },
  'platform:doctor': { ...lists, ok: ok('platform:doctor'), 'bad flag': usage('platform:doctor --nonsense') },
  'platform:enable': {
    ...lists,
    ok: none('it needs systemd: enable.test.ts'),
    refused: exits(7, 'platform:enable'),
    'bad flag': usage('platform:enable --nonsense'),
    'bad value': usage('platform:enable --listen nowhere'),
  },
  'platform:hosts': {
    ...lists,
    ok: ok('platform:hosts --space demo'),
    'not found': notFound('platform:hosts --space dmeo'),
    refused: none('what it changes is the machine: machine.test.ts does so in a place of its own'),
    'bad flag': usage('platform:hosts --nonsense'),
    'bad value': usage('platform:hosts --install --remove'),
  },
  'platform:logs': {
    ...lists,
    ok: ok('platform:logs -n 1'),
    'bad flag': usage('platform:logs --nonsense'),
    'bad value': usage('platform:logs -n -1'),
  },
  'platform:restore': {
    ok: ok('platform:restore monday.backup --confirm monday.backup'),
    'not found': exits(2, 'platform:restore friday.backup --confirm friday.backup'),
    refused: usage('platform:restore monday.backup --confirm friday.backup'),
    'bad flag': usage('platform:restore monday.backup --force'),
    'bad value': usage('platform:restore ../.local/share/aka/platform.db --confirm platform.db'),
    'missing argument': usage('platform:restore --confirm monday.backup'),
    'no terminal': usage('platform:restore monday.backup'),
    'input at its end': exits(2, 'platform:restore monday.backup', { stdin: '' }),
  },
  'platform:rotate-key': {
    ...lists,
    ok: ok('platform:rotate-key'),
    'bad flag': usage('platform:rotate-key --nonsense'),
  },
  'platform:start': {
    ...lists,
    ok: none('it starts what stays: background.test.ts and daemon.test.ts'),
    'bad flag': usage('platform:start --foreground --nonsense'),
    'bad value': usage('platform:start --foreground --listen 0.0.0.0:0'),
  },
  'platform:status': {
    ...lists,
    ok: no('platform:status'),
    'bad flag': usage('platform:status --nonsense'),
  },
  'platform:stop': {
    ...lists,
    ok: ok('platform:stop'),
    'bad flag': usage('platform:stop --nonsense'),
    'bad value': usage('platform:stop --timeout -1'),
  },
  ps: {
    ...neverAsks,
    ok: ok('ps -a web-demo'),
    'not found': notFound('ps -a wbe-demo'),
    refused: none('it changes nothing'),
    'bad flag': usage('ps -a web-demo --nonsense'),
    'bad value': usage('ps -a'),
    'missing argument': usage('ps'),
  },
  'ps:create': {
    ...neverAsks,
    ok: ok('ps:create clock --command tick -a web-demo'),
    'not found': notFound('ps:create clock --command tick -a wbe-demo'),
    refused: refused('ps:create worker --command work -a web-demo'),
    'bad flag': usage('ps:create clock -a web-demo --nonsense'),
    'bad value': usage('ps:create clock --size huge -a web-demo'),
    'missing argument': usage('ps:create -a web-demo'),
  },
  'ps:destroy': {
    ok: ok('ps:destroy worker -a web-demo --confirm worker'),
    'not found': notFound('ps:destroy wroker -a web-demo --confirm wroker'),
    refused: usage('ps:destroy worker -a web-demo --confirm web'),
    'bad flag': usage('ps:destroy worker -a web-demo --nonsense'),
    'bad value': usage('ps:destroy worker -a web-demo --confirm'),
    'missing argument': usage('ps:destroy -a web-demo --confirm worker'),
    'no terminal': usage('ps:destroy worker -a web-demo'),
    'input at its end': exits(2, 'ps:destroy worker -a web-demo', { stdin: '' }),
  },
  'ps:restart': {
    ...neverAsks,
    ok: none('it needs a platform that runs: deploy.test.ts'),
    'not found': notFound('ps:restart -a wbe-demo'),
    refused: none('dynos may always be restarted'),
    'bad flag': usage('ps:restart -a web-demo --nonsense'),
    'bad value': usage('ps:restart web.1 web.2 -a web-demo'),
    'missing argument': usage('ps:restart'),
  },
  'ps:update': {
    ...neverAsks,
    ok: ok('ps:update worker --quantity 2 --command= -a web-demo'),
    'not found': notFound('ps:update wroker --quantity 2 -a web-demo'),
    refused: none('what it can change may always be changed'),
    'bad flag': usage('ps:update worker -a web-demo --nonsense'),
    'bad value': usage('ps:update worker --quantity 33 -a web-demo'),
    'missing argument': usage('ps:update worker -a web-demo'),
  },
  'ps:wait': {
    ...neverAsks,
    ok: none('it needs a platform that runs: deploy.test.ts'),
    'not found': notFound('ps:wait -a wbe-demo'),
    refused: none('it changes nothing'),
    'bad flag': usage('ps:wait -a web-demo --nonsense'),
    'bad value': usage('ps:wait -a web-demo --wait=long'),
    'missing argument': usage('ps:wait'),
  },
  'platform:trust': {
    ...lists,
    ok: ok('platform:trust'),
    refused: none('what it changes is the machine: machine.test.ts does so in a place of its own'),
    'bad flag': usage('platform:trust --nonsense'),
    'bad value': usage('platform:trust --confirm abc'),
    'no terminal': none('only --install asks: machine.test.ts'),
    'input at its end': none('only --install asks: machine.test.ts'),
  },
  regions: { ...lists, ok: ok('regions'), 'bad flag': usage('regions --nonsense') },
  'regions:info': {
    ...lists,
    ok: ok('regions:info local'),
    'not found': notFound('regions:info lcoal'),
    'bad flag': usage('regions:info local --nonsense'),
    'missing argument': usage('regions:info'),
  },
  releases: {
    ...neverAsks,
    ok: ok('releases -a web-demo'),
    'not found': notFound('releases -a wbe-demo'),
    refused: none('it changes nothing'),
    'bad flag': usage('releases -a web-demo --nonsense'),
    'bad value': usage('releases -a'),
    'missing argument': usage('releases'),
  },
  'releases:info': {
    ...neverAsks,
    ok: ok('releases:info v2 -a web-demo'),
    'not found': notFound('releases:info v9 -a web-demo'),
    refused: none('it changes nothing'),
    'bad flag': usage('releases:info v2 -a web-demo --nonsense'),
    'bad value': usage('releases:info v1 v2 -a web-demo'),
    'missing argument': usage('releases:info -a web-demo'),
  },
  'releases:rollback': {
    ...neverAsks,
    ok: ok('releases:rollback v2 -a web-demo'),
    'not found': notFound('releases:rollback v9 -a web-demo'),
    refused: refused('releases:rollback v1 -a web-demo'),
    'bad flag': usage('releases:rollback v2 -a web-demo --nonsense'),
    'bad value': usage('releases:rollback v2 -a web-demo --wait=long'),
    'missing argument': usage('releases:rollback -a web-demo'),
  },
  sizes: { ...lists, ok: ok('sizes'), 'bad flag': usage('sizes --nonsense') },
  run: {
    ...neverAsks,
    ok: none('it needs dynos: commands.test.ts of tunnels'),
    'not found': none('without a platform that runs nothing is looked up'),
    refused: exits(6, 'run -a web-demo true'),
    'bad flag': usage('run -a web-demo --nonsense true'),
    'bad value': usage('run -a web-demo --env =x true'),
    'missing argument': usage('run -a web-demo'),
  },
  spaces: {
    ...lists,
    ok: ok('spaces'),
    'not found': notFound('spaces --stack lcoal'),
    'bad flag': usage('spaces --nonsense'),
    'bad value': usage('spaces --compliance sock'),
  },
  'spaces:check': {
    ...lists,
    ok: none('it needs the running platform: check.test.ts'),
    'not found': notFound('spaces:check dmeo'),
    refused: exits(6, 'spaces:check demo'),
    'bad flag': usage('spaces:check demo --nonsense'),
    'missing argument': usage('spaces:check'),
  },
  'spaces:create': {
    ok: ok('spaces:create shop --compliance socs,prod'),
    'not found': notFound('spaces:create shop --stack lcoal'),
    refused: refused('spaces:create demo'),
    'bad flag': usage('spaces:create shop --complaince socs'),
    'bad value': usage('spaces:create shop --compliance sock'),
    'missing argument': usage('spaces:create --compliance socs'),
    'no terminal': usage('spaces:create'),
    'input at its end': exits(2, 'spaces:create', { stdin: '' }),
  },
  'spaces:destroy': {
    ok: ok('spaces:destroy demo-staging --confirm demo-staging'),
    'not found': notFound('spaces:destroy dmeo --confirm dmeo'),
    refused: refused('spaces:destroy demo --confirm demo'),
    'bad flag': usage('spaces:destroy demo-staging --nonsense'),
    'bad value': usage('spaces:destroy demo-staging --confirm demo'),
    'missing argument': usage('spaces:destroy --confirm demo-staging'),
    'no terminal': usage('spaces:destroy demo-staging'),
    'input at its end': exits(2, 'spaces:destroy demo-staging', { stdin: '' }),
  },
  'spaces:diff': {
    ...lists,
    ok: no('spaces:diff demo vault'),
    'not found': notFound('spaces:diff demo vualt'),
    'bad flag': usage('spaces:diff demo vault --nonsense'),
    'missing argument': usage('spaces:diff demo'),
  },
  'spaces:env': {
    ...lists,
    ok: ok('spaces:env demo'),
    'not found': notFound('spaces:env dmeo'),
    'bad flag': usage('spaces:env demo --fromat shell'),
    'bad value': usage('spaces:env demo --format yaml'),
    'missing argument': usage('spaces:env'),
  },
  'spaces:info': {
    ...lists,
    ok: ok('spaces:info demo'),
    'not found': notFound('spaces:info dmeo'),
    'bad flag': usage('spaces:info demo --nonsense'),
    'missing argument': usage('spaces:info'),
  },
  'spaces:ps': {
    ...lists,
    ok: ok('spaces:ps demo'),
    'not found': notFound('spaces:ps dmeo'),
    'bad flag': usage('spaces:ps demo --nonsense'),
    'missing argument': usage('spaces:ps'),
  },
  'spaces:topology': {
    ...lists,
    ok: ok('spaces:topology demo'),
    'not found': notFound('spaces:topology dmeo'),
    'bad flag': usage('spaces:topology demo --nonsense'),
    'missing argument': usage('spaces:topology'),
  },
  'spaces:update': {
    ...neverAsks,
    ok: ok('spaces:update demo --description shop'),
    'not found': notFound('spaces:update dmeo --description shop'),
    refused: none('a description may always be changed; other flags are not there'),
    'bad flag': usage('spaces:update demo --compliance socs'),
    'bad value': usage('spaces:update demo --description'),
    'missing argument': usage('spaces:update demo'),
  },
  'spaces:wait': {
    ...lists,
    ok: none('it needs a platform that runs: deploy.test.ts'),
    'not found': notFound('spaces:wait dmeo'),
    'bad flag': usage('spaces:wait demo --nonsense'),
    'bad value': usage('spaces:wait demo --wait=long'),
    'missing argument': usage('spaces:wait'),
  },
  stacks: { ...lists, ok: ok('stacks'), 'bad flag': usage('stacks --nonsense') },
  'stacks:info': {
    ...lists,
    ok: ok('stacks:info local'),
    'not found': notFound('stacks:info lcoal'),
    'bad flag': usage('stacks:info local --nonsense'),
    'missing argument': usage('stacks:info'),
  },
};
