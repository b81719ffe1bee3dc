/**
 * Making elements. Text goes in as text: nothing that comes from a file or the service is ever read as HTML.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;
export type Content = Node | string | number | null | undefined;

/** `element('button', { type: 'button', class: 'quiet' }, 'Close')`: null, undefined and false leave an attribute out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  fill(made, ...content);
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

export function drawing<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...content: readonly Content[]
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(SVG, tag);
  setAttributes(made, attributes);
  fill(made, ...content);
  return made;
}

export function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) target.removeAttribute(name);
    else target.setAttribute(name, value === true ? '' : String(value));
  }
}

/** In the place of what was in it. */
export function fill(target: Element, ...content: readonly Content[]): void {
  target.replaceChildren(
    ...content
      .filter((one) => one !== null && one !== undefined)
      .map((one) => (one instanceof Node ? one : String(one))),
  );
}

/** Paths of 16 by 16 pixels, drawn with lines. */
const ICONS = {
  close: 'M4 4l8 8M12 4l-8 8',
  columns: 'M2.5 3.5h11v9h-11zM6.2 3.5v9M9.8 3.5v9',
  up: 'M4 10l4-4 4 4',
  down: 'M4 6l4 4 4-4',
  files: 'M4 2.5h5l3 3v8H4zM9 2.5v3h3',
  statistics: 'M3 13V8M6.3 13V4M9.6 13V9.5M13 13V6',
  copybook: 'M3 3.5h10M5 6.5h8M7 9.5h6M5 12.5h8',
  record: 'M2.5 4.5h11M2.5 8h7M2.5 11.5h9',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  key: 'M9.5 6.5a3 3 0 1 0-2.6 3L8 10.5h1.5V12H11v1.5h2.5V11L9.4 7.6',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1',
  moon: 'M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6',
  system: 'M2.5 3.5h11v7.5h-11zM6 13.5h4M8 11v2.5',
} as const;
export type Icon = keyof typeof ICONS;

export function icon(name: Icon): SVGElement {
  return drawing(
    'svg',
    { class: 'icon', viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true', focusable: 'false' },
    drawing('path', { d: ICONS[name], fill: 'none', stroke: 'currentColor', 'stroke-width': 1.4 }),
  );
}

/** A button with an icon; its label is shown unless it is only for those who don't see the icon. */
export function iconButton(name: Icon, label: string, action: () => void, isLabelShown = false): HTMLButtonElement {
  const button = element(
    'button',
    // small screens leave the shown label out
    {
      type: 'button',
      class: isLabelShown ? 'button' : 'button bare',
      'aria-label': label,
      title: isLabelShown ? null : label,
    },
    icon(name),
    isLabelShown ? element('span', {}, label) : null,
  );
  button.addEventListener('click', action);
  return button;
}

const whole = new Intl.NumberFormat('en');

/** `10,000,000` */
export const grouped = (value: number): string => whole.format(value);

/** `480 MB` */
export function byteText(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;
