/**
 * Light or dark: as the system has it until a person chooses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { element, fill, icon } from './dom.js';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const ICON = { system: 'system', light: 'sun', dark: 'moon' } as const;
const KEPT = 'overpunch-theme';

function kept(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEPT)) ?? 'system';
  } catch {
    return 'system'; // storage that is not allowed
  }
}

export function applyTheme(theme: Theme = kept()): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Goes from one theme to the next. */
export function themeButton(): HTMLButtonElement {
  const button = element('button', { type: 'button', class: 'button bare' });
  let theme = kept();
  const show = (): void => {
    const label = `Theme: ${theme}`;
    button.title = label;
    button.setAttribute('aria-label', label);
    fill(button, icon(ICON[theme]));
  };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
    try {
      localStorage.setItem(KEPT, theme);
    } catch {
      // then it is for this page only
    }
    applyTheme(theme);
    show();
  });
  show();
  return button;
}
