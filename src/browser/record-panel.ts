/**
 * One record: its fields with values and places, and its bytes. Whatever is pointed at on one side is marked on the other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { PlacedItem, PlacedRecord } from './answers.js';
import { BytesView } from './bytes-view.js';
import { element, fill, grouped } from './dom.js';

export interface RecordPanelEvents {
  /** A field is looked at; null: none. */
  active(path: string | null): void;
}

/** Lines that are laid out at once. */
const MANY = 400;

export class RecordPanel {
  readonly box = element('div', { class: 'record' });
  private readonly head = element('p', { class: 'record-head note' });
  private readonly list = element('div', {
    class: 'fields',
    role: 'listbox',
    tabindex: 0,
    'aria-label': 'Fields of the record',
  });
  private readonly said = element('p', { class: 'record-said', 'aria-live': 'polite' });
  private readonly bytes: BytesView;
  private record: PlacedRecord | null = null;
  private lines: HTMLElement[] = [];
  /** Index of the item that is looked at; -1: none. */
  private active = -1;
  /** Pointed at for now. */
  private hovered = -1;

  constructor(private readonly events: RecordPanelEvents) {
    this.bytes = new BytesView({
      hover: (offset) => this.hoverByte(offset),
      choose: (offset) => this.chooseByte(offset),
      name: (offset) => this.fieldsAt(offset).map((index) => this.record!.items[index]!.name),
    });
    this.list.addEventListener('keydown', (event) => this.onKey(event));
    this.list.addEventListener('click', (event) => this.activate(this.indexOf(event.target)));
    this.list.addEventListener('pointerover', (event) => this.hover(this.indexOf(event.target), true));
    this.list.addEventListener('pointerleave', () => this.hover(-1, false));
    this.list.addEventListener('focus', () => this.active < 0 && this.activate(this.next(-1, 1)));
    this.box.append(this.head, this.list, this.said, this.bytes.box);
  }

  /** @param path of a field to begin with */
  show(record: PlacedRecord, path: string | null): void {
    this.record = record;
    const { items, offset, length, complete } = record;
    const bad = items.filter(({ state }) => state === 'bad').length;
    fill(
      this.head,
      `${grouped(length)} bytes at ${grouped(offset)} of the file`,
      bad > 0 ? element('strong', { class: 'bad' }, ` · ${bad} bad ${bad === 1 ? 'value' : 'values'}`) : null,
      complete ? null : ' · only its first 10,000 fields are shown',
    );
    this.lines = items.map(line);
    this.list.classList.toggle('many', items.length > MANY);
    fill(this.list, ...this.lines);
    if (items.length === 0) fill(this.list, element('p', { class: 'note' }, 'No record type applies to this record.'));
    this.bytes.show(record);
    this.active = this.hovered = -1;
    const wanted = path === null ? -1 : items.findIndex((item) => item.path === path);
    const first = wanted >= 0 ? wanted : items.findIndex(({ state }) => state === 'bad');
    this.activate(first);
  }

  /** There is no record. */
  clear(): void {
    this.record = null;
    this.lines = [];
    this.active = this.hovered = -1;
    fill(this.head, 'Choose a record in the grid.');
    fill(this.list);
    this.bytes.clear();
    this.mark(-1, false);
  }

  /** Looks at a field, as from the copybook beside. */
  private activate(index: number): void {
    this.lines[this.active]?.classList.remove('active');
    this.lines[this.active]?.removeAttribute('aria-selected');
    this.active = index;
    const own = this.lines[index];
    if (own) {
      own.classList.add('active');
      own.setAttribute('aria-selected', 'true');
      own.scrollIntoView({ block: 'nearest' });
      this.list.setAttribute('aria-activedescendant', own.id);
    } else this.list.removeAttribute('aria-activedescendant');
    this.mark(index, true);
    this.events.active(this.record?.items[index]?.path ?? null);
  }

  /** @param isFollowed the bytes are brought into view */
  private hover(index: number, isFollowed: boolean): void {
    if (index === this.hovered) return;
    this.lines[this.hovered]?.classList.remove('hovered');
    this.hovered = index;
    this.lines[index]?.classList.add('hovered');
    this.mark(index < 0 ? this.active : index, isFollowed);
  }

