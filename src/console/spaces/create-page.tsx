import { useRef, useState } from 'preact/hooks';
import type { Space } from '../../contract/wire.js';
import { COMPLIANCES, type Compliance, FOR_EVER } from '../../model/compliance.js';
import { roomForApps, SPACE_NAME_LENGTH } from '../../model/names.js';
import { api } from '../api/client.js';
import { announce } from '../api/live.js';
import { useAction, useResource } from '../api/resource.js';
import type { Session } from '../api/session.js';
import { Heading } from '../shell/heading.js';
import { go } from '../shell/location.js';
import { to } from '../shell/routes.js';
import { ComplianceBadges } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Copyable } from '../ui/copy.js';
import { Field } from '../ui/field.js';
import { ErrorNotice, Notice } from '../ui/notice.js';
import { Loading, Panel } from '../ui/panel.js';
import { ComplianceChoice } from './compliance-choice.js';
import {
  bodyOf,
  commandFor,
  curlFor,
  domainPattern,
  type NewSpace,
  nameProblem,
  stackProblem,
} from './new-space.js';

const EMPTY: NewSpace = { name: '', compliance: [], stack: '', description: '' };

/** Creates a space: what is chosen here can't be changed afterwards, so it says what each choice means. */
export function CreateSpacePage({ session }: { session: Session }) {
  const facts = useResource('facts for new spaces', loadFacts);
  return (
    <>
      <Heading title="Create a space" above={[{ title: 'Spaces', href: to.spaces() }]}>
        A space is a network of its own. Name, compliance and stack are permanent.
      </Heading>
      {session.role !== 'admin' && (
        <Notice tone="warn" title="Only administrators create spaces">
          <p>Describe it here, and send an administrator the command.</p>
        </Notice>
      )}
      {facts.error !== undefined && <ErrorNotice error={facts.error} />}
      {facts.data === undefined && facts.error === undefined && <Loading what="the form" lines={6} />}
      {facts.data !== undefined && <Form facts={facts.data} canCreate={session.role === 'admin'} />}
    </>
  );
}

type FormFacts = Awaited<ReturnType<typeof loadFacts>>;

async function loadFacts() {
  const [spaces, stacks, regions, info, settings] = await Promise.all([
    api.spaces.list(),
    api.stacks.list(),
    api.regions.list(),
    api.platform.info(),
    api.platform.settings(),
  ]);
  return { spaces: spaces.items, stacks, regions, info, settings };
}

