import type { Command } from '@oclif/core';

/** What has to be known of a command to write its usage. */
export interface UsageForm {
  readonly id: string;
  readonly strict?: boolean | undefined;
  readonly usage?: string | readonly string[] | undefined;
  readonly args: Readonly<
    Record<string, { readonly name?: string; readonly required?: boolean | undefined }>
  >;
  readonly flags: Readonly<Record<string, FlagForm>>;
}

type FlagForm = Pick<Command.Flag.Any, 'required' | 'char' | 'hidden' | 'helpGroup' | 'type'> & {
  readonly helpValue?: string | readonly string[] | undefined;
};

/** The usage of a command in one line, such as `aka ps:restart [DYNO] [-a APP-SPACE] [flags]`. */
export function usageLine(form: UsageForm): string {
  return `aka ${usageOf(form)}`;
}

/** The same without the name of the program; the build puts it into the manifest, where help takes it from. */
export function usageOf({ id, usage, args, flags }: UsageForm): string {
  if (usage !== undefined) return typeof usage === 'string' ? usage : (usage[0] ?? id);
  const words = Object.entries(args).map(([name, { required }]) =>
    required === true ? name.toUpperCase() : `[${name.toUpperCase()}]`,
  );
  const shown = Object.entries(flags).filter(
    ([, flag]) => flag.hidden !== true && flag.helpGroup !== 'GLOBAL',
  );
  const needed = shown.filter(([name, flag]) => flag.required === true || name === 'app');
  const named = needed.map(([name, flag]) => {
    const word = `${flag.char === undefined ? `--${name}` : `-${flag.char}`} ${valueOf(name, flag)}`;
    return flag.required === true ? word : `[${word}]`;
  });
  return [id, ...words, ...named, ...(shown.length > needed.length ? ['[flags]'] : [])].join(' ');
}

function valueOf(name: string, { helpValue = name.toUpperCase() }: FlagForm): string {
  return typeof helpValue === 'string' ? helpValue : helpValue.join(' ');
}
