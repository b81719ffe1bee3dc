/**
 * One elementary item as an instruction: which operation reads it, into which type of column, with which constants.
 * The rules of DESIGN's "What bytes mean" that depend on the picture are applied here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type CodePage, codePage } from '../codepage/codepage.js';
import { OverpunchError } from '../errors.js';
import type { EditedPosition, Item } from '../layout/item.js';
import type { DecodeOptions, Dialect } from '../options.js';
import type { FieldCode, Frame } from './frames.js';
import { Edit, Flag, Op, TEXT_POOL, Type, type TypeCode } from './opcodes.js';
import type { FieldNode } from './schema.js';

/** How a field's column is presented. */
export type Presentation = Pick<FieldNode, 'kind' | 'digits' | 'scale' | 'storageDigits' | 'latin1' | 'type'>;

/** Decimal digits that a binary number of so many bytes can have: index is the length; unsigned from 8 bytes on has one more. */
const BINARY_DIGITS = [0, 3, 5, 8, 10, 13, 15, 17, 19];

/** Compiles fields under one set of options; code pages are looked up once. */
export class FieldCompiler {
  private readonly pages = new Map<string, CodePage>();
  private readonly ascii: boolean;

  constructor(
    private readonly options: DecodeOptions,
    private readonly dialect: Dialect,
    /** Text columns as Latin-1 where the code page allows (cheaper to make strings of). */
    private readonly latin1: boolean,
    /** Text columns as bytes to compare: see CompileOptions. */
    private readonly collate: string | undefined = undefined,
  ) {
    this.ascii = options.encoding === 'ascii';
  }

  /** Are numeric edited fields text? */
  get editedIsText(): boolean {
    return this.options.edited === 'text';
  }

  /** The byte of a space in numbers and, unless its code page says otherwise, in text. */
  get pad(): number {
    return this.ascii ? 0x20 : 0x40;
  }

  page(item: Item): CodePage {
    const { fieldCodePages } = this.options;
    const own = fieldCodePages && Object.entries(fieldCodePages).find(([name]) => sameName(name, item))?.[1];
    const usual = item.usage === 'UTF-8' ? 'utf-8' : (this.options.codePage ?? (this.ascii ? 'latin-1' : '037'));
    const name = own ?? usual;
    let page = this.pages.get(name);
    if (!page) this.pages.set(name, (page = codePage(name, this.options.newlines)));
    return page;
  }

  /** The instruction and presentation of an elementary item; `quiet` for alternatives that nobody selected. */
  compile(
    item: Item,
    frame: Frame,
    offset: number,
    quiet: boolean,
    edited: 'number' | 'text' = this.options.edited ?? 'number',
  ): { code: FieldCode; shown: Presentation } {
    const flags = quiet ? Flag.QUIET : 0;
    if (this.collate !== undefined && this.isText(item)) return this.bytes(item, frame, offset, flags, this.collate);
    switch (item.kind) {
      case 'text':
        return this.text(item, frame, offset, flags);
      case 'edited':
        return item.edited?.numeric && edited !== 'text'
          ? this.number(
              item,
              frame,
              offset,
              flags,
              Op.EDITED,
              this.absent | (item.blankWhenZero ? Flag.LENIENT : 0),
              editedPool(item, this.ascii || item.usage === 'NATIONAL'),
            )
          : item.usage === 'NATIONAL'
            ? this.unicode(item, frame, offset, flags, Op.NATIONAL)
            : this.text(item, frame, offset, flags);
      case 'national':
        return this.unicode(item, frame, offset, flags, Op.NATIONAL);
      case 'dbcs':
        return this.dbcs(item, frame, offset, flags);
      case 'zoned':
        return this.number(item, frame, offset, flags, Op.ZONED, this.zonedFlags(item));
      case 'packed':
        return this.number(
          item,
          frame,
          offset,
          flags,
          Op.PACKED,
          this.absent | (item.usage === 'COMP-6' ? Flag.NO_SIGN : 0),
        );
      case 'binary':
      case 'pointer':
        return this.binary(item, frame, offset, flags);
      case 'float':
        return this.float(item, frame, offset, flags);
    }
    throw unsupported(item);
  }

  private isText({ kind, edited, digits }: Item): boolean {
    if (kind === 'edited') return !edited?.numeric || this.options.edited === 'text';
    return kind === 'text' || kind === 'dbcs' || (kind === 'national' && digits === 0);
  }

