/** The part of js-yaml 3 that kubeconfigs need. */
declare module 'js-yaml' {
  interface Schema {
    readonly name?: string;
  }
  const yaml: {
    /** Without dates: a token such as 2026-01-01 stays text. */
    readonly JSON_SCHEMA: Schema;
    safeDump(value: unknown, options: { readonly noRefs: boolean; readonly lineWidth: number }): string;
    safeLoad(text: string, options: { readonly schema: Schema }): unknown;
  };
  export default yaml;
}
