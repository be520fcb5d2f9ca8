import type { Past } from './replay.js';

/** What happened around the first recording, of spaces, apps and config vars. */
export const past: Past = {
  async settle({ api }) {
    await api.spaces.create({ name: 'first', compliance: ['socs'] });
  },

  async before(name, { api, temporary }) {
    // What is refused here for a member that nobody knows.
    if (name === 'space-create-stack-by-uuid')
      await api.spaces.create({ name: 'gfull', compliance: ['socs', 'prod'], description: 'desc' });
    if (name === 'space-put-tags') await api.spaces.create({ name: 'gmin' });
    if (name === 'app-create-nothing') await api.apps.destroy({ app: 'web2-gmin' });
    if (name === 'app-get-deployed') {
      await temporary.built('web-gmin');
      await api.configVars.patch({ app: 'web-gmin', vars: { DATABASE_URL: null } });
      const credential = { plan: 'credentials:general', name: 'database', config: { URL: 'x' } };
      await api.addons.createInApp({ app: 'web-gmin', ...credential });
      await api.addonAttachments.create({ app: 'api-gmin', addon: 'database' });
    }
  },
};
