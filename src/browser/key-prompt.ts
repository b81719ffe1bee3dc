/**
 * Asks for a key, when the service wants one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { element } from './dom.js';

export function askKey(isRefused: boolean): Promise<string> {
  return new Promise((resolve) => {
    const input = element('input', {
      id: 'key',
      type: 'password',
      required: true,
      autocomplete: 'off',
      spellcheck: 'false',
      'aria-describedby': 'key-note',
    });
    const form = element(
      'form',
      { method: 'dialog', class: 'form' },
      element('h2', { id: 'key-title' }, 'This service wants a key'),
      element(
        'p',
        { id: 'key-note', class: isRefused ? 'note bad' : 'note', role: isRefused ? 'alert' : null },
        isRefused
          ? 'That key was not accepted. Try another one.'
          : 'Paste an API key or a token. It stays in this tab and is forgotten when the tab is closed.',
      ),
      element('label', { for: 'key' }, 'API key or token'),
      input,
      element(
        'div',
        { class: 'actions' },
        element('button', { type: 'submit', class: 'button primary' }, 'Use this key'),
      ),
    );
    const dialog = element('dialog', { class: 'dialog small', 'aria-labelledby': 'key-title' }, form);
    // there is nothing to look at without a key
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const key = input.value.trim();
      if (key === '') return;
      dialog.close();
      dialog.remove();
      resolve(key);
    });
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}
