import { Observable, useObservable } from '../api/observable.js';
import { Icon } from '../ui/icon.js';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const KEY = 'aka-theme';

const theme = new Observable<Theme>(kept());

/** Shows pages in the theme that was chosen last. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = theme.value;
}

/** A switch between the theme of the system, light and dark. */
export function ThemeSwitch() {
  const chosen = useObservable(theme);
  return (
    <fieldset class="theme-switch">
      <legend class="visually-hidden">Theme</legend>
      {THEMES.map((each) => (
        <label key={each} title={LABELS[each]}>
          <input
            type="radio"
            name="theme"
            value={each}
            checked={each === chosen}
            onChange={() => choose(each)}
          />
          <Icon name={ICONS[each]} />
          <span class="visually-hidden">{LABELS[each]}</span>
        </label>
      ))}
    </fieldset>
  );
}

const LABELS = { system: 'Theme of the system', light: 'Light theme', dark: 'Dark theme' } as const;
const ICONS = { system: 'display', light: 'sun', dark: 'moon' } as const;

function choose(next: Theme): void {
  theme.set(next);
  applyTheme();
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A browser without storage forgets it.
  }
}

function kept(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return THEMES.find((each) => each === stored) ?? 'system';
  } catch {
    return 'system';
  }
}
