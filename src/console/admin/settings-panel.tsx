import { useState } from 'preact/hooks';
import type { PlatformSettings } from '../../contract/wire.js';
import { api } from '../api/client.js';
import { announce } from '../api/live.js';
import { useAction } from '../api/resource.js';
import { Button } from '../ui/button.js';
import { Confirm } from '../ui/dialog.js';
import { Field } from '../ui/field.js';
import { Notice } from '../ui/notice.js';
import { Panel } from '../ui/panel.js';
import {
  parseSetting,
  SETTING_GROUPS,
  type SettingField,
  settingInput,
  settingText,
  waits,
} from './settings-fields.js';

/** The settings of the platform, by what they are about; each is changed by itself. */
export function SettingsPanel({ settings }: { settings: PlatformSettings }) {
  const [field, setField] = useState<SettingField>();
  const [changed, setChanged] = useState<SettingField>();
  return (
    <>
      {changed !== undefined && waits(changed) && (
        <Notice tone="warn" title={`${changed.label} takes effect at the next start`} live>
          <p>
            Restart the platform: <code class="command">aka platform:stop && aka platform:start</code>
          </p>
        </Notice>
      )}
      <div class="settings">
        {SETTING_GROUPS.map(({ title, fields }) => (
          <Panel key={title} title={title} flush>
            <dl class="setting-list">
              {fields.map((each) => (
                <div key={each.name}>
                  <dt>{each.label}</dt>
                  <dd>
                    <span>{settingText(each, settings)}</span>
                    <Button small kind="quiet" label={`Change ${each.label}`} onClick={() => setField(each)}>
                      Change
                    </Button>
                  </dd>
                </div>
              ))}
            </dl>
          </Panel>
        ))}
      </div>
      {field !== undefined && (
        <ChangeSetting
          field={field}
          settings={settings}
          onClose={() => setField(undefined)}
          onChanged={() => setChanged(field)}
        />
      )}
    </>
  );
}

interface ChangeSettingProps {
  readonly field: SettingField;
  readonly settings: PlatformSettings;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

function ChangeSetting({ field, settings, onClose, onChanged }: ChangeSettingProps) {
  const { name, label, kind, hint, empty } = field;
  const [typed, setTyped] = useState(() => settingInput(field, settings));
  const action = useAction(async () => {
    await api.platform.configure({ [name]: parseSetting(field, typed, settings) });
    announce();
    onChanged();
  });
  const emptyHint = empty === undefined ? undefined : `Empty: ${empty}.`;
  return (
    <Confirm title={`Change ${label.toLowerCase()}`} verb="Change" action={action} onClose={onClose}>
      <Field label={label} hint={[hint, emptyHint].filter(Boolean).join(' ') || undefined}>
        {(props) =>
          typeof kind === 'string' ? (
            <input
              {...props}
              value={typed}
              spellcheck={false}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          ) : (
            <select {...props} value={typed} onChange={(event) => setTyped(event.currentTarget.value)}>
              {kind.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          )
        }
      </Field>
      {waits(field) && <p>It takes effect when the platform is started the next time.</p>}
    </Confirm>
  );
}
