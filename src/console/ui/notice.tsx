import type { ComponentChildren } from 'preact';
import type { AppsApiError } from '../../contract/errors.js';
import { Icon } from './icon.js';

interface NoticeProps {
  readonly tone?: 'info' | 'good' | 'warn' | 'bad';
  readonly title?: ComponentChildren;
  readonly children?: ComponentChildren;
  /** Read out by screen readers as soon as it appears. */
  readonly live?: boolean;
}

/** Something to know before going on. */
export function Notice({ tone = 'info', title, children, live = false }: NoticeProps) {
  return (
    <div class={`notice notice-${tone}`} role={live ? (tone === 'bad' ? 'alert' : 'status') : undefined}>
      <Icon name={tone === 'good' ? 'check' : tone === 'info' ? 'info' : 'alert'} />
      <div class="notice-text">
        {title !== undefined && <p class="notice-title">{title}</p>}
        {children}
      </div>
    </div>
  );
}

/** Why something failed, and the way out. */
export function ErrorNotice({ error, children }: { error: AppsApiError; children?: ComponentChildren }) {
  return (
    <Notice tone="bad" title={error.message} live>
      {error.hint !== undefined && <p>{error.hint}</p>}
      {children}
    </Notice>
  );
}