  /** Every byte of the field as one byte of the column. */
  private bytes(
    item: Item,
    frame: Frame,
    offset: number,
    flags: number,
    collate: string,
  ): { code: FieldCode; shown: Presentation } {
    const page = item.kind === 'text' || item.kind === 'edited' ? this.page(item) : null;
    const all = flags | Flag.LATIN1 | (page?.space === 0x20 ? Flag.ASCII : 0);
    const pool = collate === 'bytes' ? codePage('latin-1').pool : collation(item, page, collate);
    return {
      code: { op: Op.TEXT, frame, offset, length: item.length, digits: 1, up: 0, flags: all, type: Type.UTF8, pool },
      shown: { kind: 'text', digits: 0, scale: 0, storageDigits: 0, latin1: true, type: Type.UTF8 },
    };
  }

  /** ABSENT, unless blank bytes are values too. */
  get absent(): number {
    return this.options.absent === 'keep' ? 0 : Flag.ABSENT;
  }

  private get trim(): number {
    const { trim = 'right' } = this.options;
    return (
      (trim === 'right' || trim === 'both' ? Flag.TRIM_RIGHT : 0) |
      (trim === 'left' || trim === 'both' ? Flag.TRIM_LEFT : 0)
    );
  }

  private zonedFlags(item: Item): number {
    const { asciiSigns = this.dialect === 'ibm' ? 'overpunch' : 'p-y' } = this.options;
    return (
      this.absent |
      (item.sign.leading ? Flag.LEADING : 0) |
      (item.sign.separate ? Flag.SEPARATE : 0) |
      (this.ascii && asciiSigns === 'p-y' ? Flag.ASCII_PY : 0) |
      (this.options.digits === 'lenient' ? Flag.LENIENT : 0)
    );
  }

  private text(item: Item, frame: Frame, offset: number, flags: number): { code: FieldCode; shown: Presentation } {
    const page = this.page(item);
    if (page.kind === 'mixed') return this.double(item, frame, offset, flags, Op.TEXT_MIXED, page);
    if (page.kind === 'utf-8') return this.unicode(item, frame, offset, flags, Op.TEXT_UTF8);
    if (page.kind === 'utf-16') return this.utf16(item, frame, offset, flags);
    const latin1 = this.latin1 && page.latin1;
    return {
      code: {
        op: Op.TEXT,
        frame,
        offset,
        length: item.length,
        digits: latin1 ? 1 : page.growth,
        up: 0,
        flags: flags | this.absent | this.trim | (page.space === 0x20 ? Flag.ASCII : 0) | (latin1 ? Flag.LATIN1 : 0),
        type: Type.UTF8,
        pool: page.pool,
      },
      shown: { kind: 'text', digits: 0, scale: 0, storageDigits: 0, latin1, type: Type.UTF8 },
    };
  }

  /** NATIONAL or TEXT_UTF8. */
  private unicode(
    item: Item,
    frame: Frame,
    offset: number,
    flags: number,
    op: number,
  ): { code: FieldCode; shown: Presentation } {
    const all = flags | this.absent | this.trim;
    const digits = op === Op.TEXT_UTF8 ? 1 : 0;
    return {
      code: { op, frame, offset, length: item.length, digits, up: 0, flags: all, type: Type.UTF8, pool: null },
      shown: { kind: 'text', digits: 0, scale: 0, storageDigits: 0, latin1: false, type: Type.UTF8 },
    };
  }

  private utf16(item: Item, frame: Frame, offset: number, flags: number): { code: FieldCode; shown: Presentation } {
    if (item.length % 2 === 0) return this.unicode(item, frame, offset, flags, Op.NATIONAL);
    throw new OverpunchError(
      'OVP_OPTION_CODE_PAGE',
      `${item.path}: ${item.length} bytes can't be UTF-16, where a character takes 2 or 4`,
      {
        source: item.source,
        hint: 'Give UTF-16 only to the fields that are: fieldCodePages (--field-code-page NAME=utf-16).',
      },
    );
  }

