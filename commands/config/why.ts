import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { checkConfigName, configVarOwner, PLATFORM_VARS } from '../../src/model/config-vars.js';
import { discoveryVarApp, discoveryVars } from '../../src/model/discovery.js';
import { redact, redactText } from '../../src/model/redaction.js';
import { RuleError } from '../../src/model/rule.js';

interface Why {
  name: string;
  app: string;
  /** Who sets it, or `refused` if nobody can. */
  from: 'user' | 'discovery' | 'platform' | 'refused';
  set: boolean;
  /** Redacted by the same rule in every space: a reason needs no secret. */
  value?: string;
  why: string;
}

export default class ConfigWhy extends AkaCommand<Why> {
  static override summary =
    'say where a config var comes from: user, discovery or platform - or why it is refused';
  static override examples = ['<%= config.bin %> config:why API_SERVICE_HOST -a web-demo'];
  static override args = { name: argument.required('name of the config var') };
  static override flags = { app: appFlag };

  async run(): Promise<Why> {
    const { args, flags } = await this.parse(ConfigWhy);
    const api = await this.api();
    const app = await api.apps.get({ app: appNamed(flags.app) });
    // A token can have the form of a name.
    const name = redactText(args.name);
    const facts = { name, app: app.name };
    const owner = configVarOwner(args.name);
    if (owner === 'platform') {
      const vars = await api.configVars.get({ app: app.name });
      const value = vars[args.name];
      const why = `The platform sets it for every dyno: ${PLATFORM_VARS[args.name as keyof typeof PLATFORM_VARS]}.`;
      return { ...facts, from: 'platform', set: true, ...(value === undefined ? {} : { value }), why };
    }
    if (owner === 'discovery') {
      const other = discoveryVarApp(args.name) ?? '';
      const vars = discoveryVars((await api.spaces.discovery({ space: app.space.name })).apps);
      const value = vars[args.name];
      return value === undefined
        ? {
            ...facts,
            from: 'refused',
            set: false,
            why: `It would be how an app named ${other} is found; there is none in space ${app.space.name}, and nobody else can set it.`,
          }
        : {
            ...facts,
            from: 'discovery',
            set: true,
            value,
            why: `It is how app ${other} of space ${app.space.name} is found; every dyno there gets it.`,
          };
    }
    const reason = refusal(args.name);
    if (reason !== undefined) return { ...facts, name: 'that', from: 'refused', set: false, why: reason };
    const value = (await api.configVars.get({ app: app.name }))[args.name];
    return value === undefined
      ? {
          ...facts,
          from: 'user',
          set: false,
          why: `Users may set it; nobody has: aka config:set ${name}=VALUE -a ${app.name}`,
        }
      : {
          ...facts,
          from: 'user',
          set: true,
          value: redact(args.name, value),
          why: 'It was set with config:set.',
        };
  }

  protected render({ name, from, set, value, why }: Why, out: Output): void {
    out.facts([
      ['Var', name],
      ['From', from],
      ['Set', set ? 'yes' : 'no'],
      ...(value === undefined ? [] : ([['Value', value]] as const)),
      ['Why', why],
    ]);
  }
}

function refusal(name: string): string | undefined {
  try {
    checkConfigName(name);
    return undefined;
  } catch (error) {
    if (error instanceof RuleError) return `${error.message} ${error.hint ?? ''}`.trim();
    throw error;
  }
}
