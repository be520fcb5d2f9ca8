import { type FlagForm, functionName, type Grammar, TOPICS } from './grammar.js';
import { argsNotation, flagNotation } from './notation.js';

/**
 * The completion script for fish 3 and newer. Names from the platform are lines of output to fish, which quotes what
 * it inserts.
 */
export function fishScript({ programs, commands, shared }: Grammar): string {
  const [program = ''] = programs;
  const f = `_${functionName(program)}`;
  const described = commands.map(({ id, summary }) => quoted(`${id}\t${summary}`)).join(' ');
  const cases = commands.map((command) => {
    const flags = command.flags.map(flagLine);
    return `        case ${command.id}\n            printf '%s\\n' ${[quoted(argsNotation(command)), ...flags].join(' ')}`;
  });
  return `# Completion of ${programs.join(' and ')} for fish.

function ${f}_commands
    printf '%s\\n' ${described}
end

# What a command takes: a line with a value for every argument, and a line for every flag of its own.
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
    else if test "$words[2]" = help
        set -q words[3]; and return
        ${f}_commands
        printf '%s\\ttopic\\n' ${TOPICS.join(' ')}
        return
    end
    set -l form (${f}_form $words[2])
    set -q form[1]; or return
    set -l flags $form[2..] ${shared.map(flagLine).join(' ')}
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
    if set -q wants[1]
        ${f}_value (string replace -r '^[^=]*=([^\\t]*).*' '$1' -- $wants) '' "$typed" $ask
    else if not set -q ended[1]; and string match -q -- '--*=*' "$typed"
        set wants (${f}_flag "$typed" $flags); and string match -q -- '*=*' $wants; or return
        set -l parts (string split -m 1 = -- "$typed")
        ${f}_value (string replace -r '^[^=]*=([^\\t]*).*' '$1' -- $wants) $parts[1]= "$parts[2]" $ask
    else if not set -q ended[1]; and string match -q -- '-*' "$typed"
        ${f}_flags
    else
        set -l values (string split -n ' ' -- $form[1])
        if test "$values[-1]" = ...
            set -e values[-1]
            test $at -gt (count $values); and set at (count $values)
        end
        if set -q values[$at]
            ${f}_value $values[$at] '' "$typed" $ask
        else if not set -q ended[1]
            ${f}_flags
        end
    end
end

# Finds the flag that a word is, in the lines that follow it.
function ${f}_flag
    set -l name (string replace -r '=.*' '' -- $argv[1])
    for flag in $argv[2..]
        if contains -- $name (string split , -- (string replace -r '[+=\\t].*' '' -- $flag))
            printf '%s\\n' $flag
            return
        end
    end
    return 1
end

# Names come from the platform that the line names, and some from its app.
function ${f}_platform
    string match -r -- '^--(?:api|platform|app)=.*' $argv[1]
end

function ${f}_flags --no-scope-shadowing
    for flag in $flags
        contains -- $flag $used; and continue
        for name in (string split , -- (string replace -r '[+=\\t].*' '' -- $flag))
            printf '%s\\t%s\\n' $name (string replace -r '.*\\t' '' -- $flag)
        end
    end
end

# What a value can be, behind what stands before it in its word.
function ${f}_value --argument-names value lead typed
    switch $value
        case -
        case @file
            for path in (__fish_complete_path "$typed")
                printf '%s\\n' "$lead$path"
            end
        case '@*'
            set -l of (string sub -s 2 -- $value)
            for name in (command $argv[4..] --names=$of "--prefix=$typed" 2>/dev/null </dev/null)
                printf '%s\\t%s\\n' "$lead$name" $of
            end
        case '*,*'
            set -l chosen (string replace -r '[^,]*$' '' -- "$typed")
            for word in (string split , -- $value)
                contains -- $word (string split , -- "$chosen"); or printf '%s\\n' "$lead$chosen$word"
            end
        case '*'
            for word in (string split '|' -- $value)
                printf '%s\\n' "$lead$word"
            end
    end
end

${programs.map((each) => `complete -c ${each} -f -a '(${f})'`).join('\n')}
`;
}

function flagLine(flag: FlagForm): string {
  return quoted(`${flagNotation(flag)}\t${flag.summary}`);
}

/** Text as one word, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
