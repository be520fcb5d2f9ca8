import { useEffect, useState } from 'preact/hooks';
import type { Formation, Size } from '../../contract/wire.js';
import { byteSize } from '../../model/byte-size.js';
import { coresText } from '../../model/capacity.js';
import { checkQuantity, QUANTITY_MAX } from '../../model/formation.js';
import { api } from '../api/client.js';
import { announce } from '../api/live.js';
import { useAction, useResource } from '../api/resource.js';
import { Button } from '../ui/button.js';
import { CommandText } from '../ui/command-text.js';
import { ErrorNotice } from '../ui/notice.js';
import { Empty, Loading, Panel } from '../ui/panel.js';
import type { AppFacts } from './app-page.js';

/** The process types of an app: how many dynos each has, and of which size. */
export function FormationPanel({ facts }: { facts: AppFacts }) {
  const { key, space, concerns } = facts;
  const formation = useResource(`formation of ${key}`, () => api.formations.list({ app: key }), { concerns });
  const sizes = useResource('sizes', () => api.sizes.list(), { concerns: () => false });
  const isProd = space.compliance.includes('prod');
  const offered = (sizes.data ?? []).filter(({ prod }) => prod === undefined || prod === isProd);
  return (
    <Panel title="Process types" flush>
      {formation.error !== undefined && <ErrorNotice error={formation.error} />}
      {formation.data === undefined && formation.error === undefined && <Loading what="process types" />}
      {formation.data?.length === 0 && (
        <Empty title="No process types">The first build tells them, by its Procfile.</Empty>
      )}
      {formation.data?.map((each) => (
        <TypeForm key={each.id} app={key} formation={each} sizes={offered} />
      ))}
    </Panel>
  );
}

function TypeForm({ app, formation, sizes }: { app: string; formation: Formation; sizes: readonly Size[] }) {
  const { type, command, concerns = [] } = formation;
  const [quantity, setQuantity] = useState(String(formation.quantity));
  const [size, setSize] = useState(formation.size);
  // What somebody else changed is shown, unless something is being changed here.
  const [shown, setShown] = useState(formation);
  useEffect(() => {
    if (quantity === String(shown.quantity) && size === shown.size) {
      setQuantity(String(formation.quantity));
      setSize(formation.size);
    }
    setShown(formation);
  }, [formation]);
  const isChanged = quantity !== String(formation.quantity) || size !== formation.size;
  const action = useAction(async () => {
    const wanted = Number(quantity);
    checkQuantity(wanted);
    await api.formations.update({ app, type, quantity: wanted, size });
    announce();
  });
  const step = (by: number): void =>
    setQuantity(String(Math.min(QUANTITY_MAX, Math.max(0, (Number(quantity) || 0) + by))));
  const isKnown = sizes.some(({ name }) => name === size);
  return (
    <form
      class="type-form"
      aria-label={`Process type ${type}`}
      onSubmit={(event) => {
        event.preventDefault();
        void action.run();
      }}
    >
      <div class="type-name">
        <strong class="mono">{type}</strong>
        <span class="row-note mono">{command ?? 'command of its source'}</span>
      </div>
      <div class="stepper">
        <Button
          small
          label={`One ${type} dyno fewer`}
          disabled={Number(quantity) <= 0}
          onClick={() => step(-1)}
        >
          −
        </Button>
        <input
          class="input number"
          inputMode="numeric"
          aria-label={`Number of ${type} dynos`}
          value={quantity}
          onInput={(event) => setQuantity(event.currentTarget.value)}
        />
        <Button
          small
          label={`One ${type} dyno more`}
          disabled={Number(quantity) >= QUANTITY_MAX}
          onClick={() => step(1)}
        >
          +
        </Button>
      </div>
      <select
        class="input"
        aria-label={`Size of ${type} dynos`}
        value={size}
        onChange={(event) => setSize(event.currentTarget.value)}
      >
        {!isKnown && <option value={size}>{size}</option>}
        {sizes.map((each) => (
          <option key={each.name} value={each.name}>
            {sizeText(each)}
          </option>
        ))}
      </select>
      <Button type="submit" kind="primary" busy={action.busy} disabled={!isChanged}>
        Apply
      </Button>
      {concerns.map(({ problem, remedy }) => (
        <p key={problem} class="type-concern">
          {problem}
          {remedy !== undefined && (
            <>
              . <CommandText text={remedy} />
            </>
          )}
        </p>
      ))}
      {action.error !== undefined && <ErrorNotice error={action.error} />}
    </form>
  );
}

function sizeText({ name, memory, cpu }: Size): string {
  return memory === undefined || cpu === undefined ? name : `${name}: ${byteSize(memory)}, ${coresText(cpu)}`;
}
