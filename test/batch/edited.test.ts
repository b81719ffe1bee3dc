/**
 * Edited pictures whose zero looks like nothing: from the copybook to the value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { codePage } from '../../src/codepage/codepage.js';
import { Copybook } from '../../src/copybook.js';
import type { DecodeOptions } from '../../src/options.js';

/** The value of an item with this picture that shows this text. */
function value(picture: string, text: string, options: DecodeOptions = {}): unknown {
  const copybook = Copybook.parse(`01 R.\n05 A PIC ${picture}.\n05 B PIC X.\n`, { format: 'free' });
  const bytes = codePage('037').encode(`${text}.`);
  if (!(bytes instanceof Uint8Array)) throw new Error(`${text} is not in page 037`);
  return copybook.decode(bytes, options).a;
}

describe('IBM Enterprise COBOL Language Reference, BLANK WHEN ZERO clause', () => {
  test.each(['null', 'keep'] as const)('spaces are 0 in an item that has it (absent: %s)', (absent) => {
    expect(value('9(3).99 BLANK WHEN ZERO', '      ', { absent })).toBe('0.00');
    expect(value('9(3) BLANK ZERO', '   ', { absent })).toBe(0);
    expect(value('9(3) BLANK ZERO', '012', { absent })).toBe(12);
    expect(value('ZZ9V99 BLANK ZERO', '     ', { absent })).toBe('0.00');
  });

  test('elsewhere they are nothing, or what the picture says', () => {
    expect(value('9(3).99', '      ')).toBeNull();
    expect(value('Z(3)', '   ')).toBeNull();
    expect(value('Z(3)', '   ', { absent: 'keep' })).toBe(0);
    expect(value('9(3) BLANK ZERO', '\0\0\0')).toBeNull();
  });
});

test('a zero in a picture with only * is * but for the point (Language Reference, Zero suppression and replacement)', () => {
  expect(value('**,**V**+', '********')).toBe('0.00');
  expect(value('***.**-', '***.***')).toBe('0.00');
  expect(value('***.**CR', '***.****')).toBe('0.00');
  expect(value('***.**CR', '*12.50CR')).toBe('-12.50');
  expect(value('***.**-', '*12.50*')).toBeNull();
});
