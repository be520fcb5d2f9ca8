/** The oldest major version of @oclif/core whose config that of this package can read. */
const CORE_MIN = 3;

/**
 * Throws if the tool that this is a plugin of has an @oclif/core too old for these commands. Otherwise every command of
 * ours would end with a TypeError there. `config` is what such a tool starts a command with.
 */
export function refuseOldHost(config: unknown): void {
  const { _base: base, bin = 'This tool' } = Object(config) as {
    readonly _base?: unknown;
    readonly bin?: string;
  };
  const [, version, major] = /^@oclif\/core@((\d+)[\d.]*)/.exec(String(base)) ?? [];
  if (version === undefined || Number(major) >= CORE_MIN) return;
  throw new Error(
    `${bin} has @oclif/core ${version}, and these commands need version ${CORE_MIN} or newer. Upgrade ${bin}, or use the command aka of akkeris-spaces by itself.`,
  );
}
