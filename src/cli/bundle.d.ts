/** Made by the build: every command of `commands/` by its id, loaded when it is run. */
declare module 'aka:commands' {
  export const commands: Readonly<Record<string, () => Promise<{ default: unknown }>>>;
}
