import { Button } from './button.js';

interface PagerProps {
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  readonly size: number;
  readonly onPage: (page: number) => void;
}

/** Goes through a long list; nothing where one page holds it. */
export function Pager({ page, pages, total, size, onPage }: PagerProps) {
  if (pages <= 1) return null;
  const first = (page - 1) * size + 1;
  const last = Math.min(page * size, total);
  return (
    <nav class="pager" aria-label="Pages">
      <span class="muted">
        {first.toLocaleString('en')}–{last.toLocaleString('en')} of {total.toLocaleString('en')}
      </span>
      <Button small disabled={page === 1} onClick={() => onPage(page - 1)}>
        Previous
      </Button>
      <Button small disabled={page === pages} onClick={() => onPage(page + 1)}>
        Next
      </Button>
    </nav>
  );
}
