/** The folder of a dyno's root that its programs are confined to (see `DYNO_SETUP`). */
export const JAIL = 'jail';
/** In the agent's folder: what dynos' roots are copied from, and where a dyno puts its copy in its own namespace. */
export const TEMPLATE = 'template';
export const NEW_ROOT = 'root';
