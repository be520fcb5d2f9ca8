'use strict';

const OPTIONS = {
  space: { alias: 's', string: true, demand: true },
  org: { alias: 'o', string: true, demand: true },
};

module.exports = {
  init: ({ args }) =>
    args
      .command('apps', 'List available apps', {}, () => console.log('[old apps]'))
      .command('apps:info', 'Show detailed information for an app', {}, () => console.log('[old apps:info]'))
      .command('apps:create [NAME]', 'Create a new app', OPTIONS, () => console.log('[old apps:create]'))
      .command('create [NAME]', false, OPTIONS, () => console.log('[old create]')),
  update: () => {},
  group: 'apps',
  help: 'manage apps (create, destroy)',
  primary: true,
};
