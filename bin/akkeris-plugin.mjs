/** The commands that index.js takes over in the older aka, or adds to it. */
const TAKEN = /^(?:spaces(?::.*)?|apps:create)$/;

/**
 * What yargs is told of them, by their names; from what the manifest says of all commands. Nothing is required: what is
 * missing, the command says. Texts have `<%= config.bin %>` where the name of the host goes.
 */
export function akkerisPlugin(commands) {
  const taken = Object.entries(commands).filter(([id, { hidden }]) => TAKEN.test(id) && !hidden);
  return Object.fromEntries(
    taken.map(([id, { args, flags, summary, description = '', examples = [] }]) => [
      id,
      {
        usage: [id, ...Object.keys(args).map((name) => `[${name.toUpperCase()}]`)].join(' '),
        summary: `${summary.charAt(0).toUpperCase()}${summary.slice(1)}`,
        description,
        examples,
        options: Object.fromEntries(
          Object.values(flags)
            .filter(({ hidden }) => !hidden)
            .map((flag) => [flag.name, option(flag)]),
        ),
      },
    ]),
  );
}

function option({ char, type, description }) {
  return {
    ...(char && { alias: char }),
    type: type === 'boolean' ? 'boolean' : 'string',
    description,
  };
}
