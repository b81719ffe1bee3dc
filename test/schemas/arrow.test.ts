/**
 * The Arrow schema as JSON against that of the record batches that come out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { DataType, Field } from 'apache-arrow';
import { expect, test } from 'vitest';
import { type ArrowField, Copybook, arrowSchema, open } from '../../src/index.js';
import { randomCase } from './cases.js';

/** A field of apache-arrow in the same words. */
function described(field: Field): unknown {
  const { name, nullable } = field;
  const type = field.type as DataType & Record<string, never>;
  return { name, nullable, type: typeOf(type), children: (type.children ?? []).map(described) };
}

function typeOf(type: DataType & Record<string, unknown>): ArrowField['type'] {
  const text = String(type);
  if (text.startsWith('Int')) return { name: 'int', bitWidth: type.bitWidth, isSigned: type.isSigned };
  if (text.startsWith('Float'))
    return { name: 'floatingpoint', precision: ['HALF', 'SINGLE', 'DOUBLE'][type.precision as number] };
  if (text.startsWith('Decimal'))
    return { name: 'decimal', precision: type.precision, scale: type.scale, bitWidth: type.bitWidth };
  if (text.startsWith('FixedSizeList')) return { name: 'fixedsizelist', listSize: type.listSize };
  return { name: text.replace(/[<{[].*/s, '').toLowerCase() };
}

const withoutMetadata = ({ metadata: _, children, ...rest }: ArrowField): unknown => ({
  ...rest,
  children: children.map(withoutMetadata),
});

test('is the schema of the batches of random layouts', async () => {
  for (let seed = 0; seed < 60; seed++) {
    const { name, copybook, options, data } = randomCase(seed, 2);
    for await (const batch of open(data, { copybook, recfm: 'V', ...options }).batches()) {
      const { schema } = await batch.toArrow();
      expect(arrowSchema(copybook.layout, options).fields.map(withoutMetadata), name).toEqual(
        schema.fields.map(described),
      );
      break;
    }
  }
});

test('has the words of the copybook as metadata', () => {
  const { layout } = Copybook.parse('01 R. 05 A PIC S9(3)V9 COMP-3. 88 NIL VALUE 0.', { format: 'free' });
  expect(arrowSchema(layout)).toEqual({
    fields: [
      {
        name: 'a',
        nullable: true,
        type: { name: 'decimal', precision: 4, scale: 1, bitWidth: 128 },
        children: [],
        metadata: [
          { key: 'cobol', value: 'R.A' },
          { key: 'clauses', value: 'PIC S9(3)V9 COMP-3' },
          { key: '88', value: 'NIL 0' },
        ],
      },
    ],
  });
});
