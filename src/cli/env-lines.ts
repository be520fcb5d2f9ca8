/** A line that sets a var when a POSIX shell reads it, whatever the value. */
export function shellLine(name: string, value: string): string {
  return `export ${name}='${value.replaceAll("'", `'\\''`)}'`;
}

/** A line of a .env file; values that are not plain words are quoted. */
export function dotenvLine(name: string, value: string): string {
  if (/^[\w./:@%+,-]*$/.test(value)) return `${name}=${value}`;
  if (!value.includes("'")) return `${name}='${value}'`;
  if (!/["\\\n\r]/.test(value)) return `${name}="${value}"`;
  return `${name}=\`${value}\``;
}
