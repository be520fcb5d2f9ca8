import { useEffect, useState } from 'preact/hooks';
import { Button } from './button.js';

/** A text to copy, such as a command, with a button that does. */
export function Copyable({ label, text }: { label: string; text: string }) {
  return (
    <div class="copyable">
      <div class="copyable-header">
        <span>{label}</span>
        <CopyButton text={text} what={label} />
      </div>
      {/* A region that scrolls is reached by keyboard. */}
      <pre tabIndex={0} role="region" aria-label={label}>
        <code>{text}</code>
      </pre>
    </div>
  );
}

/** Copies a text; says whether that went well. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [result, setResult] = useState<'copied' | 'failed'>();
  useEffect(() => {
    if (result === undefined) return;
    const timer = setTimeout(() => setResult(undefined), 2000);
    return () => clearTimeout(timer);
  }, [result]);
  const copy = (): void => {
    copyText(text).then(
      () => setResult('copied'),
      () => setResult('failed'),
    );
  };
  return (
    <>
      <Button
        kind="quiet"
        small
        icon={result === 'copied' ? 'check' : 'copy'}
        label={`Copy ${what}`}
        onClick={copy}
      >
        {result === 'copied' ? 'Copied' : result === 'failed' ? 'Not copied' : 'Copy'}
      </Button>
      <span class="visually-hidden" role="status">
        {result === 'copied' ? 'Copied.' : ''}
      </span>
    </>
  );
}

/** Rejects where the browser doesn't let the page: without https it has no clipboard at all. */
async function copyText(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}
