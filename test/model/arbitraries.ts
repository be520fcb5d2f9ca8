import * as fc from 'fast-check';
import { COMPLIANCES } from '../../src/model/compliance.js';

/** What must not get out of any message: control characters, line ends and bidirectional overrides. */
export const CONTROL = /[\p{Cc}\u2028-\u202e\u2066-\u2069\p{Surrogate}]/u;

/** Names that spaces may have, of every length and shape. */
export const legalSpaceNames: fc.Arbitrary<string> = fc
  .stringMatching(/^[a-z](-?[a-z0-9]){1,39}$/)
  .filter((name) => name.length <= 40)
  .filter((name) => !['internal', 'prod', 'socs'].includes(name) && !name.startsWith('kube-'));

/** Names that apps may have in any space. */
export const legalAppNames: fc.Arbitrary<string> = fc.stringMatching(/^[a-z][a-z0-9]{0,21}$/);

/** Text that is nearly a name, nothing like one, or meant to do harm. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9-]{0,70}$/),
  fc.string({
    unit: fc.constantFrom(...Array.from('azAZ09-- ._\u212a\u0130\u0131\u001b\u0000\u202e\ud800e\u0301')),
    maxLength: 12,
  }),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constantFrom(
    '',
    '-',
    'a',
    'a--b',
    'web\0',
    '\u001b[2J',
    '__proto__',
    'constructor',
    'kube-system',
    'Default',
  ),
);

export const complianceSets = fc.subarray([...COMPLIANCES]);
