import { CATALOGUE, COMPLIANCES, type Compliance, orderCompliance } from '../../model/compliance.js';
import { ComplianceBadge } from '../ui/badge.js';
import { Icon } from '../ui/icon.js';

interface ComplianceChoiceProps {
  readonly chosen: readonly Compliance[];
  /** Why a compliance can't be chosen on the stack. */
  readonly refusals: Readonly<Partial<Record<Compliance, string>>>;
  readonly onChange: (chosen: Compliance[]) => void;
}

/** The three compliances, each with what it does, refuses and needs. */
export function ComplianceChoice({ chosen, refusals, onChange }: ComplianceChoiceProps) {
  const toggle = (name: Compliance): void =>
    onChange(
      orderCompliance(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name]),
    );
  return (
    <fieldset class="choices">
      <legend class="field-label">Compliance</legend>
      <p class="field-hint">Choose any of them, or none.</p>
      {COMPLIANCES.map((name) => (
        <Choice
          key={name}
          name={name}
          isChosen={chosen.includes(name)}
          refusal={refusals[name]}
          onToggle={() => toggle(name)}
        />
      ))}
    </fieldset>
  );
}

interface ChoiceProps {
  readonly name: Compliance;
  readonly isChosen: boolean;
  readonly refusal: string | undefined;
  readonly onToggle: () => void;
}

function Choice({ name, isChosen, refusal, onToggle }: ChoiceProps) {
  const { summary, does, refuses, needs } = CATALOGUE[name];
  const id = `compliance-${name}`;
  return (
    <div class={`choice${isChosen ? ' choice-chosen' : ''}`}>
      <label class="choice-head">
        <input
          type="checkbox"
          checked={isChosen}
          disabled={refusal !== undefined && !isChosen}
          aria-describedby={`${id}-facts`}
          onChange={onToggle}
        />
        <ComplianceBadge name={name} />
        <span>{summary}</span>
      </label>
      {refusal !== undefined && (
        <p class="choice-refusal">
          <Icon name="alert" />
          {refusal}
        </p>
      )}
      <div class="choice-facts" id={`${id}-facts`}>
        <Facts title="Does" items={does} />
        <div>
          <Facts title="Refuses" items={refuses} />
          {needs.length > 0 && <Facts title="Needs" items={needs} />}
        </div>
      </div>
    </div>
  );
}

function Facts({ title, items }: { title: string; items: readonly string[] }) {
  return (
    <div>
      <h3>{title}</h3>
      <ul>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}
