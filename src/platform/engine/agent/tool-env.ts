/** For the commands that make dynos: an inherited PATH or LD_PRELOAD would act on them while they have privileges. */
export const TOOL_ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
