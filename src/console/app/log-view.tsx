import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { NumberedLine } from './log-buffer.js';

interface LogViewProps {
  readonly label: string;
  readonly lines: readonly NumberedLine[];
  /** Whether it follows its end, unless somebody scrolled up. */
  readonly follows: boolean;
  readonly search?: string;
  readonly withSource?: boolean;
}

/** Lines of a log. It stays at its end while it is there. */
export function LogView({ label, lines, follows, search = '', withSource = true }: LogViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const note = (): void => {
      isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
    };
    element.addEventListener('scroll', note, { passive: true });
    return () => element.removeEventListener('scroll', note);
  }, []);
  useLayoutEffect(() => {
    if (follows && isAtEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  });
  return (
    // What scrolls is reached by keyboard
    <div class="log" ref={box} role="region" aria-label={label} tabIndex={0}>
      {lines.map((line) => (
        <div key={line.number} class={`log-line log-${line.stream}`}>
          <time dateTime={line.at} title={line.at}>
            {line.at.slice(11, 23)}
          </time>
          {withSource && <span class="log-source">{line.dyno}</span>}
          <span class="log-text">
            <Marked text={line.text} search={search} />
          </span>
        </div>
      ))}
    </div>
  );
}

/** A text in which what is searched for is marked. */
function Marked({ text, search }: { text: string; search: string }) {
  const word = search.trim().toLowerCase();
  if (word === '') return <>{text}</>;
  const at = text.toLowerCase().indexOf(word);
  if (at === -1) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + word.length)}</mark>
      {text.slice(at + word.length)}
    </>
  );
}