  /** Marks the bytes of an item: a field's own, of a group those of all fields in it. */
  private mark(index: number, isFollowed: boolean): void {
    const item = this.record?.items[index];
    const extent = item ? this.extentOf(index) : null;
    this.bytes.mark(extent, item?.state === 'bad', isFollowed);
    if (!item) fill(this.said, 'Point at a field, or at a byte.');
    else {
      const place = extent ? `bytes ${extent.from}–${Math.max(extent.from, extent.to - 1)}` : 'no bytes in this record';
      const what = [item.picture && `PIC ${item.picture}`, item.usage].filter(Boolean).join(' ');
      const reason = item.reason === null ? null : element('span', { class: 'bad' }, item.reason);
      fill(this.said, element('strong', {}, item.name), ` ${what}${what && ' · '}${place}`, reason && ' · ', reason);
    }
  }

  private extentOf(index: number): { from: number; to: number } | null {
    const { items } = this.record!;
    const { kind, offset, length, depth, path } = items[index]!;
    if (kind === 'field') return length! > 0 ? { from: offset!, to: offset! + length! } : null;
    let from = Number.POSITIVE_INFINITY;
    let to = 0;
    for (const item of items.slice(index + 1)) {
      // a table's items stand beside it
      const isIn = item.depth > depth || (kind === 'table' && item.path.startsWith(`${path}(`));
      if (!isIn) break;
      if (item.kind !== 'field' || item.length! === 0) continue;
      from = Math.min(from, item.offset!);
      to = Math.max(to, item.offset! + item.length!);
    }
    return to > 0 ? { from, to } : null;
  }

  /** Fields that have a byte, in order. */
  private fieldsAt(at: number): number[] {
    const found: number[] = [];
    this.record?.items.forEach(({ kind, offset, length }, index) => {
      if (kind === 'field' && at >= offset! && at < offset! + length!) found.push(index);
    });
    return found;
  }

  private hoverByte(offset: number | null): void {
    const [index = -1] = offset === null ? [] : this.fieldsAt(offset);
    this.hover(index, false);
    if (index >= 0) this.lines[index]!.scrollIntoView({ block: 'nearest' });
  }

  private chooseByte(offset: number): void {
    const found = this.fieldsAt(offset);
    // a byte of several fields: one after the other
    const next = found.indexOf(this.active) + 1;
    if (found.length > 0) this.activate(found[next % found.length]!);
  }

  private indexOf(target: EventTarget | null): number {
    const own = (target as HTMLElement).closest<HTMLElement>('[role=option]');
    return own ? this.lines.indexOf(own) : -1;
  }

  private next(from: number, step: number): number {
    return Math.max(0, Math.min(this.lines.length - 1, from + step));
  }

  private onKey(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 10,
      PageUp: -10,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey || this.lines.length === 0) return;
    event.preventDefault();
    this.activate(this.next(this.active, step));
  }
}

function line(item: PlacedItem, index: number): HTMLElement {
  const { kind, name, depth, level, picture, usage, offset, length, state, reason } = item;
  const made = element(
    'div',
    { role: 'option', id: `field-${index}`, class: `field ${kind} ${state}`, 'aria-selected': 'false', title: reason },
    element('span', { class: 'field-offset' }, offset ?? ''),
    element('span', { class: 'field-length' }, length ?? ''),
    element(
      'span',
      { class: 'field-name' },
      element('span', { class: 'level' }, level === null ? '' : String(level).padStart(2, '0')),
      name,
    ),
    element(
      'span',
      { class: 'field-picture' },
      kind === 'field' ? [picture, wordOf(usage)].filter(Boolean).join(' ') : '',
    ),
    element('span', { class: 'field-value' }, valueText(item)),
  );
  made.style.setProperty('--depth', String(depth));
  return made;
}

const wordOf = (usage: string | null): string | null => (usage === 'DISPLAY' ? null : usage);

function valueText({ kind, state, value, items, reason }: PlacedItem): string {
  if (state === 'bad') return `✕ ${reason}`;
  if (kind === 'table') return items === 1 ? '1 item' : `${items} items`;
  if (kind === 'group') return state === 'null' ? 'not there' : '';
  return state === 'null' ? '–' : String(value);
}