function Form({ facts, canCreate }: { facts: FormFacts; canCreate: boolean }) {
  const { spaces, stacks, regions, info } = facts;
  const [space, setSpace] = useState(EMPTY);
  const [isTouched, setTouched] = useState(false);
  const change = (part: Partial<NewSpace>): void => setSpace({ ...space, ...part });

  const stack =
    stacks.find(({ name }) => name === space.stack) ??
    stacks.find((each) => each.default === true) ??
    stacks[0];
  const taken = new Set(spaces.map(({ name }) => name));
  const problem = nameProblem(space.name, { taken, appKeyMax: info.app_key_max });
  const refusals: Partial<Record<Compliance, string>> = {};
  for (const each of stack === undefined ? [] : COMPLIANCES) {
    const refusal = stack && stackProblem([each], stack, regions);
    if (refusal !== undefined) refusals[each] = refusal;
  }
  const refused = space.compliance.some((each) => refusals[each] !== undefined);
  const input = useRef<HTMLInputElement>(null);

  const key = useIdempotencyKey(JSON.stringify(bodyOf(space)));
  const create = useAction(async () => {
    const created = await api.spaces.create(bodyOf(space), { idempotencyKey: key });
    announce();
    go(to.space(created.name));
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    setTouched(true);
    if (problem !== undefined) return input.current?.focus();
    if (!refused && canCreate) void create.run();
  };
  const room = roomForApps(space.name, info.app_key_max);
  return (
    <form class="split" onSubmit={submit} noValidate>
      <div class="split-main">
        <Panel title="Space">
          <Field
            label="Name"
            hint={
              problem === undefined
                ? `${room} characters are left for the names of its apps.`
                : `${SPACE_NAME_LENGTH.min} to ${SPACE_NAME_LENGTH.max} letters, digits and single dashes, a letter first.`
            }
            error={isTouched || space.name.length > 1 ? problem : undefined}
          >
            {(props) => (
              <input
                {...props}
                ref={input}
                value={space.name}
                autocomplete="off"
                autocapitalize="none"
                spellcheck={false}
                required
                onInput={(event) => change({ name: event.currentTarget.value })}
                onBlur={() => setTouched(space.name !== '')}
              />
            )}
          </Field>
          <Field label="Description (optional)">
            {(props) => (
              <input
                {...props}
                value={space.description}
                maxLength={500}
                onInput={(event) => change({ description: event.currentTarget.value })}
              />
            )}
          </Field>
          {stacks.length > 1 && (
            <Field label="Stack" hint="Where the space runs.">
              {(props) => (
                <select
                  {...props}
                  value={space.stack}
                  onChange={(event) => change({ stack: event.currentTarget.value })}
                >
                  {stacks.map(({ name, region, state, default: isDefault }) => (
                    <option
                      key={name}
                      value={isDefault === true ? '' : name}
                      disabled={state === 'deprecated'}
                    >
                      {`${name} in region ${region.name}${state === 'public' ? '' : `, ${state}`}`}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          )}
        </Panel>
        <ComplianceChoice
          chosen={space.compliance}
          refusals={refusals}
          onChange={(compliance) => change({ compliance })}
        />
      </div>
      <div class="split-side">
        <Panel title="Summary">
          <Summary
            space={space}
            stack={stack?.name}
            facts={facts}
            others={spaces}
            isValid={problem === undefined}
          />
          <Notice tone="warn" title="This is permanent">
            <p>{FOR_EVER} Its name and stack can't be changed either.</p>
          </Notice>
          {create.error !== undefined && (
            <ErrorNotice error={create.error}>
              {create.error.status === 0 && <p>Trying again is safe: the space is created once.</p>}
            </ErrorNotice>
          )}
          <Button type="submit" kind="primary" busy={create.busy} disabled={!canCreate || refused}>
            {create.error?.status === 0 ? 'Try again' : 'Create the space'}
          </Button>
        </Panel>
        <Copyable label="aka command" text={commandFor(space)} />
        <Copyable label="curl" text={curlFor(space, location.origin, key)} />
      </div>
    </form>
  );
}

interface SummaryProps {
  readonly space: NewSpace;
  readonly stack: string | undefined;
  readonly facts: FormFacts;
  readonly others: readonly Space[];
  readonly isValid: boolean;
}

function Summary({ space, stack, facts, others, isValid }: SummaryProps) {
  const domain =
    isValid && stack !== undefined
      ? domainPattern({ ...space, name: space.name.toLowerCase() }, stack, others, facts.settings)
      : undefined;
  return (
    <dl class="facts" aria-live="polite">
      <dt>Space</dt>
      <dd>
        {isValid ? <strong>{space.name.toLowerCase()}</strong> : <span class="muted">not named yet</span>}
      </dd>
      <dt>Compliance</dt>
      <dd>
        <ComplianceBadges compliance={space.compliance} />
      </dd>
      <dt>Stack</dt>
      <dd>{stack ?? <span class="muted">none</span>}</dd>
      {domain !== undefined && (
        <>
          <dt>Domains</dt>
          <dd class="mono">{domain}</dd>
        </>
      )}
      <dt>Reachable</dt>
      <dd>
        {space.compliance.includes('internal')
          ? 'from internal networks only'
          : 'from everywhere that reaches the router'}
      </dd>
    </dl>
  );
}

/** A key that stays the same while the same is sent, so that trying again has no second effect. */
function useIdempotencyKey(body: string): string {
  const kept = useRef({ body, key: crypto.randomUUID() });
  if (kept.current.body !== body) kept.current = { body, key: crypto.randomUUID() };
  return kept.current.key;
}
