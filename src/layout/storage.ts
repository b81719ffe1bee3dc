/**
 * What an elementary item is in storage: kind, bytes, digits, by its picture, its usage and the compiler's dialect.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { SignClause, UsageClause, UsageWord } from '../copybook/ast.js';
import type { EditedPosition } from '../copybook/edited.js';
import type { Picture } from '../copybook/picture.js';
import type { StorageRules } from './draft.js';
import type { Item, Kind, Usage } from './item.js';

export type Storage = Pick<Item, 'kind' | 'usage' | 'length' | 'digits' | 'scale' | 'signed' | 'sign' | 'edited'>;

/** Why an item can't be as it is described. */
export interface StorageProblem {
  readonly problem: string;
  readonly hint?: string;
}

/** Usages whose length needs no picture; `address`: as long as an address is. */
const FIXED: Partial<Record<UsageWord, { kind: Kind; length: number | 'address'; digits: number }>> = {
  'COMP-1': { kind: 'float', length: 4, digits: 0 },
  'COMP-2': { kind: 'float', length: 8, digits: 0 },
  'BINARY-CHAR': { kind: 'binary', length: 1, digits: 2 },
  'BINARY-SHORT': { kind: 'binary', length: 2, digits: 4 },
  'BINARY-LONG': { kind: 'binary', length: 4, digits: 9 },
  'BINARY-DOUBLE': { kind: 'binary', length: 8, digits: 18 },
  'FLOAT-BINARY-32': { kind: 'float', length: 4, digits: 0 },
  'FLOAT-BINARY-64': { kind: 'float', length: 8, digits: 0 },
  'FLOAT-BINARY-128': { kind: 'float', length: 16, digits: 0 },
  'FLOAT-DECIMAL-16': { kind: 'float', length: 8, digits: 0 },
  'FLOAT-DECIMAL-34': { kind: 'float', length: 16, digits: 0 },
  'FLOAT-EXTENDED': { kind: 'float', length: 16, digits: 0 },
  INDEX: { kind: 'pointer', length: 'address', digits: 0 },
  POINTER: { kind: 'pointer', length: 'address', digits: 0 },
  'POINTER-32': { kind: 'pointer', length: 4, digits: 0 },
  'FUNCTION-POINTER': { kind: 'pointer', length: 'address', digits: 0 },
  'PROCEDURE-POINTER': { kind: 'pointer', length: 'address', digits: 0 },
  'OBJECT REFERENCE': { kind: 'pointer', length: 'address', digits: 0 },
};

const MAX_BINARY_DIGITS = 18;
const NO_SIGN = { leading: false, separate: false };

/** IBM's PROCEDURE-POINTER has 8 bytes where addresses have 4, too; GnuCOBOL's INDEX always 4. */
function addressLength(word: UsageWord, { dialect, pointerSize }: StorageRules): number {
  if (word === 'PROCEDURE-POINTER' && dialect === 'ibm') return 8;
  return word === 'INDEX' && dialect === 'gnucobol' ? 4 : pointerSize;
}

export const usageOf = (word: UsageWord): Usage => {
  if (word === 'COMP-N' || (word.startsWith('BINARY-') && word !== 'BINARY')) return 'COMP-5';
  return word as Usage;
};

export function storageOf(
  picture: Picture | null,
  clause: Pick<UsageClause, 'usage' | 'unsigned'> | null,
  sign: Pick<SignClause, 'leading' | 'separate'> | null,
  blankWhenZero: boolean,
  rules: StorageRules,
): Storage | StorageProblem {
  const word = clause?.usage ?? 'DISPLAY';
  const fixed = FIXED[word];
  if (fixed) {
    if (picture) return { problem: `USAGE ${word} goes without a PICTURE`, hint: 'Take out one of the two.' };
    const length = fixed.length === 'address' ? addressLength(word, rules) : fixed.length;
    const signed = fixed.kind !== 'pointer' && clause?.unsigned !== true;
    return { ...fixed, usage: usageOf(word), length, signed, scale: 0, sign: NO_SIGN, edited: null };
  }
  if (!picture) return { problem: `it has neither a PICTURE nor items below it` };
  switch (word) {
    case 'DISPLAY':
      return display(picture, clause !== null, sign, blankWhenZero);
    case 'NATIONAL':
      return national(picture, sign, blankWhenZero);
    case 'DISPLAY-1':
      if (picture.kind !== 'dbcs' && picture.kind !== 'national') return wrong(picture, word, 'a picture of G or N');
      return { ...text(picture, 'dbcs', 'DISPLAY-1'), length: picture.characters * 2 };
    case 'UTF-8':
      if (picture.kind !== 'utf8') return wrong(picture, word, 'a picture of U');
      return text(picture, 'text', 'UTF-8');
    case 'PACKED-DECIMAL':
    case 'COMP-6':
      return packed(picture, word);
    default:
      return binary(picture, word, rules.dialect);
  }
}

function wrong(picture: Picture, usage: UsageWord, needs: string): StorageProblem {
  return { problem: `PICTURE ${picture.text} can't be USAGE ${usage}, which needs ${needs}` };
}

function text(picture: Picture, kind: Kind, usage: Usage): Storage {
  const { byteLength, edited } = picture;
  return { kind, usage, length: byteLength, digits: 0, scale: 0, signed: false, sign: NO_SIGN, edited };
}

