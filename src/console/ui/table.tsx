import type { ComponentChildren } from 'preact';

interface TableProps {
  /** What it lists, for screen readers. */
  readonly caption: ComponentChildren;
  readonly columns: readonly string[];
  /** Those of the columns that have numbers. */
  readonly numbers?: readonly string[];
  /** A column of buttons after them. */
  readonly actions?: boolean;
  /** The class of this table, for the widths of its columns. */
  readonly kind?: string;
  /** Its rows. */
  readonly children: ComponentChildren;
}

/** A table; where it is narrow, each row is a card. */
export function Table({ caption, columns, numbers = [], actions = false, kind, children }: TableProps) {
  return (
    <div class="table-box">
      <table class={kind === undefined ? 'table' : `table ${kind}`}>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col" class={numbers.includes(name) ? 'number' : undefined}>
                {name}
              </th>
            ))}
            {actions && (
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
