/**
 * Why bytes are not a value, in plain words. Engines only set a bit; this second look happens where a bit is set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Flag, Op } from '../plan/opcodes.js';
import type { Instruction } from '../plan/plan.js';

const TEXTS = new Set<number>([Op.TEXT, Op.NATIONAL, Op.TEXT_MIXED, Op.TEXT_DBCS, Op.TEXT_UTF8]);

/** What is wrong with a field's bytes (those that the record has of it). */
export function reasonFor(field: Instruction, bytes: Uint8Array): string {
  if (bytes.length < field.length && !TEXTS.has(field.op)) {
    return `the record ends inside the field: ${bytes.length} of ${field.length} bytes are there`;
  }
  switch (field.op) {
    case Op.ZONED:
      return field.flags & Flag.WIDE ? wide(field, bytes) : zoned(field, bytes);
    case Op.BINARY:
      return `the number has more digits than the picture's ${field.digits}`;
    case Op.PACKED:
      return packed(field, bytes);
    case Op.EDITED:
      return edited(field, bytes);
    case Op.TEXT:
      return 'a byte has no character in the code page';
    case Op.TEXT_MIXED:
      return 'a shift is without its partner, or a byte or pair has no character in the code page';
    case Op.TEXT_DBCS:
      return 'a pair of bytes has no character in the code page';
    case Op.TEXT_UTF8:
      return 'the bytes are not valid UTF-8';
    case Op.NATIONAL:
      return 'half of a UTF-16 surrogate pair stands alone';
    default:
      return 'the bytes are not a value of this field';
  }
}

/** What is wrong with the counter of a table of so many items at most. */
export const counterReason = (max: number): string =>
  `its counter is not a number from 0 to ${max}: the table is clamped and what follows it may be displaced`;

function zoned({ flags }: Instruction, bytes: Uint8Array): string {
  const ascii = (flags & Flag.ASCII) !== 0;
  const zone = ascii ? 0x30 : 0xf0;
  const pad = ascii ? 0x20 : 0x40;
  const leading = (flags & Flag.LEADING) !== 0;
  const signAt = leading ? 0 : bytes.length - 1;
  const [plus, minus] = ascii ? [0x2b, 0x2d] : [0x4e, 0x60];
  const isDigit = (b: number): boolean => b >= zone && b <= zone + 9;
  for (let i = 0; i < bytes.length; i++) {
    const b = bytes[i]!;
    if (i === signAt && (flags & Flag.SEPARATE) !== 0) {
      if (b !== plus && b !== minus) return `the sign is ${hex(b)}, neither + nor -`;
    } else if (i !== signAt && !isDigit(b)) {
      return `byte ${i + 1} is ${hex(b)}${b === pad ? ' (a space)' : ''}, not a digit`;
    }
  }
  const b = bytes[signAt]!;
  if (isDigit(b) || (flags & Flag.SEPARATE) !== 0) return unsignedOr(flags, 'the digits or sign are not valid');
  if (!ascii && (b & 15) <= 9 && b >= 0xa0) return unsignedOr(flags, `${hex(b)} holds no sign`);
  if (ascii && /[{}A-Rp-y]/.test(String.fromCharCode(b)))
    return unsignedOr(flags, `${hex(b)} is not a sign in this form of ASCII`);
  return `byte ${signAt + 1} is ${hex(b)}${b === pad ? ' (a space)' : ''}, neither a digit nor a signed digit`;
}

/** A number of USAGE NATIONAL. */
function wide(field: Instruction, bytes: Uint8Array): string {
  for (let i = 0; i < bytes.length; i += 2) {
    if (bytes[i] !== 0)
      return `character ${i / 2 + 1} is U+${hex(bytes[i]!).slice(2, -1)}${hex(bytes[i + 1]!).slice(2, -1)}, not a digit`;
  }
  return zoned(
    field,
    bytes.filter((_, i) => i % 2 === 1),
  ).replace(/^byte/, 'character');
}

function packed({ flags, digits }: Instruction, bytes: Uint8Array): string {
  const signed = (flags & Flag.NO_SIGN) === 0;
  const nibbles = bytes.length * 2;
  for (let i = 0; i < (signed ? nibbles - 1 : nibbles); i++) {
    const nibble = (bytes[i >> 1]! >> (i & 1 ? 0 : 4)) & 15;
    if (nibble > 9) return `nibble ${i + 1} is x'${nibble.toString(16).toUpperCase()}', not a digit`;
  }
  const spare = nibbles - (signed ? 1 : 0) - digits;
  const sign = bytes.at(-1)! & 15;
  if (signed && sign < 10) return `the sign nibble is x'${sign}', which is no sign`;
  if (spare > 0 && bytes[0]! >> 4 !== 0)
    return `the first nibble is x'${(bytes[0]! >> 4).toString(16)}', but the picture has only ${digits} digits`;
  return unsignedOr(flags, 'the digits or sign are not valid');
}

function edited(_: Instruction, bytes: Uint8Array): string {
  return `the bytes (${bytes.length}) do not follow the picture`;
}

const unsignedOr = (flags: number, otherwise: string): string =>
  (flags & Flag.SIGNED) === 0 ? 'the value is negative, but the picture has no S' : otherwise;

const hex = (b: number): string => `x'${b.toString(16).toUpperCase().padStart(2, '0')}'`;
