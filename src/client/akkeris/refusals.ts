import { type Endpoint, NONE_THERE, pathMembers } from '../../contract/endpoints.js';
import { AppsApiError, conflict, notFound } from '../../contract/errors.js';
import { quote, shown } from '../../model/rule.js';

/*
 * What an Akkeris installation refuses, in our words. Its texts name other things than the user did, and one that lists
 * reasons does so below its first line.
 */

type Input = Readonly<Record<string, unknown>>;

/** What was asked for, as far as a text is about it. */
interface Asked {
  readonly endpoint: Pick<Endpoint, 'method' | 'path'> & Partial<Endpoint>;
  readonly input: Input;
  readonly error: AppsApiError;
}

type Reword = (match: RegExpExecArray, asked: Asked) => AppsApiError;

/**
 * Returns the error that stands for a refusal of an Akkeris installation, of which `text` is the body; `error` itself where its
 * text says all.
 */
export function reworded(error: AppsApiError, text: string, asked: Omit<Asked, 'error'>): AppsApiError {
  for (const [pattern, reword] of REFUSALS) {
    const match = pattern.exec(text.trim());
    if (match !== null) return reword(match, { ...asked, error });
  }
  return error;
}

const REFUSALS: readonly (readonly [RegExp, Reword])[] = [
  [/^Internal Server Error$/, (_, asked) => ofItsOwn(asked)],
  [/^Service Unavailable Error$/, (_, asked) => ofItsCluster(asked)],
  [/^The specified pipeline coupling was not found\.$/, missingCoupling],
  [
    /^The specified (hook result|release status|dyno id|addon attachments|[a-z]+)(?: (\S+))?(?: on \S+)? (?:does not exist|was not found|could not be found)\.?$/,
    ([, noun = '', key], asked) => missing(NOUNS[noun] ?? noun, key, asked),
  ],
  [/^Unable to find region (.*)\.$/, ([, key], asked) => missing('stack', key, asked)],
  [/^The dyno type (\S+) was not found\.$/, ([, key], asked) => missing('process type', key, asked)],
  [/^The specified uuid was invalid\.$/, (_, asked) => missing(askedFor(asked), undefined, asked)],
  [/^This application does not have any formations/, (_, asked) => missing('process type', undefined, asked)],
  [/^The process of type (\S+) already exists\.$/, existingType],
  [/exists, but is not yet building\.$/, (_, { input }) => notBuilding(input)],
  [/the build ID has already finished\.$/, (_, { input }) => finished(input)],
  [
    /^The slug (\S+) does not exist or is still in process of building/,
    ([, slug = '']) =>
      conflict(
        'no_slug',
        `Build ${shown(slug)} can't be released: it is another app's, not done, or failed.`,
      ),
  ],
  [/^A run command must be specified/, (_, asked) => needsCommand(asked)],
  [/^An apps formation can/, (_, { input }) => inMaintenance(input)],
  [
    /^The environment variable (\S+) is reserved/,
    ([, name = '']) =>
      conflict('reserved_var', `Config var ${shown(name)} is reserved: it can't be changed.`),
  ],
  [
    /^The environment variable (\S+) was set by a service/,
    ([, name = ''], { input }) =>
      conflict(
        'var_of_addon',
        `Config var ${shown(name)} comes from an addon: it changes only with that.`,
        `See which one: aka config:why ${shown(name)} -a ${appIn(input)}`,
      ),
  ],
  [
    /^The environment variable (\S+) does not exist and cannot be removed\.$/,
    ([, name = ''], { input }) =>
      conflict(
        'no_such_var',
        `Config var ${shown(name)} can't be removed: it isn't set, or is empty, which can't be removed there.`,
        `Every config var: aka config -a ${appIn(input)}`,
      ),
  ],
  [
    /^The (?:specified|requested) (pipeline|application|space|site) already exists\.$/,
    ([, noun = '']) =>
      conflict('exists', `There is a${noun === 'application' ? 'n app' : ` ${noun}`} of that name already.`),
  ],
  [
    /^The application already is pipelined\.$/,
    (_, { input }) =>
      conflict(
        'exists',
        `App ${appIn(input)} is in a pipeline already.`,
        `See which one: aka apps:info -a ${appIn(input)}`,
      ),
  ],
  [
    /^The specified feature (\S+) has been deprecated/,
    ([, name = '']) => conflict('deprecated', `Feature ${shown(name)} is deprecated: it can't be changed.`),
  ],
  [
    /^The specified addon may not be attached to this app\.\s+It requires these necessary compliances in the space: (.*)$/,
    ([, words = '']) =>
      conflict(
        'compliance_lacking',
        `The space of the app lacks compliance ${shown(words)}, which this addon requires.`,
      ),
  ],
  [
    /^The specified plan could not be found: (\S+)/,
    ([, plan = '']) => notFound('plan', plan, undefined, 'A plan is SERVICE:PLAN.'),
  ],
  [
    /^The specified space is an invalid or reserved name/,
    (_, { input }) =>
      conflict(
        'reserved_space_name',
        `A space can't be named ${shown(memberOf(input, 'name'))}: the installation keeps that name for itself.`,
        'Choose another name.',
      ),
  ],
  [
    /^The specified region or stack has been deprecated/,
    () =>
      conflict(
        'deprecated_stack',
        'The stack is deprecated: no space can be created on it.',
        'Every stack: aka stacks',
      ),
  ],
  [
    /^(?:TypeError: )?(?:Cannot (?:read|convert)|.* is not a function$)/,
    (_, { error: { id, status } }) =>
      new AppsApiError({ id, status, message: 'The controller of the installation failed on this input.' }),
  ],
  [/^There were no releases found for the app ID\.$/, (_, { error }) => neverReleased(error)],
  [/^This promotion was stopped as it was deemed unsafe:([^]*)$/, unmetChecks],
  [/^Safe promotion was specified[^]*?Reasons:([^]*)$/, unsafe],
  [
    /^Only users with elevated access may removed an app/,
    (_, { error }) => forAdministrators('remove an app from a pipeline', error),
  ],
  [
    /^Only elevated access users may remove pipeline required/,
    (_, { error }) => forAdministrators('require less', error),
  ],
];

