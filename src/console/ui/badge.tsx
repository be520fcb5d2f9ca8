import { CATALOGUE, isCompliance } from '../../model/compliance.js';
import { Icon } from './icon.js';

/** The compliance of a space, or that it has none. */
export function ComplianceBadges({
  compliance,
  none = 'none',
}: {
  compliance: readonly string[];
  none?: string;
}) {
  if (compliance.length === 0) return <span class="muted">{none}</span>;
  return (
    <span class="badges">
      {compliance.map((each) => (
        <ComplianceBadge key={each} name={each} />
      ))}
    </span>
  );
}

/** One compliance, with what it is as its tooltip. A word that is none is shown as what it is. */
export function ComplianceBadge({ name }: { name: string }) {
  if (!isCompliance(name))
    return (
      <span class="badge badge-unknown" title={`${name} is not a compliance.`}>
        <Icon name="alert" />
        {name}
      </span>
    );
  return (
    <span class={`badge badge-${name}`} title={CATALOGUE[name].summary}>
      <Icon name={COMPLIANCE_ICONS[name]} />
      {name}
    </span>
  );
}

export const COMPLIANCE_ICONS = { socs: 'shield', prod: 'star', internal: 'lock' } as const;

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle';

/** A state in a word, with a mark of its colour and shape. */
export function State({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span class={`state state-${tone}`}>
      <span class="state-mark" aria-hidden="true" />
      {children}
    </span>
  );
}

/** How well a dyno, build, release or check is, by the word that the API has for its state. */
export function toneOf(state: string): Tone {
  return TONES[state] ?? 'idle';
}

const TONES: Readonly<Record<string, Tone>> = {
  up: 'good',
  succeeded: 'good',
  success: 'good',
  ok: 'good',
  done: 'good',
  public: 'good',
  starting: 'busy',
  stopping: 'busy',
  queued: 'busy',
  pending: 'busy',
  waiting: 'warn',
  evicted: 'warn',
  not_enforced: 'warn',
  refused: 'warn',
  beta: 'warn',
  crashed: 'bad',
  failed: 'bad',
  failure: 'bad',
  error: 'bad',
};
