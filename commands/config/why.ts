import { asTyped } from '../../src/cli/called-as.js';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { redactionRulesOf } from '../../src/cli/redaction-rules.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { Unsupported } from '../../src/contract/errors.js';
import { type Origin, originOf } from '../../src/model/config-origin.js';
import { configVarOwner } from '../../src/model/config-vars.js';
import { AT_START, discoveryVarApp, discoveryVars } from '../../src/model/discovery.js';
import { given } from '../../src/model/given.js';
import { redactText } from '../../src/model/redaction.js';

interface Why {
  /** Null for what is no name, which may be a value in the wrong place. */
  name: string | null;
  app: string;
  /** Who sets it, or `refused` if nobody can. */
  from: Origin['from'];
  /** Whether the app's dynos have it. */
  set: boolean;
  value?: string;
  why: string;
}

export default class ConfigWhy extends AkaCommand<Why> {
  static override summary = 'explain the source of a config var';
  static override description =
    'The source is the user, a credential, discovery or the platform. Also explains a refused name.';
  static override examples = ['<%= config.bin %> config:why API_SERVICE_HOST -a web-demo'];
  static override args = { name: argument.required('name of the config var') };
  static override flags = { app: appFlag };

  async run(): Promise<Why> {
    const { args, flags } = await this.parse(ConfigWhy);
    const api = await this.api();
    const app = await api.apps.get({ app: appNamed(flags.app) });
    const own = await api.configVars.get({ app: app.name });
    const owner = configVarOwner(args.name);
    const isOwn = Object.hasOwn(own, args.name);
    const vars =
      owner === 'discovery' && !isOwn
        ? discoveryVars((await api.spaces.discovery({ space: app.space.name })).apps)
        : own;
    const owned = owner === 'user' && isOwn;
    const [rules, credentials] = await Promise.all([
      redactionRulesOf(api),
      owned ? credentialsOf(api, app.name) : undefined,
    ]);
    const origin = originOf(args.name, vars, { rules, credentials, byHand: owner === 'discovery' && isOwn });
    // A token can have the form of a name.
    const name = redactText(args.name);
    return {
      name: origin.from === 'refused' && origin.as === 'name' ? null : name,
      app: app.name,
      from: origin.from,
      set: isSet(origin),
      ...given({ value: origin.from === 'refused' ? undefined : origin.value }),
      why: reasonOf(origin, name, app.name, app.space.name),
    };
  }

  protected render({ name, from, set, value, why }: Why, out: Output): void {
    out.facts([
      ...(name === null ? [] : ([['Var', name]] as const)),
      ['From', from],
      ['Set', set ? 'yes' : 'no'],
      ...(value === undefined ? [] : ([['Value', value]] as const)),
      ['Why', why],
    ]);
  }
}

/** Which vars of an app come from which credential; none on a platform without any. */
async function credentialsOf({ addonAttachments }: AppsApi, app: string): Promise<Map<string, string>> {
  try {
    const attached = await addonAttachments.list({ app });
    return new Map(
      attached.flatMap(({ addon, config_vars: names = [] }) =>
        names.map((name) => [name, addon.name] as const),
      ),
    );
  } catch (error) {
    if (error instanceof Unsupported) return new Map();
    throw error;
  }
}

function isSet(origin: Origin): boolean {
  switch (origin.from) {
    case 'platform':
      return origin.facts.when === 'dyno';
    case 'discovery':
    case 'credential':
      return true;
    case 'user':
      return origin.value !== undefined;
    case 'refused':
      return false;
  }
}

function userText(name: string): string {
  const app = discoveryVarApp(name);
  return app === undefined
    ? 'It was set with config:set.'
    : `It was set by hand, and hides how an app named ${app} is found.`;
}

function reasonOf(origin: Origin, name: string, app: string, space: string): string {
  switch (origin.from) {
    case 'platform':
      return origin.facts.when === 'dyno'
        ? `The platform sets it for every dyno: ${origin.facts.is}.`
        : `The platform sets it while an app is built, and for no dyno: ${origin.facts.is}.`;
    case 'discovery':
      return origin.value === AT_START
        ? `It is how app ${origin.app} of space ${space} is found; dynos that start after that app was created get it.`
        : `It is how app ${origin.app} of space ${space} is found; every dyno there gets it.`;
    case 'credential':
      return `It comes from credential ${origin.credential}, which is attached to ${app}: ${asTyped(`aka credentials:info ${origin.credential}`)}`;
    case 'user':
      return origin.value === undefined
        ? `Users may set it; nobody has: ${asTyped(`aka config:set ${name}=VALUE -a ${app}`)}`
        : userText(name);
    case 'refused':
      return origin.as === 'name'
        ? origin.reason
        : `It would be how an app named ${origin.app} is found; there is none in space ${space}, and aka sets it for nothing else.`;
  }
}
