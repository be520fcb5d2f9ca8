import type { CommandForm, FlagForm, Value } from './grammar.js';

/*
 * The grammar in the words that the scripts for bash and fish are driven by:
 *   a flag    --compliance,-c+=socs,prod   its names, + if it can be repeated, = and a value unless it is a switch
 *   a value   @spaces  names from the platform     a|b|c  one of these     a,b,c  any of these, with commas
 *             @file    a path                      -      anything
 *   arguments @spaces - ...                a value each; ... if the last one can be repeated
 */

export function flagNotation({ long, short, repeatable, value }: FlagForm): string {
  const names = short === undefined ? long : `${long},${short}`;
  return `${names}${repeatable ? '+' : ''}${value === undefined ? '' : `=${valueNotation(value)}`}`;
}

export function argsNotation({ args, endless }: CommandForm): string {
  const values = args.map(({ value }) => valueNotation(value));
  if (endless) return `${values.join(' ') || '-'} ...`;
  return values.join(' ');
}

function valueNotation(value: Value): string {
  switch (value.kind) {
    case 'names':
      return `@${value.of}`;
    case 'words':
      return value.words.length === 0 ? '-' : value.words.join('|');
    case 'set':
      return value.words.join(',');
    case 'file':
      return '@file';
    case 'text':
      return '-';
  }
}