  /** Pairs of bytes without shifts: they are in the tables of mixed pages. */
  private dbcs(item: Item, frame: Frame, offset: number, flags: number): { code: FieldCode; shown: Presentation } {
    const page = this.page(item);
    if (page.kind === 'mixed') return this.double(item, frame, offset, flags, Op.TEXT_DBCS, page);
    throw new OverpunchError(
      'OVP_OPTION_CODE_PAGE',
      `${item.path}: code page ${page.name} has no double-byte characters, which USAGE ${item.usage} holds`,
      {
        source: item.source,
        hint: 'Take a mixed page: 939 or 1399 (Japanese), 933 or 1364 (Korean), 935 or 1388 (simplified Chinese), 937 or 1371 (traditional Chinese); or name the items to decode with select, without this one.',
      },
    );
  }

  private double(
    item: Item,
    frame: Frame,
    offset: number,
    flags: number,
    op: number,
    { growth, pool }: CodePage,
  ): { code: FieldCode; shown: Presentation } {
    const all = flags | this.absent | this.trim;
    return {
      code: { op, frame, offset, length: item.length, digits: growth, up: 0, flags: all, type: Type.UTF8, pool },
      shown: { kind: 'text', digits: 0, scale: 0, storageDigits: 0, latin1: false, type: Type.UTF8 },
    };
  }

  private number(
    item: Item,
    frame: Frame,
    offset: number,
    flags: number,
    op: number,
    more: number,
    pool: Uint8Array | null = null,
  ): { code: FieldCode; shown: Presentation } {
    const up = Math.max(0, -item.scale);
    const scale = Math.max(0, item.scale);
    const digits = Math.max(item.digits + up, scale);
    if (digits > 38) {
      throw new OverpunchError(
        'OVP_LAYOUT_DIGITS',
        `${item.path}: ${digits} digits with P scaling; at most 38 are possible`,
        {
          source: item.source,
        },
      );
    }
    const type = scale > 0 ? Type.DECIMAL128 : integerType(digits);
    const characters = item.usage === 'NATIONAL' ? Flag.WIDE | Flag.ASCII : this.ascii ? Flag.ASCII : 0;
    const all = flags | more | (item.signed ? Flag.SIGNED : 0) | characters;
    return {
      code: { op, frame, offset, length: item.length, digits: item.digits, up, flags: all, type, pool },
      shown: { kind: scale > 0 ? 'decimal' : 'integer', digits, scale, storageDigits: digits, latin1: false, type },
    };
  }

  private binary(item: Item, frame: Frame, offset: number, flags: number): { code: FieldCode; shown: Presentation } {
    const { length } = item;
    const up = Math.max(0, -item.scale);
    const scale = Math.max(0, item.scale);
    const signed = item.signed;
    const stored = length === 8 && !signed ? 20 : BINARY_DIGITS[length]!;
    const storageDigits = Math.max(stored + up, scale);
    const digits = item.digits > 0 ? Math.max(item.digits + up, scale) : storageDigits;
    const type = scale > 0 ? Type.DECIMAL128 : up > 0 ? integerType(storageDigits) : binaryType(length, signed);
    const { comp5Endian = this.dialect === 'ibm' ? 'big' : 'little' } = this.options;
    const little = item.usage === 'COMP-5' && comp5Endian === 'little';
    const limited = this.options.trunc === 'std' && item.usage === 'BINARY' && item.digits > 0;
    const all = flags | (signed ? Flag.SIGNED : 0) | (little ? Flag.LITTLE : 0) | (limited ? Flag.LIMITED : 0);
    return {
      code: { op: Op.BINARY, frame, offset, length, digits: item.digits, up, flags: all, type, pool: null },
      shown: { kind: scale > 0 ? 'decimal' : 'integer', digits, scale, storageDigits, latin1: false, type },
    };
  }

  private float(item: Item, frame: Frame, offset: number, flags: number): { code: FieldCode; shown: Presentation } {
    const { floats = 'ibm' } = this.options;
    if (!FLOATS.has(item.usage)) throw unsupported(item);
    const ieee = floats !== 'ibm' || item.usage.startsWith('FLOAT-BINARY');
    const type = ieee && item.length === 4 ? Type.FLOAT32 : Type.FLOAT64; // hexadecimal COMP-1 exceeds a float's range
    return {
      code: {
        op: Op.FLOAT,
        frame,
        offset,
        length: item.length,
        digits: 0,
        up: 0,
        flags: flags | Flag.SIGNED | (ieee ? Flag.IEEE : 0) | (floats === 'ieee-little' ? Flag.LITTLE : 0),
        type,
        pool: null,
      },
      shown: { kind: 'float', digits: 0, scale: 0, storageDigits: 0, latin1: false, type },
    };
  }
}

