import { quote, RuleError } from './rule.js';

/** What dynos call the machine they are on, unless an administrator chose another name. */
export const DEFAULT_HOST_NAME = 'host.internal';

const NAME_MAX = 253;
const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';

/**
 * A name by which dynos find a service of the machine, in lower case. Throws a {@link RuleError} if it is no host name,
 * is an address, or is one of the platform's own names.
 */
export function parseHostName(text: string): string {
  const name = text.toLowerCase();
  if (
    !new RegExp(`^${LABEL}([.]${LABEL})*$`).test(name) ||
    name.length > NAME_MAX ||
    /(^|[.])\d+$/.test(name)
  ) {
    throw new RuleError(
      'invalid_host_name',
      `${quote(text)} is not a host name.`,
      `Letters, digits, dashes and dots make one, such as ${DEFAULT_HOST_NAME}.`,
    );
  }
  if (/(^|[.])localhost$/.test(name)) {
    throw new RuleError(
      'reserved_host_name',
      `${quote(text)} is a dyno itself or an app, so it can't be the machine.`,
      `Choose another name, such as ${DEFAULT_HOST_NAME}.`,
    );
  }
  return name;
}

/** Throws a {@link RuleError} if this is no port of a machine. */
export function checkHostPort(port: number): void {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return;
  throw new RuleError('invalid_port', `${port} is not a port.`, 'A port is 1 to 65535.');
}