/** How the nouns of its texts are called here. */
const NOUNS: Readonly<Record<string, string>> = {
  app: 'app',
  application: 'app',
  formation: 'process type',
  'dyno id': 'dyno',
  'hook result': 'webhook delivery',
  hook: 'webhook',
  'release status': 'release status',
  'addon attachments': 'addon attachment',
  service: 'addon',
};

/** The members of an input that name something, by its noun. */
const MEMBERS: Readonly<Record<string, string>> = {
  app: 'app',
  'process type': 'type',
  'webhook delivery': 'result',
  webhook: 'hook',
  'release status': 'status',
  'addon attachment': 'attachment',
};

/** Where all of a kind are listed. */
const LISTS: Readonly<Record<string, (app: string) => string>> = {
  app: () => 'apps',
  space: () => 'spaces',
  stack: () => 'stacks',
  region: () => 'regions',
  organization: () => 'orgs',
  pipeline: () => 'pipelines',
  build: (app) => `builds -a ${app}`,
  release: (app) => `releases -a ${app}`,
  'process type': (app) => `ps -a ${app}`,
  dyno: (app) => `ps -a ${app}`,
  webhook: (app) => `hooks -a ${app}`,
};

/** It may have written something down before it failed. */
function ofItsOwn({ endpoint, error: { id, status } }: Asked): AppsApiError {
  return new AppsApiError({
    id,
    status,
    message: `The controller of the installation failed (${status} Internal Server Error).`,
    hint: endpoint.method === 'GET' ? 'Try again later.' : 'Look at what is there before you try again.',
  });
}

function ofItsCluster({ error: { id, status, hint } }: Asked): AppsApiError {
  const message = `The cluster of the installation failed or does not answer (${status} Service Unavailable).`;
  return new AppsApiError({ id, status, message, hint });
}

