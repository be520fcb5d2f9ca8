import { useState } from 'preact/hooks';
import type { Space, SpaceCheck } from '../../contract/wire.js';
import { CATALOGUE, isCompliance } from '../../model/compliance.js';
import { api } from '../api/client.js';
import { useAction } from '../api/resource.js';
import { issuesOf } from '../spaces/spaces-list.js';
import { ComplianceBadge, State } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { CommandText } from '../ui/command-text.js';
import { ErrorNotice } from '../ui/notice.js';
import { Panel } from '../ui/panel.js';
import { CheckResult } from './promises.js';

/** What the compliance of a space does, what of it is not in effect, and a check of it now. */
export function CompliancePanel({ space }: { space: Space }) {
  const [result, setResult] = useState<SpaceCheck>();
  const check = useAction(async () => setResult(await api.spaces.check({ space: space.name })));
  const issues = issuesOf(space);
  return (
    <Panel
      title="Compliance in effect"
      actions={
        <Button icon="shield" busy={check.busy} onClick={() => void check.run()}>
          {check.busy ? 'Checking' : 'Check now'}
        </Button>
      }
    >
      {check.error !== undefined && <ErrorNotice error={check.error} />}
      {result !== undefined && <CheckResult check={result} />}
      {issues.length > 0 && (
        <ul class="issues" aria-label="Not as promised">
          {issues.map(({ problem, remedy, kind }) => (
            <li key={problem}>
              <State tone="warn">{kind === 'not enforced' ? 'Not enforced' : 'Concern'}</State>
              <div>
                <p>{problem}</p>
                {remedy !== undefined ? (
                  <p>
                    <CommandText text={remedy} />
                  </p>
                ) : (
                  <p class="muted">Nothing on this platform fixes this.</p>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      {space.compliance.length === 0 && (
        <p class="muted">
          This space has no compliance. It is isolated like every other; nothing more is promised.
        </p>
      )}
      {space.compliance.map((each) => (
        <Effects
          key={each}
          name={each}
          own={space.effects?.find(({ compliance }) => compliance === each)?.does}
        />
      ))}
    </Panel>
  );
}

/** What a compliance does, as the platform says, or as the rules do. */
function Effects({ name, own }: { name: string; own: readonly string[] | undefined }) {
  const facts = isCompliance(name) ? CATALOGUE[name] : undefined;
  return (
    <details class="effects">
      <summary>
        <ComplianceBadge name={name} />
        <span>{facts?.summary ?? 'unknown to this console'}</span>
      </summary>
      <div class="choice-facts">
        <div>
          <h3>Does</h3>
          <ul>
            {(own ?? facts?.does ?? []).map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </div>
        <div>
          <h3>Refuses</h3>
          <ul>
            {(facts?.refuses ?? []).map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </div>
      </div>
    </details>
  );
}
