'use strict';

module.exports = {
  init: ({ args }) =>
    args.command(
      'config',
      'List the config vars of an app',
      { app: { alias: 'a', string: true, demand: true, description: 'The app to act on' } },
      ({ app }) => console.log(`[old config of ${app}]`),
    ),
  update: () => {},
  group: 'config',
  help: 'manage config vars',
  primary: true,
};
