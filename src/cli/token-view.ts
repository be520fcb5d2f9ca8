import type { Token } from '../contract/wire.js';
import { momentCell } from './moment.js';
import type { Cell, Facts, Output } from './output.js';

export const TOKEN_COLUMNS = ['NAME', 'ROLE', 'SPACES', 'CREATED', 'LAST USED', 'EXPIRES'] as const;

/** A token, in those columns. */
export function tokenRow(out: Output, token: Token): Cell[] {
  return [
    token.kind === 'session' ? `${token.name} (${token.created_by ?? 'unknown'})` : token.name,
    roleText(token),
    spacesText(token),
    momentCell(out, token.created_at),
    token.used_at === null ? 'never' : momentCell(out, token.used_at),
    token.expired ? { text: 'expired', style: out.style.bad } : (token.expires_at ?? 'never'),
  ];
}

/** A token by itself; never its secret. */
export function tokenFacts(token: Token): Facts {
  return [
    token.kind === 'session' ? ['Session', token.name] : ['Token', token.name],
    ['Role', roleText(token)],
    ['Spaces', spacesText(token)],
    ['Created', token.created_at],
    ['Expires', token.expires_at ?? 'never'],
  ];
}

function roleText({ role, trusted }: Token): string {
  return trusted ? `${role}, trusted` : role;
}

/** A user token whose spaces are gone is for none. */
function spacesText({ role, spaces }: Token): string {
  if (role === 'admin') return 'all';
  return spaces.length === 0 ? 'none' : spaces.join(',');
}