function missing(noun: string, key: string | undefined, { input }: Asked): AppsApiError {
  const named = key ?? memberOf(input, MEMBERS[noun] ?? noun);
  const list = LISTS[noun]?.(appIn(input));
  return notFound(noun, named, undefined, list && `Every ${noun}: aka ${list}`);
}

/** What a path names, by its last member that is no app. */
function askedFor({ endpoint }: Asked): string {
  return pathMembers(endpoint as Endpoint).findLast((member) => member !== 'app') ?? 'app';
}

/** An app that is in no pipeline is in none; nothing is missing. */
function missingCoupling(_: RegExpExecArray, asked: Asked): AppsApiError {
  if (asked.endpoint.oneAlone === undefined)
    return missing('app of a pipeline', memberOf(asked.input, 'coupling'), asked);
  return new AppsApiError({ id: NONE_THERE, status: 404, message: asked.endpoint.oneAlone });
}

/** It says so also of a type that it was asked to change and doesn't have. */
function existingType([, type = '']: RegExpExecArray, asked: Asked): AppsApiError {
  if (asked.endpoint.method === 'PATCH') return missing('process type', undefined, asked);
  return conflict(
    'exists',
    `Process type ${shown(type)} exists already.`,
    `Change it: aka ps:update ${shown(type)} -a ${appIn(asked.input)}`,
  );
}

function notBuilding(input: Input): AppsApiError {
  return conflict(
    'not_building',
    `Build ${shown(memberOf(input, 'build'))} is queued: it can't be stopped before it is being built.`,
    `See when it is: aka builds:info ${shown(memberOf(input, 'build'))} -a ${appIn(input)}`,
  );
}

function finished(input: Input): AppsApiError {
  return conflict('finished', `Build ${shown(memberOf(input, 'build'))} can't be stopped: it has finished.`);
}

function needsCommand({ input }: Asked): AppsApiError {
  const type = shown(memberOf(input, 'type'));
  return new AppsApiError({
    id: 'command_missing',
    status: 422,
    message: `Process type ${type} needs a command: only web may go without.`,
    hint: 'Name it: --command COMMAND',
  });
}

function inMaintenance(input: Input): AppsApiError {
  return conflict(
    'maintenance',
    `App ${appIn(input)} is in maintenance: its process types can't be changed.`,
    `End maintenance: aka apps:update -a ${appIn(input)} --maintenance off`,
  );
}

function neverReleased({ status }: AppsApiError): AppsApiError {
  return new AppsApiError({
    id: 'no_release',
    status,
    message: 'The app that is promoted from has no release.',
  });
}

function unmetChecks([, reasons = '']: RegExpExecArray, { error }: Asked): AppsApiError {
  const pattern = /The app (\S+) at stage (\S+) requires the status "([^"]*)"/g;
  const unmet = [...reasons.matchAll(pattern)].map(
    ([, app = '', stage = '', context = '']) => `${shown(app)} at ${shown(stage)} requires ${quote(context)}`,
  );
  return conflict(
    'checks_missing',
    `Nothing was promoted: ${unmet.join('; ') || shown(error.message)}.`,
    'Each must be reported as success of the release: aka releases:status',
  );
}

function unsafe([, reasons = '']: RegExpExecArray): AppsApiError {
  const lines = reasons.split('\n').flatMap((line) => (line.trim() === '' ? [] : [shown(line.trim())]));
  return conflict('unsafe', `Nothing was promoted: ${lines.join(' ')}`);
}

function forAdministrators(what: string, { id, status }: AppsApiError): AppsApiError {
  return new AppsApiError({ id, status, message: `Only administrators of the installation may ${what}.` });
}

function memberOf(input: Input, name: string): string {
  const value = input[name];
  return typeof value === 'string' ? value : '';
}

function appIn(input: Input): string {
  return typeof input.app === 'string' ? shown(input.app) : 'APP-SPACE';
}
