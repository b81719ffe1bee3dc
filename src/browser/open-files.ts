/**
 * Two files that are looked at at once: a copybook and the data that it describes, dropped on the page or chosen, with what has to be known
 * of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { messageOf } from './api.js';
import { byteText, element, fill } from './dom.js';

export interface OpenOptions {
  readonly recfm?: string;
  readonly lrecl?: number;
  readonly codePage?: string;
  readonly encoding?: string;
}

export type OpenAction = (options: OpenOptions, copybook: File, data: File) => Promise<void>;

const FORMATS = [
  ['FB', 'FB: of one length'],
  ['VB', 'VB: varying, in blocks'],
  ['V', 'V: of varying length'],
  ['lines', 'Lines of text'],
] as const;
const CODE_PAGES = [
  '037',
  '273',
  '277',
  '278',
  '280',
  '284',
  '285',
  '297',
  '500',
  '1047',
  '1140',
  '1141',
  '1148',
].concat('930 933 935 937 939 1364 1388 1390 1399 latin-1 utf-8'.split(' '));

/** Which is which: by its name, or by what is in it. */
async function isCopybook(file: File): Promise<boolean> {
  if (/\.(cpy|cbl|cob|cobol|copy|copybook|inc)$/i.test(file.name)) return true;
  if (file.size > 1 << 20) return false;
  const text = await file.slice(0, 1 << 16).text();
  return /\b(PIC|PICTURE|COMP-3|OCCURS)\b/i.test(text) && /^.{0,7}\s*\d{1,2}\s+[A-Z]/im.test(text);
}

/** Takes files that are dropped anywhere. */
export function takeDrops(target: HTMLElement, drop: (files: readonly File[]) => void): void {
  const shade = element(
    'div',
    { class: 'shade', hidden: true, 'aria-hidden': 'true' },
    'Drop a copybook and a data file',
  );
  target.append(shade);
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  target.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    shade.hidden = false;
  });
  target.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) shade.hidden = true;
  });
  target.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    shade.hidden = true;
    drop([...(event.dataTransfer?.files ?? [])]);
  });
}

/** The form, with files that are there already. */
export async function openFiles(action: OpenAction, files: readonly File[] = []): Promise<void> {
  const copybooks = await Promise.all(files.map(isCopybook));
  const copybook = fileInput(
    'copybook',
    files.find((_, i) => copybooks[i]),
  );
  const data = fileInput(
    'data',
    files.find((_, i) => !copybooks[i]),
  );
  const recfm = element(
    'select',
    { id: 'open-recfm' },
    ...FORMATS.map(([value, text]) => element('option', { value }, text)),
  );
  const lrecl = element('input', {
    id: 'open-lrecl',
    type: 'number',
    min: 1,
    max: 1_000_000,
    placeholder: 'of copybook',
  });
  const page = element('input', {
    id: 'open-page',
    list: 'open-pages',
    placeholder: '037',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const error = element('p', { class: 'note bad', role: 'alert' });
  const submit = element('button', { type: 'submit', class: 'button primary' }, 'Open');
  const cancel = element('button', { type: 'button', class: 'button' }, 'Cancel');
  const form = element(
    'form',
    { class: 'form' },
    element('h2', { id: 'open-title' }, 'Open files'),
    element('p', { class: 'note' }, 'They go to this service only, and are forgotten when it ends.'),
    element('label', { for: 'open-copybook' }, 'Copybook'),
    copybook.box,
    element('label', { for: 'open-data' }, 'Data'),
    data.box,
    element(
      'div',
      { class: 'columns' },
      element('label', { for: 'open-recfm' }, 'Record format', recfm),
      element('label', { for: 'open-lrecl' }, 'Record length', lrecl),
      element('label', { for: 'open-page' }, 'Code page', page),
    ),
    element('datalist', { id: 'open-pages' }, ...CODE_PAGES.map((value) => element('option', { value }))),
    error,
    element('div', { class: 'actions' }, cancel, submit),
  );
  const showFormat = (): void => {
    lrecl.disabled = recfm.value !== 'FB';
  };
  recfm.addEventListener('change', showFormat);
  showFormat();
  const dialog = element('dialog', { class: 'dialog small', 'aria-labelledby': 'open-title' }, form);
  cancel.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const [text, bytes] = [copybook.file(), data.file()];
    if (!text || !bytes) {
      fill(error, `Choose a ${text ? 'data file' : 'copybook'} too.`);
      return;
    }
    const codePage = page.value.trim();
    const options: OpenOptions = {
      recfm: recfm.value,
      ...(recfm.value === 'FB' && lrecl.value !== '' && { lrecl: lrecl.valueAsNumber }),
      ...(codePage !== '' && { codePage }),
    };
    fill(error);
    submit.disabled = true;
    submit.textContent = 'Opening …';
    try {
      await action(options, text, bytes);
      dialog.close();
    } catch (cause) {
      fill(error, messageOf(cause));
    } finally {
      submit.disabled = false;
      submit.textContent = 'Open';
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}

function fileInput(name: string, given: File | undefined): { box: HTMLElement; file(): File | undefined } {
  const input = element('input', { id: `open-${name}`, type: 'file' });
  const note = element('span', { class: 'note' });
  const file = (): File | undefined => input.files?.[0] ?? given;
  const show = (): void => {
    const own = input.files?.[0] ? undefined : given;
    fill(note, own ? `dropped: ${own.name}, ${byteText(own.size)}` : null);
  };
  input.addEventListener('change', show);
  show();
  return { box: element('div', { class: 'file' }, input, note), file };
}
