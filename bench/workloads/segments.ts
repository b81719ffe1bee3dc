/**
 * Files of two segments with record descriptors: a firm, then none to four of its contacts. The shapes of Cobrix's second and third
 * performance tests: narrow (68 and 64 bytes with the descriptor), and wide, where a firm has a table of 2,000 items (16,068 bytes).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Field, comp, fill, lengthOf, packed, random, text } from '../data.js';
import type { Block, Workload } from './workload.js';

const RDW = 4;
const ITEMS = 2000;
const FIRM = 0xc6;
const CONTACT = 0xc3;
const CODED = 0xd5;
const PLAIN = 0xe3;

const HEAD: readonly Field[] = [text('SEGMENT-TYPE', 5, 0), text('FIRM-NO', 10, 0)];
const NAMES: readonly Field[] = [text('FIRM-NAME', 15), text('ADDRESS', 25)];
const TAX: readonly Field[] = [text('TAX-KIND', 1, 0), text('TAX-TEXT', 8, 0)];
const TAX_NUMBER = comp('TAX-NUMBER', 8);
const ITEM: readonly Field[] = [comp('QUANTITY', 7), packed('AMOUNT', 7, 0, false)];
const CONTACTS: readonly Field[] = [text('PHONE', 17, 0), text('PERSON', 28)];

function copybookWith(items: number): string {
  const lines = (level: number, fields: readonly Field[]): string[] =>
    fields.map(({ name, clause }) => `${' '.repeat(7 + level / 2)}${level}  ${name.padEnd(20)} ${clause}.`);
  const table = items > 0 ? [`           10  ITEM OCCURS ${items} TIMES.`, ...lines(15, ITEM)] : [];
  return [
    '       01  FIRM-RECORD.',
    '         05  SEGMENT-TYPE         PIC X(5).',
    '         05  FIRM-NO              PIC X(10).',
    '         05  FIRM.',
    ...lines(10, [...NAMES, ...TAX]),
    '            10  TAX-NUMBER REDEFINES TAX-TEXT PIC 9(8) COMP.',
    ...table,
    '         05  CONTACT REDEFINES FIRM.',
    ...lines(10, CONTACTS),
    '',
  ].join('\n');
}

/** Firms with their contacts, until the bytes are used up. */
function block(bytes: number, items: number): Block {
  const firm = [...HEAD, ...NAMES, ...TAX, ...Array.from({ length: items }, () => ITEM).flat()];
  const contact = [...HEAD, ...CONTACTS];
  const longest = RDW + lengthOf(firm) + 4 * (RDW + lengthOf(contact));
  const out = new Uint8Array(bytes + longest);
  const next = random(13 + items);
  let at = 0;
  let count = 0;
  const segment = (fields: readonly Field[], type: number): number => {
    const length = RDW + lengthOf(fields);
    out[at] = length >> 8;
    out[at + 1] = length;
    const start = at + RDW;
    at = fill(out, start, fields, next);
    out.set([type, 0x40, 0x40, 0x40, 0x40], start);
    count++;
    return start;
  };
  while (at < bytes) {
    const kind = segment(firm, FIRM) + lengthOf([...HEAD, ...NAMES]);
    out[kind] = next() & 1 ? PLAIN : CODED;
    if (out[kind] === CODED) out.fill(0, fill(out, kind + 1, [TAX_NUMBER], next), kind + 1 + 8);
    for (let contacts = next() % 5; contacts > 0; contacts--) segment(contact, CONTACT);
  }
  return { bytes: out.subarray(0, at), records: count };
}

const shared = {
  recfm: 'V',
  record: {
    FIRM: "SEGMENT-TYPE = 'F'",
    CONTACT: "SEGMENT-TYPE = 'C'",
    'TAX-TEXT': "TAX-KIND = 'T'",
    'TAX-NUMBER': "TAX-KIND = 'N'",
  },
  segments: { field: 'SEGMENT-TYPE', groups: { F: 'FIRM', C: 'CONTACT' } },
} as const;

export const narrow: Workload = {
  ...shared,
  name: 'narrow',
  title: 'multi-segment narrow: 68 and 64 bytes',
  published: 9.4,
  copybook: copybookWith(0),
  checked: { path: 'TAX-NUMBER', spark: "sum(case when FIRM.TAX_KIND = 'N' then FIRM.TAX_NUMBER end)" },
  block: (bytes) => block(bytes, 0),
};

export const wide: Workload = {
  ...shared,
  name: 'wide',
  title: 'multi-segment wide: 16,068 and 64 bytes',
  published: 8.0,
  copybook: copybookWith(ITEMS),
  checked: { path: 'AMOUNT', spark: 'sum(aggregate(FIRM.ITEM, 0L, (total, item) -> total + item.AMOUNT))' },
  block: (bytes) => block(bytes, ITEMS),
};
