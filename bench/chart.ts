/**
 * A bar chart as SVG: groups of horizontal bars on one scale. No background, and colours for light and dark pages, so that it can stand
 * in a README.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What is written at the bar's end. */
  readonly text: string;
  /** Which of the colours; 0 is the one that stands out. */
  readonly colour: 0 | 1 | 2 | 3;
}

export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 760;
const LABELS = 190;
const ENDS = 200;
const BAR = 18;
const GAP = 5;
const HEAD = 26;
const BETWEEN = 14;

const STYLE = `
    text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; }
    .note, .label { fill: #59636e; }
    .c0 { fill: #0969da; } .c1 { fill: #54aeff; } .c2 { fill: #bf8700; } .c3 { fill: #818b98; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .note, .label { fill: #9198a1; }
      .c0 { fill: #4493f8; } .c1 { fill: #1f6feb; } .c2 { fill: #d29922; } .c3 { fill: #656c76; }
    }`;

/** @param notes lines of small text below the bars */
export function barChart(title: string, groups: readonly BarGroup[], notes: readonly string[]): string {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const scale = (WIDTH - LABELS - ENDS) / most;
  const parts: string[] = [];
  let y = 20;
  const write = (x: number, name: string, text: string, anchor = 'start'): void => {
    parts.push(`  <text x="${x}" y="${y}" class="${name}" text-anchor="${anchor}">${entities(text)}</text>`);
  };
  write(0, 'title', title);
  y += BETWEEN;
  for (const group of groups) {
    y += HEAD;
    write(0, 'title', group.title);
    y += GAP;
    for (const { label, value, text, colour } of group.bars) {
      const width = Math.max(1, value * scale).toFixed(1);
      parts.push(`  <rect x="${LABELS}" y="${y}" width="${width}" height="${BAR}" rx="2" class="c${colour}"/>`);
      y += BAR - 5;
      write(LABELS - 8, 'label', label, 'end');
      write(Math.round(LABELS + Number(width) + 6), '', text);
      y += GAP + 5;
    }
  }
  y += BETWEEN;
  for (const note of notes) {
    y += 18;
    write(0, 'note', note);
  }
  const size = `viewBox="0 0 ${WIDTH} ${y + 10}" width="${WIDTH}" height="${y + 10}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${entities(title)}">`,
    `  <style>${STYLE}\n  </style>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
