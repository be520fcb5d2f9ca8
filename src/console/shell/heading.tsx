import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface HeadingProps {
  readonly title: string;
  /** The pages above this one, from the top. */
  readonly above?: readonly { readonly title: string; readonly href: string }[];
  /** Beside the title, such as badges. */
  readonly note?: ComponentChildren;
  readonly children?: ComponentChildren;
  readonly actions?: ComponentChildren;
}

/** The heading of a page. It takes the focus when the page is opened, so that a screen reader says where it is. */
export function Heading({ title, above = [], note, children, actions }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · aka`;
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [title]);
  return (
    <header class="heading">
      {above.length > 0 && (
        <nav aria-label="Breadcrumb">
          <ol class="breadcrumb">
            {above.map((each) => (
              <li key={each.href}>
                <a href={each.href}>{each.title}</a>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <div class="heading-line">
        <div class="heading-title">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {note}
        </div>
        {actions !== undefined && <div class="heading-actions">{actions}</div>}
      </div>
      {children !== undefined && <div class="heading-text">{children}</div>}
    </header>
  );
}