function display(
  picture: Picture,
  explicit: boolean,
  sign: Pick<SignClause, 'leading' | 'separate'> | null,
  blank: boolean,
): Storage | StorageProblem {
  const { digits, scale, signed, byteLength } = picture;
  switch (picture.kind) {
    case 'text':
      return text(picture, 'text', 'DISPLAY');
    case 'edited':
      return { ...text(picture, 'edited', 'DISPLAY'), digits, scale, signed };
    case 'national':
      if (explicit) return wrong(picture, 'DISPLAY', 'a picture without N');
      return text(picture, 'national', 'NATIONAL');
    case 'dbcs':
      if (explicit) return wrong(picture, 'DISPLAY', 'a picture without G');
      return text(picture, 'dbcs', 'DISPLAY-1');
    case 'utf8':
      if (explicit) return wrong(picture, 'DISPLAY', 'a picture without U');
      return text(picture, 'text', 'UTF-8');
    case 'zoned':
      break;
  }
  if (blank) {
    return {
      ...text(picture, 'edited', 'DISPLAY'),
      digits,
      scale,
      edited: { numeric: true, positions: nines(digits) },
    };
  }
  const own = signed && sign ? { leading: sign.leading, separate: sign.separate } : NO_SIGN;
  return {
    kind: 'zoned',
    usage: 'DISPLAY',
    length: byteLength + (own.separate ? 1 : 0),
    digits,
    scale,
    signed,
    sign: own,
    edited: null,
  };
}

const isExternalFloat = ({ kind, text: symbols }: Picture): boolean => kind === 'edited' && symbols.includes('E');

/** A number with BLANK WHEN ZERO is a numeric-edited item. */
const nines = (digits: number): EditedPosition[] =>
  Array.from({ length: digits }, () => ({ role: '9', symbol: '', digit: true }));

/** UTF-16: text, and numbers of characters, two bytes each. */
function national(
  picture: Picture,
  sign: Pick<SignClause, 'leading' | 'separate'> | null,
  blank: boolean,
): Storage | StorageProblem {
  const { kind, digits, scale, signed, characters, edited } = picture;
  if (kind === 'national') return text(picture, 'national', 'NATIONAL');
  const all = { ...text(picture, 'edited', 'NATIONAL'), length: 2 * characters };
  if (isExternalFloat(picture)) return { ...all, kind: 'national', edited: null };
  if (kind === 'edited' && edited?.numeric) return { ...all, digits, scale, signed };
  if (kind !== 'zoned') return wrong(picture, 'NATIONAL', 'a picture of N, or of a number');
  if (blank) return { ...all, digits, scale, edited: { numeric: true, positions: nines(digits) } };
  if (signed && !sign?.separate) {
    return {
      problem: `PICTURE ${picture.text} with USAGE NATIONAL needs SIGN LEADING SEPARATE or SIGN TRAILING SEPARATE`,
      hint: 'Characters of UTF-16 have no zone that could hold a sign; take out the S, or add the clause.',
    };
  }
  const own = signed && sign ? { leading: sign.leading, separate: true } : NO_SIGN;
  const length = 2 * (characters + (own.separate ? 1 : 0));
  return { ...all, kind: 'zoned', length, digits, scale, signed, sign: own };
}

function packed(picture: Picture, usage: 'PACKED-DECIMAL' | 'COMP-6'): Storage | StorageProblem {
  const { kind, digits, scale, signed } = picture;
  if (kind !== 'zoned') return wrong(picture, usage, 'a picture of 9, S, V and P');
  if (usage === 'COMP-6' && signed) return wrong(picture, usage, 'a picture without S (it has no place for a sign)');
  const length = usage === 'COMP-6' ? (digits + 1) >> 1 : (digits >> 1) + 1;
  return { kind: 'packed', usage, length, digits, scale, signed, sign: NO_SIGN, edited: null };
}

function binary(picture: Picture, word: UsageWord, dialect: StorageRules['dialect']): Storage | StorageProblem {
  const { kind, digits, scale, signed, characters } = picture;
  // COMP-N is COMP-X in the machine's byte order; GnuCOBOL (3.1) stores both alike
  const usage = word === 'COMP-N' && dialect === 'gnucobol' ? 'COMP-X' : usageOf(word);
  const smallest = word === 'COMP-X' || word === 'COMP-N';
  if (kind === 'text' && (smallest || (word === 'COMP-5' && dialect !== 'ibm'))) {
    if (characters > 8)
      return { problem: `USAGE ${word} holds at most 8 bytes, PICTURE ${picture.text} has ${characters}` };
    const held = characters === 8 ? MAX_BINARY_DIGITS : Math.floor(characters * 8 * Math.log10(2));
    return {
      kind: 'binary',
      usage,
      length: characters,
      digits: held,
      scale: 0,
      signed: false,
      sign: NO_SIGN,
      edited: null,
    };
  }
  if (kind !== 'zoned') return wrong(picture, word, 'a picture of 9, S, V and P');
  if (digits > MAX_BINARY_DIGITS) {
    return {
      problem: `PICTURE ${picture.text} has ${digits} digits; a binary item holds at most ${MAX_BINARY_DIGITS}`,
    };
  }
  const length = binaryLength(digits, signed, smallest, dialect);
  return { kind: 'binary', usage, length, digits, scale, signed, sign: NO_SIGN, edited: null };
}

function binaryLength(digits: number, signed: boolean, smallest: boolean, dialect: StorageRules['dialect']): number {
  if (smallest) return bytesFor(digits, signed && dialect !== 'gnucobol'); // GnuCOBOL counts no bit for COMP-X's sign
  if (dialect === 'microfocus') return bytesFor(digits, signed);
  if (dialect === 'gnucobol' && digits <= 2) return 1;
  return digits <= 4 ? 2 : digits <= 9 ? 4 : 8;
}

/** The fewest bytes that hold all numbers of so many digits. */
function bytesFor(digits: number, signed: boolean): number {
  const bits = digits * Math.log2(10) + (signed ? 1 : 0);
  return Math.ceil(bits / 8);
}
