/** Vars by which a runtime or a tool loads or chooses code, and how each of them does. */
const CODE_VARS: readonly (readonly [names: RegExp, does: string])[] = [
  [/^(?:LD|DYLD)_/, 'the dynamic linker loads libraries that it names'],
  [/^GCONV_PATH$/, 'the C library loads converters from there'],
  [/^(?:GLIBC_TUNABLES|MALLOC_\w+)$/, 'the C library changes how it works'],
  [
    /^(?:LOCPATH|NLSPATH|HOSTALIASES|RES_OPTIONS|LOCALDOMAIN)$/,
    'the C library reads files or names from there',
  ],
  [/^(?:PATH|SHELL|IFS|CDPATH|HOME)$/, 'it decides which programs and settings are found'],
  [/^(?:ENV|BASH_ENV|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|ZDOTDIR)$/, 'a shell runs what it names'],
  [/^BASH_FUNC_/, 'a shell defines a function from it'],
  [
    /^(?:NODE_OPTIONS|NODE_PATH|NODE_REPL_EXTERNAL_MODULE|NODE_ICU_DATA)$/,
    'Node.js loads modules that it names',
  ],
  [/^OPENSSL_(?:CONF|CONF_INCLUDE|ENGINES|MODULES)$/, 'OpenSSL loads engines that it names'],
  [/^(?:NPM|YARN|PNPM|COREPACK|BUN|DENO)_/i, 'a package manager or runtime takes its settings from it'],
  [/^(?:BERRY|TS_NODE|BABEL|TSX)_/, 'a loader of Node.js takes its settings from it'],
  [
    /^PYTHON(?!(?:UNBUFFERED|DONTWRITEBYTECODE|IOENCODING|UTF8|HASHSEED|FAULTHANDLER)$)/,
    'Python loads modules that it names, or changes how it works',
  ],
  [
    /^(?:PIP|UV(?!_THREADPOOL_SIZE$)|POETRY|PIPENV|CONDA|VIRTUAL_ENV|PDM)(?:_|$)/,
    'a package manager of Python takes its settings from it',
  ],
  [/^PERL/, 'Perl loads modules that it names'],
  [/^(?:RUBY|GEM_|BUNDLE_|JRUBY_)/, 'Ruby loads code that it names'],
  [
    /^(?:JAVA|JDK|_JAVA|JVM|MAVEN|GRADLE|SBT|LEIN|CATALINA|KOTLIN)_/,
    'the Java machine takes options from it',
  ],
  [/^(?:CLASSPATH|JPDA_\w+)$/, 'the Java machine loads classes from there'],
  [/^(?:PHPRC|PHP_INI_SCAN_DIR|COMPOSER_\w+)$/, 'PHP reads settings that load code from there'],
  [
    /^(?:DOTNET_(?!ENVIRONMENT$)|CORECLR_|COR_|COMPlus_|ASPNETCORE_HOSTING)/i,
    '.NET loads code that it names',
  ],
  [/^(?:ERL_|ELIXIR_|MIX_|BEAM_|ERLC_)/, 'the Erlang machine takes options from it'],
  [
    /^(?:GOFLAGS|GOPROXY|GOROOT|GOPATH|GOENV|GOTOOLCHAIN|GOTRACEBACK|CGO_\w+|GODEBUG)$/,
    'Go takes options from it',
  ],
  [/^(?:RUSTC\w*|CARGO_\w+|RUSTFLAGS|RUSTUP_\w+)$/, 'Rust runs programs that it names'],
  [/^(?:LUA_|LUAJIT)/, 'Lua runs code from it'],
  [
    /^(?:R_(?:PROFILE|ENVIRON|LIBS|HOME)|JULIA_|GUILE_|TCLLIBPATH|OCTAVE_|GHC)/,
    'its interpreter loads code that it names',
  ],
  [/^(?:GIT|SSH)_/, 'git or ssh runs programs that it names'],
  [
    /^(?:EDITOR|VISUAL|PAGER|MANPAGER|LESSOPEN|LESSCLOSE|BROWSER|SUDO_ASKPASS)$/,
    'a tool runs the program that it names',
  ],
  [
    /^(?:MAKEFLAGS|MAKEFILES|GNUMAKEFLAGS|CC|CXX|LD|AR|AS|CFLAGS|CXXFLAGS|LDFLAGS)$/,
    'a build tool takes options from it',
  ],
  [/^(?:CURL_HOME|WGETRC|NETRC|INPUTRC|TERMINFO\w*|XDG_\w+)$/, 'a tool reads its settings from there'],
  [/^(?:GTK|QT|GIO|GST|FONTCONFIG|MAGICK|GDK|VK|LIBGL|OCL)_/, 'a library loads plug-ins from there'],
];

/** Returns how a var of this name can make a program run other code; undefined if no known runtime or tool does. */
export function codeVarReason(name: string): string | undefined {
  return CODE_VARS.find(([names]) => names.test(name))?.[1];
}
