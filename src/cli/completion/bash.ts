import { functionName, type Grammar, TOPICS } from './grammar.js';
import { argsNotation, flagNotation } from './notation.js';

/**
 * The completion script for bash 3.2 and newer, with or without the bash-completion package.
 *
 * Words of the grammar need no quoting. Names from the platform may hold anything: they are only ever compared and
 * quoted (`printf %q`), never expanded, which is why `compgen -W` is not used.
 */
export function bashScript({ programs, commands, shared }: Grammar): string {
  const [program = ''] = programs;
  const f = functionName(program);
  const ids = commands.map(({ id }) => id).join(' ');
  const forms = commands.map(
    (command) =>
      `    ${command.id}) args='${argsNotation(command)}' flags+='${command.flags.map(flagNotation).join(' ')}' ;;`,
  );
  return `# Completion of ${programs.join(' and ')} for bash.

${f}() {
  COMPREPLY=()
  local IFS=$' \\t\\n'
  local args flags token value word i at=0 used='' wants='' ended='' lead='' typed kept=''
  local -a words=() ask
  ${f}_words "$2"
  typed=$kept\${2//\\\\/}
  case \${words[0]##*/} in
    ${programs.join(' | ')}) ask=(command "\${words[0]##*/}" completion) ;;
    *) ask=(command ${program} completion) ;;
  esac
  if ((\${#words[@]} == 1)); then
    [[ $typed == -* ]] && ${f}_add --help --version || ${f}_add ${ids} help
  elif ${f}_form "\${words[1]}"; then
    ${f}_rest
  fi
  # What stands before the last colon or equal sign is not readline's to replace.
  for i in "\${!COMPREPLY[@]}"; do
    COMPREPLY[i]=\${COMPREPLY[i]#"$kept"}
  done
}

# What a command takes: a value for every argument, and its flags.
${f}_form() {
  flags='${shared.map(flagNotation).join(' ')} '
  case $1 in
${forms.join('\n')}
    help) args='${[...commands.map(({ id }) => id), ...TOPICS].join('|')}' flags='' ;;
    *) return 1 ;;
  esac
}

# Puts together what readline broke at colons and equal signs: whole words before the cursor into words, and what of
# the word at the cursor is not in $1 into kept.
${f}_words() {
  local line=$COMP_LINE rest piece i last=-1
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=\${COMP_WORDS[i]}
    rest=\${line#"\${line%%[![:space:]]*}"}
    if ((i == 0)) || [[ $rest != "$line" ]]; then
      last=$((last + 1))
      words[last]=''
    fi
    line=\${rest#"$piece"}
    ((i == COMP_CWORD)) && [[ -n $1 || $piece != [:=]* ]] && piece=''
    words[last]+=$piece
  done
  kept=\${words[last]}
  unset "words[last]"
}

# What can follow the command.
${f}_rest() {
  for ((i = 2; i < \${#words[@]}; i++)); do
    word=\${words[i]}
    if [[ -n $wants ]]; then
      ${f}_platform "\${wants%%[,+=]*}=$word"
      wants=''
    elif [[ -n $ended || $word != -* ]]; then
      at=$((at + 1))
    elif [[ $word == -- ]]; then
      ended=yes
    elif ${f}_flag "\${word%%=*}"; then
      [[ \${token%%=*} == *+ ]] || used+=" $token "
      if [[ $word == *=* ]]; then
        ${f}_platform "$word"
      elif [[ $token == *=* ]]; then
        wants=$token
      fi
    fi
  done
  if [[ -n $wants ]]; then
    ${f}_value "\${wants#*=}"
  elif [[ -z $ended && $typed == --*=* ]]; then
    ${f}_flag "\${typed%%=*}" && [[ $token == *=* ]] || return
    lead=\${typed%%=*}= typed=\${typed#*=}
    ${f}_value "\${token#*=}"
  elif [[ -z $ended && $typed == -* ]]; then
    ${f}_flags
  else
    set -- $args
    [[ $args == *... ]] && ((at > $# - 2)) && at=$(($# - 2))
    value=\${*:at+1:1}
    if ((at < $#)); then
      ${f}_value "\${value:--}"
    elif [[ -z $ended ]]; then
      ${f}_flags
    fi
  fi
}

# Finds the flag that is called $1.
${f}_flag() {
  local names
  for token in $flags; do
    names=\${token%%=*}
    case ",\${names%+}," in *",$1,"*) return 0 ;; esac
  done
  return 1
}

# Names come from the platform that the line names, and some from its app.
${f}_platform() {
  case $1 in --api=* | --platform=* | --app=*) ask+=("$1") ;; esac
}

${f}_flags() {
  for token in $flags; do
    [[ $used == *" $token "* ]] && continue
    word=\${token%%=*}
    word=\${word%+}
    ${f}_add \${word//,/ }
  done
}

${f}_value() {
  case $1 in
    -) ;;
    @file) compopt -o default 2>/dev/null ;;
    @*) ${f}_names "\${1#@}" ;;
    *,*) ${f}_set \${1//,/ } ;;
    *) ${f}_add \${1//|/ } ;;
  esac
}

${f}_add() {
  for word; do
    [[ $word == "$typed"* ]] && COMPREPLY+=("$lead$word")
  done
}

# Several of some words with commas between them; no blank after one that can be followed by another.
${f}_set() {
  local chosen=\${typed%"\${typed##*,}"} left=0
  for value; do
    [[ ,$chosen == *",$value,"* ]] && continue
    left=$((left + 1))
    ${f}_add "$chosen$value"
  done
  ((left < 2)) || compopt -o nospace 2>/dev/null
}

# Names from the platform, quoted for the shell; within quotes only those that need none.
${f}_names() {
  local name shown
  while IFS= read -r name; do
    [[ -n $name && $name == "$typed"* ]] || continue
    printf -v shown %q "$name"
    [[ $shown == "$name" || \${COMP_WORDS[COMP_CWORD]} != [\\'\\"]* ]] && COMPREPLY+=("$lead$shown")
  done <<<"$("\${ask[@]}" --names="$1" --prefix="$typed" 2>/dev/null </dev/null)"
}

complete -F ${f} ${programs.join(' ')}
`;
}
