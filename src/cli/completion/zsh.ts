import { quoted } from '../../model/shell.js';
import {
  type ArgForm,
  type CommandForm,
  type FlagForm,
  functionName,
  type Grammar,
  TOPICS,
  type Value,
} from './grammar.js';

/**
 * The completion script for zsh: to be evaluated once `compinit` has run, or as the file `_aka` in a folder of
 * `fpath`. Names from the platform go to `compadd` as they are, which quotes what it inserts.
 */
export function zshScript({ programs, commands, shared }: Grammar): string {
  const [program = ''] = programs;
  const f = functionName(program);
  const described = commands.map(
    ({ id, summary }) => `    ${quoted(`${id.replaceAll(':', '\\:')}:${summary}`)}`,
  );
  const cases = commands.map(
    (command) =>
      `    ${command.id})\n      _arguments : $shared${specs(f, command)
        .map((spec) => ` \\\n        ${spec}`)
        .join('')} ;;`,
  );
  return `#compdef ${programs.join(' ')}
# Completion of ${programs.join(' and ')} for zsh.

${f}() {
  local curcontext="$curcontext" program=\${words[1]:t}
  local -a expl line state
  local -A opt_args
  local -a shared=(
${shared
  .flatMap((flag) => flagSpecs(f, flag))
  .map((spec) => `    ${quoted(spec)}`)
  .join('\n')}
  )
  [[ $program == (${programs.join('|')}) ]] || program=${program}
  if ((CURRENT == 2)); then
    if [[ $PREFIX == -* ]]; then
      compadd -- --help --version
    else
      ${f}_commands 'help:show help'
    fi
    return
  fi
  shift words
  ((CURRENT--))
  case $words[1] in
${cases.join('\n')}
    help)
      ((CURRENT == 2)) && ${f}_commands ${TOPICS.map((topic) => `${topic}:topic`).join(' ')} ;;
  esac
}

${f}_commands() {
  local -a commands=(
${described.join('\n')}
    "$@"
  )
  _describe -t commands command commands
}

# Names come from the platform that the line names, and some from its app.
${f}_names() {
  local flag
  local -a ask=(command $program completion --names=$1 --prefix=\${(Q)PREFIX}) names
  for flag in --api --platform --app -a; do
    [[ -n $opt_args[$flag] ]] && ask+=(\${flag/#-a/--app}=\${(Q)opt_args[$flag]})
  done
  names=(\${(f)"$($ask 2>/dev/null </dev/null)"})
  _wanted $1 expl $1 compadd -a names
}

if [[ $funcstack[1] == ${f} ]]; then
  ${f} "$@"
else
  compdef ${f} ${programs.join(' ')}
fi
`;
}

function specs(f: string, { args, endless, flags }: CommandForm): string[] {
  return [
    ...flags.flatMap((flag) => flagSpecs(f, flag)),
    ...args.map((arg, index) => argSpec(f, arg, endless && index === args.length - 1 ? '*' : `${index + 1}`)),
  ].map(quoted);
}

function flagSpecs(f: string, { long, short, summary, repeatable, value }: FlagForm): string[] {
  const before = repeatable ? '*' : short === undefined ? '' : `(${long} ${short})`;
  const after = `[${plain(summary)}]${value === undefined ? '' : `:${long.slice(2)}:${action(f, value)}`}`;
  const takesValue = value !== undefined;
  return [
    `${before}${long}${takesValue ? '=' : ''}${after}`,
    ...(short === undefined ? [] : [`${before}${short}${takesValue ? '+' : ''}${after}`]),
  ];
}

function argSpec(f: string, { name, value }: ArgForm, position: string): string {
  // A message in place of candidates would keep the only flag that fits from being inserted.
  return `${position}:${plain(name)}:${value.kind === 'text' ? ' true' : action(f, value)}`;
}

/** What `_arguments` does about a value. One that begins with a blank is called as it is. */
function action(f: string, value: Value): string {
  switch (value.kind) {
    case 'names':
      return ` ${f}_names ${value.of}`;
    case 'words':
      return `(${value.words.join(' ')})`;
    case 'set':
      return `_values -s , value ${value.words.join(' ')}`;
    case 'file':
      return '_files';
    case 'text':
      return ' ';
  }
}

/** Without what means something within the specification of a flag. */
function plain(text: string): string {
  return text.replace(/[[\]\\:]+/g, ' ');
}
