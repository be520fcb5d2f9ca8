import { createSecureContext, type SecureContext } from 'node:tls';
import type { Authority } from './authority.js';

/** A stack and the domain below which it is: `local` and `localhost` for `*.local.localhost`. */
export interface StackDomain {
  readonly stack: string;
  readonly base: string;
}

/** The certificates that a router serves, one a stack, for public and internal apps alike. */
export interface Certificates {
  /**
   * What to serve to those who ask for a name. It depends on the name's stack alone, so that it tells nothing of
   * which apps there are; an unknown stack, or no name, gets that of the first one. Renews it if it is time to.
   */
  contextFor(servername: string | undefined): Promise<SecureContext>;
  /** What those get who ask for no name, for servers that keep it themselves. */
  fallback(): ServedPair;
}

/** A chain and its key in PEM. */
export interface ServedPair {
  readonly cert: string;
  readonly key: string;
}

interface Current {
  readonly suffix: string;
  readonly names: readonly string[];
  context: SecureContext;
  pair: ServedPair;
  validFrom: number;
  renewAt: number;
  expiresAt: number;
  renewing: Promise<void> | undefined;
}

/**
 * Has a certificate issued for every stack; for one that comes later, at the first connection to it. They live in memory
 * only, and are renewed after two thirds of their time, at the first connection from then on: that one still gets the old
 * certificate, unless it has expired. `renewed` is called when the fallback is another one.
 */
export async function openCertificates(
  authority: Authority,
  stacks: () => readonly StackDomain[],
  now: () => Date,
  renewed: (fallback: ServedPair) => void,
): Promise<Certificates> {
  const open = async (suffix: string): Promise<Current> => {
    const names = [`*${suffix}`, `*.internal${suffix}`];
    return { suffix, names, renewing: undefined, ...(await issue(authority, names)) };
  };
  const all = await Promise.all(stacks().map((each) => open(suffixOf(each))));
  const [first] = all;
  if (first === undefined) throw new RangeError('A router needs a stack.');

  function renew(current: Current): Promise<void> {
    current.renewing ??= issue(authority, current.names)
      .then((issued) => {
        Object.assign(current, issued);
        if (current === first) renewed(current.pair);
      })
      .finally(() => {
        current.renewing = undefined;
      });
    return current.renewing;
  }

  const opening = new Map<string, Promise<void>>();
  /** That of a stack that was not there before; several who ask at once get the same. */
  async function added(name: string | undefined): Promise<Current | undefined> {
    const suffix = stacks()
      .map(suffixOf)
      .find((each) => name?.endsWith(each));
    if (suffix === undefined) return undefined;
    if (!opening.has(suffix)) {
      const opened = open(suffix)
        .then((current) => {
          all.push(current);
        })
        .finally(() => opening.delete(suffix));
      opening.set(suffix, opened);
    }
    await opening.get(suffix);
    return all.find((current) => current.suffix === suffix);
  }

  return {
    fallback: () => first.pair,
    async contextFor(servername) {
      const name = servername?.toLowerCase();
      const current = all.find(({ suffix }) => name?.endsWith(suffix)) ?? (await added(name)) ?? first;
      const at = now().getTime();
      // One that is not valid yet was issued by a clock that was ahead.
      if (at >= current.expiresAt || at < current.validFrom) await renew(current);
      // While the old one holds, nobody has to wait, and a failure is tried again by the next connection.
      else if (at >= current.renewAt) renew(current).catch(() => {});
      return current.context;
    },
  };
}

/** What the domains of a stack end in. */
function suffixOf({ stack, base }: StackDomain): string {
  return `.${stack}.${base}`;
}

async function issue(
  authority: Authority,
  names: readonly string[],
): Promise<Pick<Current, 'context' | 'pair' | 'validFrom' | 'renewAt' | 'expiresAt'>> {
  const { chain, key, notBefore, notAfter } = await authority.issue(names);
  const [from, to] = [notBefore.getTime(), notAfter.getTime()];
  const pair = { cert: chain, key };
  return {
    pair,
    context: createSecureContext({ ...pair, minVersion: 'TLSv1.2' }),
    validFrom: from,
    renewAt: from + ((to - from) * 2) / 3,
    expiresAt: to,
  };
}
