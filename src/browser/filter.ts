/**
 * The condition that records are filtered by: a line of text, with what is wrong with it under the place where it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { element, fill } from './dom.js';

export class Filter {
  readonly form: HTMLFormElement;
  private readonly input: HTMLInputElement;
  private readonly clear: HTMLButtonElement;
  private readonly error = element('div', { id: 'filter-error', class: 'filter-error', role: 'alert' });

  constructor(apply: (where: string | undefined) => void) {
    this.input = element('input', {
      id: 'filter',
      type: 'text',
      placeholder: "BALANCE < 0 AND CITY = 'Lyon'",
      maxlength: 4000,
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      'aria-describedby': 'filter-error',
    });
    this.clear = element('button', { type: 'button', class: 'button bare clear', hidden: true }, 'Clear');
    this.form = element(
      'form',
      { class: 'filter', role: 'search', 'aria-label': 'Filter records' },
      element('label', { for: 'filter' }, 'Where'),
      element('div', { class: 'filter-field' }, this.input, this.clear),
      this.error,
    );
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      apply(this.input.value.trim() || undefined);
    });
    this.input.addEventListener('input', () => this.showClear());
    this.clear.addEventListener('click', () => {
      this.input.value = '';
      this.input.focus();
      apply(undefined);
    });
  }

  show(where: string | undefined): void {
    if (this.input.value.trim() !== (where ?? '')) this.input.value = where ?? '';
    this.fail(null);
    this.showClear();
  }

  /** @param column 1-based; null where the place is not known */
  fail(message: string | null, column: number | null = null): void {
    this.input.setAttribute('aria-invalid', String(message !== null));
    if (message === null) {
      fill(this.error);
      return;
    }
    // the service repeats the text and marks the place in lines of their own
    const [first = ''] = message.split('\n');
    const said = first.replace(/^where:\d+:\d+: /, '');
    const text = this.input.value;
    const at = column === null ? null : Math.max(0, Math.min(column - 1, text.length));
    const marked =
      at === null
        ? null
        : element(
            'span',
            { class: 'filter-place', 'aria-hidden': 'true' },
            text.slice(Math.max(0, at - 60), at),
            element('mark', {}, text.slice(at, at + 1) || ' '),
            text.slice(at + 1, at + 40),
          );
    fill(this.error, marked, element('span', {}, at === null ? said : `Column ${column}: ${said}`));
    if (at !== null && document.activeElement === this.input) this.input.setSelectionRange(at, at);
  }

  focus(): void {
    this.input.focus();
  }

  private showClear(): void {
    this.clear.hidden = this.input.value === '';
  }
}