/** Floats of 4 or 8 bytes; those of 16 bytes and decimal ones have no type of column. */
const FLOATS: ReadonlySet<string> = new Set(['COMP-1', 'COMP-2', 'FLOAT-BINARY-32', 'FLOAT-BINARY-64']);

const unsupported = (item: Item): OverpunchError =>
  new OverpunchError('OVP_PLAN_UNSUPPORTED', `${item.path}: values of USAGE ${item.usage} can't be decoded`, {
    source: item.source,
    hint: 'Name the items to decode with select, without this one.',
  });

/** The pool that turns bytes of one page into those of another. */
function collation(item: Item, from: CodePage | null, collate: string): Uint8Array {
  const to = codePage(collate);
  if (from?.kind !== 'single' || to.kind !== 'single') {
    throw new OverpunchError('OVP_OPTION_COLLATE', `${item.path}: its text can't be put in the order of ${to.name}`, {
      hint: "Both must be code pages of single bytes; take collate 'bytes' or 'unicode'.",
    });
  }
  let pool = collations.get(to.pool)?.get(from.pool);
  if (pool) return pool;
  const { pool: latin1 } = codePage('latin-1');
  pool = new Uint8Array(latin1.length);
  from.toUnicode.forEach((code, byte) => {
    const encoded = code < 0 ? null : to.encode(String.fromCharCode(code));
    if (!(encoded instanceof Uint8Array)) return;
    const [other] = encoded as unknown as [number];
    pool!.set(latin1.subarray(4 * other, 4 * other + 4), 4 * byte);
    pool![TEXT_POOL + byte] = other;
  });
  if (!collations.has(to.pool)) collations.set(to.pool, new Map());
  collations.get(to.pool)!.set(from.pool, pool);
  return pool;
}

const collations = new Map<Uint8Array, Map<Uint8Array, Uint8Array>>();

const integerType = (digits: number): TypeCode =>
  digits <= 9 ? Type.INT32 : digits <= 18 ? Type.INT64 : Type.DECIMAL128;

function binaryType(length: number, signed: boolean): TypeCode {
  if (length <= 3 || (length === 4 && signed)) return Type.INT32;
  return length < 8 || signed ? Type.INT64 : Type.DECIMAL128;
}

function sameName(name: string, item: Item): boolean {
  const wanted = name.toUpperCase();
  return wanted === item.name || wanted === item.path || item.path.endsWith(`.${wanted}`);
}

/** Three bytes a position: class, symbol, floating symbol; see `Edit` in opcodes.ts. */
function editedPool(item: Item, ascii: boolean): Uint8Array {
  const positions = item.edited!.positions;
  const pool = new Uint8Array(positions.length * 3);
  const floating = positions.find(({ role }) => role === '+' || role === '-' || role === '$');
  let inFloat = false;
  const { encode } = codePage(ascii ? 'latin-1' : '037');
  positions.forEach((position, i) => {
    if (position === floating) inFloat = true;
    else if (inFloat && !(position.role === floating!.role || position.role === 'insert' || position.role === 'point'))
      inFloat = false;
    const code = (symbol: string): number => (symbol === '' ? 0 : byteOf(symbol, encode));
    pool[i * 3] = editClass(position);
    pool[i * 3 + 1] = code(position.symbol);
    pool[i * 3 + 2] = inFloat ? code(floating!.symbol) : 0;
  });
  return pool;
}

function editClass({ role, digit }: EditedPosition): number {
  switch (role) {
    case '9':
      return Edit.DIGIT;
    case 'Z':
      return Edit.SUPPRESS;
    case '*':
      return Edit.ASTERISK;
    case '+':
    case '-':
    case '$':
      return digit ? Edit.FLOATING : Edit.FLOATING_FIRST;
    case 'sign':
      return Edit.SIGN;
    case 'CR':
    case 'DB':
      return Edit.CREDIT;
    case 'pair':
      return Edit.PAIR;
    default:
      return Edit.INSERT;
  }
}

function byteOf(symbol: string, encode: CodePage['encode']): number {
  const encoded = encode(symbol);
  if (encoded instanceof Uint8Array) return encoded[0]!;
  throw new OverpunchError('OVP_LAYOUT_PICTURE', `The currency sign '${symbol}' is not in the code page of numbers`);
}
