import { functionName, type Grammar, HELP_TOPICS } from './grammar.js';
import { argsNotation, flagNotation } from './notation.js';

/**
 * The completion script for fish 3 and newer. Names from the platform are lines of output to fish, which quotes what
 * it inserts.
 */
export function fishScript({ programs, commands }: Grammar): string {
  const [program = ''] = programs;
  const f = `_${functionName(program)}`;
  const described = commands.map(({ id, summary }) => quoted(`${id}\t${summary}`)).join(' ');
  const cases = commands.map((command) => {
    const flags = command.flags.map((flag) => quoted(`${flagNotation(flag)}\t${flag.summary}`));
    return `        case ${command.id}\n            printf '%s\\n' ${[quoted(argsNotation(command)), ...flags].join(' ')}`;
  });
  return `# Completion of ${programs.join(' and ')} for fish.

function ${f}_commands
    printf '%s\\n' ${described}
end

# What a command takes: a line with a value for every argument, and a line for every flag.
function ${f}_form
    switch $argv[1]
${cases.join('\n')}
    end
end

function ${f}
    set -l words (commandline -opc)
    set -l typed (string replace -ra '[\\\\\\\\"\\']' '' -- (commandline -ct))
    set -l ask (string replace -r '.*/' '' -- $words[1])
    contains -- $ask ${programs.join(' ')}; or set ask ${program}
    set -a ask completion
    if not set -q words[2]
        ${f}_commands
        printf '%s\\t%s\\n' help 'show help' --help 'show help' --version 'show the version'
        return
    else if test $words[2] = help
        set -q words[3]; and return
        ${f}_commands
        printf '%s\\ttopic\\n' ${HELP_TOPICS.join(' ')}
        return
    end
    set -l form (${f}_form $words[2]); or return
    set -l flags $form[2..]
    set -l used
    set -l wants
    set -l ended
    set -l at 1
    for word in $words[3..]
        if set -q wants[1]
            set -a ask (${f}_platform (string replace -r '[,+=].*' '' -- $wants)=$word)
            set wants
        else if set -q ended[1]; or not string match -q -- '-*' $word
            set at (math $at + 1)
        else if test $word = --
            set ended yes
        else if set -l flag (${f}_flag $word $flags)
            string match -qr '^[^=]*\\+' -- $flag; or set -a used $flag
            if string match -q -- '*=*' $word
                set -a ask (${f}_platform $word)
            else if string match -q -- '*=*' $flag
                set wants $flag
            end
        end
    end
`;
}
