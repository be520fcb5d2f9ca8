'use strict';

module.exports = {
  init: ({ args, api }) =>
    args
      .command('spaces', 'List available spaces', {}, () => api.get('/spaces'))
      .command('spaces:info NAME', 'Get information on a space', {}, () => console.log('[old spaces:info]'))
      .command(
        'spaces:create NAME',
        'Create a new space',
        { compliance: { array: true, alias: 'c', description: 'A space separated list of tags' } },
        ({ compliance }) => console.log('[old spaces:create]', compliance),
      ),
  update: () => {},
  group: 'spaces',
  help: 'view and create spaces and compliances',
  primary: true,
};
