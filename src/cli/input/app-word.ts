/** Whether a word has the form of an app's name, APP-SPACE: no process type, version or folder here is written so. */
export function looksLikeApp(word: string): boolean {
  return /^[a-z][a-z0-9]*-[a-z][a-z0-9-]*$/i.test(word);
}
