import type { ComplianceFacts } from '../model/compliance.js';
import { FOR_EVER } from '../model/compliance.js';
import type { Output } from './output.js';

/** What some compliances do, refuse and need, and that they are for ever. */
export function explain(out: Output, compliance: readonly ComplianceFacts[]): void {
  for (const { name, summary, does, refuses, needs } of compliance) {
    out.heading(`${name}: ${summary}`);
    if (out.isTerminal) {
      out.facts([
        ['does', does],
        ['refuses', refuses],
        ...(needs.length > 0 ? ([['needs', needs]] as const) : []),
      ]);
    } else {
      for (const [kind, lines] of Object.entries({ does, refuses, needs })) {
        out.table(
          [],
          lines.map((line) => [name, kind, line]),
        );
      }
    }
  }
  if (out.isTerminal) {
    out.line();
    out.note(FOR_EVER);
  }
}
