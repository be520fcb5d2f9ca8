import { Args, Flags } from '@oclif/core';
import { AkaCommand } from '../src/cli/command.js';
import { bashScript } from '../src/cli/completion/bash.js';
import { fishScript } from '../src/cli/completion/fish.js';
import { grammarOf, NAMES, type Names } from '../src/cli/completion/grammar.js';
import { namesOf } from '../src/cli/completion/names.js';
import { zshScript } from '../src/cli/completion/zsh.js';
import { usage } from '../src/cli/failure.js';
import type { Output } from '../src/cli/output.js';

type Completion = { readonly shell: Shell; readonly script: string } | { readonly names: readonly string[] };
type Shell = keyof typeof SCRIPTS;

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };
const SHELLS = Object.keys(SCRIPTS) as Shell[];

/** A shell hangs on a key while it asks for names: after this many milliseconds there are none. */
const LONGEST_WAIT = 3000;

export default class CompletionCommand extends AkaCommand<Completion> {
  static override summary = 'print the completion script for a shell';
  static override description =
    `The script completes commands, flags and names. It gets the names of spaces, apps, config vars and releases from the platform of the command line. Add one line to the startup file of your shell:

bash, ~/.bashrc:                     eval "$(<%= config.bin %> completion bash)"
zsh, ~/.zshrc, after compinit:       eval "$(<%= config.bin %> completion zsh)"
fish, ~/.config/fish/config.fish:    <%= config.bin %> completion fish | source

For a faster start of the shell, write the script to a file that the shell loads. Repeat this after each upgrade.`;
  static override examples = [
    'eval "$(<%= config.bin %> completion bash)"',
    'eval "$(<%= config.bin %> completion zsh)"',
    '<%= config.bin %> completion fish | source',
    '<%= config.bin %> completion bash > ~/.local/share/bash-completion/completions/<%= config.bin %>',
  ];
  static override args = {
    shell: Args.string({ description: 'shell to complete in', options: SHELLS, ignoreStdin: true }),
  };
  static override flags = {
    names: Flags.option({ options: NAMES })({
      description: 'kind of names to print, one per line; for the completion script',
      hidden: true,
    }),
    prefix: Flags.string({
      description: 'only names with this prefix',
      hidden: true,
      default: '',
    }),
    app: Flags.string({
      description: 'app with the builds, releases, dynos, process types and config vars',
      hidden: true,
      char: 'a',
      env: 'AKKERIS_APP',
    }),
  };

  async run(): Promise<Completion> {
    const { args, flags } = await this.parse(CompletionCommand);
    if (flags.names !== undefined) return { names: await this.#names(flags.names, flags) };
    const shell = SHELLS.find((each) => each === args.shell);
    if (shell === undefined) throw usage('SHELL is missing.', `Name one: ${SHELLS.join(', ')}.`);
    return { shell, script: SCRIPTS[shell](grammarOf(this.#programs(), this.config.commands)) };
  }

  protected render(result: Completion, out: Output): void {
    if ('script' in result) return out.line(result.script.trimEnd());
    for (const name of result.names) out.line(name);
  }

  /** Whatever goes wrong, a half-typed command is no place to say so. */
  async #names(kind: Names, of: { prefix: string; app?: string | undefined }): Promise<string[]> {
    setTimeout(() => process.exit(0), LONGEST_WAIT).unref();
    try {
      return await namesOf(kind, of, this.flags, this.env);
    } catch {
      return [];
    }
  }

  /**
   * The name in use comes first; a package can install the same program under several. Whoever calls it
   * `akkeris-spaces` may have another `aka`.
   */
  #programs(): string[] {
    const { bin = {}, name } = this.config.pjson;
    if (this.config.bin === name) return [name];
    return [...new Set([this.config.bin, ...(typeof bin === 'string' ? [] : Object.keys(bin))])];
  }
}
