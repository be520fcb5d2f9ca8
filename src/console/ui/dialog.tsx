import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { Action } from '../api/resource.js';
import { Button } from './button.js';
import { ErrorNotice } from './notice.js';

interface ConfirmProps {
  readonly title: string;
  /** What the button says that does it. */
  readonly verb: string;
  readonly danger?: boolean;
  readonly action: Action<[]>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly disabled?: boolean;
  /** Shows what came of it, instead of closing. */
  readonly staysOpen?: boolean;
}

/** Asks before something is done. It keeps the focus inside; Escape closes it, and focus goes back to where it was. */
export function Confirm({
  title,
  verb,
  danger = false,
  action,
  onClose,
  children,
  disabled = false,
  staysOpen = false,
}: ConfirmProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Closing gives the focus back to where it was.
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (!action.busy) onClose();
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (disabled) return;
          void action.run().then((isDone) => {
            if (isDone && !staysOpen) onClose();
          });
        }}
      >
        <h2 id={id}>{title}</h2>
        <div class="dialog-body">{children}</div>
        {action.error !== undefined && <ErrorNotice error={action.error} />}
        <div class="dialog-actions">
          <Button onClick={onClose} disabled={action.busy}>
            {staysOpen ? 'Close' : 'Cancel'}
          </Button>
          <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={action.busy} disabled={disabled}>
            {verb}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
