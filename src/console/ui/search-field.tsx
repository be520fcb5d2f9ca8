import { Icon } from './icon.js';

interface SearchFieldProps {
  /** For screen readers. */
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

/** A field that narrows a list while somebody types. */
export function SearchField({ label, placeholder, value, onSearch }: SearchFieldProps) {
  return (
    <div class="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        onInput={(event) => onSearch(event.currentTarget.value)}
      />
    </div>
  );
}
