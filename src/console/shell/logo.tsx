/** The mark of the project with its name. */
export function Logo() {
  return (
    <span class="logo">
      <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true" focusable="false">
        <rect class="logo-ground" width="32" height="32" rx="8" />
        <rect class="logo-space" x="7" y="7" width="18" height="18" rx="5" />
        <circle class="logo-app" cx="16" cy="16" r="3.4" />
      </svg>
      aka
    </span>
  );
}
