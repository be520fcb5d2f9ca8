import { useState } from 'preact/hooks';
import { State, type Tone } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { ErrorNotice } from '../ui/notice.js';
import { Empty, Panel } from '../ui/panel.js';
import { SearchField } from '../ui/search-field.js';
import type { AppFacts } from './app-page.js';
import { matchingLines, type NumberedLine, sourcesOf } from './log-buffer.js';
import { LogView } from './log-view.js';
import { type FollowedLog, useLog } from './use-log.js';

const FIRST_LINES = 500;

/** The log of an app as it is written; it can be searched, and held still while it goes on. */
export function LogsTab({ facts: { key } }: { facts: AppFacts }) {
  const log = useLog('ofApp', { app: key, lines: FIRST_LINES, follow: true });
  const [search, setSearch] = useState('');
  const [source, setSource] = useState('');
  /** What was there when it was paused. */
  const [held, setHeld] = useState<readonly NumberedLine[]>();
  const lines = held ?? log.lines;
  const found = matchingLines(lines, search, source);
  const waiting = held === undefined ? 0 : (log.lines.at(-1)?.number ?? 0) - (held.at(-1)?.number ?? 0);
  return (
    <Panel
      title="Logs"
      note={<LogState state={held === undefined ? log.state : 'paused'} />}
      actions={
        <Button
          icon={held === undefined ? 'pause' : 'play'}
          onClick={() => setHeld(held === undefined ? log.lines : undefined)}
        >
          {held === undefined ? 'Pause' : waiting > 0 ? `Resume (${waiting} new)` : 'Resume'}
        </Button>
      }
      flush
    >
      <form class="log-filters" role="search" aria-label="Log" onSubmit={(event) => event.preventDefault()}>
        <SearchField label="Search the log" placeholder="Search" value={search} onSearch={setSearch} />
        <select
          class="input log-sources"
          aria-label="Source of lines"
          value={source}
          onChange={(event) => setSource(event.currentTarget.value)}
        >
          <option value="">All sources</option>
          {sourcesOf(lines).map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        <span class="muted" role="status">
          {search === '' && source === ''
            ? `${lines.length} lines`
            : `${found.length} of ${lines.length} lines`}
        </span>
      </form>
      {log.error !== undefined && <ErrorNotice error={log.error} />}
      {lines.length === 0 && log.error === undefined ? (
        <Empty title={log.state === 'connecting' ? 'Reading the log' : 'Nothing logged yet'}>
          What its dynos print shows up here.
        </Empty>
      ) : (
        <LogView label={`Log of ${key}`} lines={found} follows={held === undefined} search={search} />
      )}
    </Panel>
  );
}

function LogState({ state }: { state: FollowedLog['state'] | 'paused' }) {
  const [tone, text] = STATES[state];
  return <State tone={tone}>{text}</State>;
}

const STATES: Readonly<Record<FollowedLog['state'] | 'paused', readonly [Tone, string]>> = {
  connecting: ['busy', 'Connecting'],
  following: ['good', 'Live'],
  paused: ['warn', 'Paused'],
  lost: ['bad', 'Connection lost'],
  ended: ['idle', 'Ended'],
};
