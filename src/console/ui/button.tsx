import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.js';

interface Look {
  readonly kind?: 'primary' | 'secondary' | 'quiet' | 'danger';
  readonly icon?: IconName;
  readonly small?: boolean;
  readonly children: ComponentChildren;
}

interface ButtonProps extends Look {
  readonly type?: 'button' | 'submit';
  readonly busy?: boolean;
  readonly disabled?: boolean;
  /** What a screen reader says where the text alone is not enough, such as which dyno is restarted. */
  readonly label?: string;
  readonly pressed?: boolean;
  readonly onClick?: () => void;
}

/** A button. While it is busy it can't be pressed, but keeps the focus. */
export function Button({
  type = 'button',
  busy = false,
  disabled = false,
  label,
  pressed,
  onClick,
  ...look
}: ButtonProps) {
  return (
    <button
      type={type}
      class={classOf(look)}
      disabled={disabled}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      aria-label={label}
      aria-pressed={pressed}
      onClick={(event) => {
        if (busy) return event.preventDefault();
        onClick?.();
      }}
    >
      {busy ? (
        <span class="spinner" aria-hidden="true" />
      ) : (
        look.icon !== undefined && <Icon name={look.icon} />
      )}
      <span>{look.children}</span>
    </button>
  );
}

/** A link that looks like a button: it goes to another page. */
export function ButtonLink({ href, ...look }: Look & { readonly href: string }) {
  return (
    <a class={classOf(look)} href={href}>
      {look.icon !== undefined && <Icon name={look.icon} />}
      <span>{look.children}</span>
    </a>
  );
}

function classOf({ kind = 'secondary', small = false }: Look): string {
  return `button button-${kind}${small ? ' button-small' : ''}`;
}
