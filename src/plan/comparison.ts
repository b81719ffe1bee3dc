/**
 * One item against a constant, a pattern or another item, as an instruction of a predicate: constants are brought into the
 * field's own bytes or scale here, so that engines only look at bytes.
 *
 * What is a number is compared by value, text by COBOL's rules (IBM Enterprise COBOL Language Reference, "Relation
 * conditions"): byte by byte in the order of the code page, the shorter one padded with spaces.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { CodePage } from '../codepage/codepage.js';
import { OverpunchError, type SourcePosition } from '../errors.js';
import type { Item, Literal } from '../layout/item.js';
import type { Comparison } from '../query/expr.js';
import type { FieldCompiler } from './field.js';
import type { FieldCode, PredicateCode } from './frames.js';
import { Cmp, Flag, LIKE_MANY, LIKE_ONE, MAX_OPERAND_TEXT, Op, Type } from './opcodes.js';
import type { Place } from './places.js';

const CMP: Readonly<Record<Comparison, number>> = {
  '=': Cmp.EQ,
  '<>': Cmp.NE,
  '<': Cmp.LT,
  '<=': Cmp.LE,
  '>': Cmp.GT,
  '>=': Cmp.GE,
};
/** Beyond every number of 38 digits: nothing is equal to it. */
const UNREACHABLE = (1n << 127n) - 1n;
const MOST_DIGITS = 38;

/** An item where it lies, and where the condition speaks of it. */
export interface Subject {
  readonly item: Item;
  readonly place: Place;
  readonly at: SourcePosition;
}

export function step(op: number): PredicateCode {
  return { op, frame: null, offset: 0, length: 0, cmp: 0, pad: 0, flags: 0, operand: null, other: null, pool: null };
}

export class ComparisonCompiler {
  constructor(private readonly fields: FieldCompiler) {}

  /** The item against a constant. */
  constant(subject: Subject, operator: Comparison, literal: Literal): PredicateCode {
    const { item, at } = subject;
    const isZero = literal.kind === 'figurative' && literal.value === 'ZERO';
    const asNumber = item.edited?.numeric && (literal.kind === 'number' || isZero);
    if (!asNumber && this.isText(item)) return this.text(subject, operator, literal);
    const value = numberOf(literal, item);
    const isDisplay = item.kind === 'zoned' || item.kind === 'edited';
    if (value === null && isDisplay && literal.kind !== 'number' && (literal.kind !== 'text' || item.kind === 'edited'))
      return this.bytes(subject, operator, literal);
    if (value === null) {
      throw refused(`${item.path} is a number; compare it with one`, at, {
        hint:
          literal.kind === 'figurative' && item.kind === 'packed'
            ? `A packed number whose bytes are all spaces, x'00' or x'FF' is null here: write ${item.name} IS NULL.`
            : undefined,
      });
    }
    const { code } = this.fields.compile(item, subject.place.frame, subject.place.offset, false, 'number');
    if (item.kind === 'float') {
      const pool = new Uint8Array(new Float64Array([Number(value)]).buffer);
      return { ...step(Op.COMPARE_FLOAT), cmp: CMP[operator], operand: code, pool };
    }
    const { cmp, constant } = scaled(value, Math.max(0, item.scale), operator);
    return { ...step(Op.COMPARE_NUMBER), cmp, operand: code, pool: words128(constant) };
  }

  /** The item against another item. */
  items(one: Subject, operator: Comparison, other: Subject): PredicateCode {
    const cmp = CMP[operator];
    const kinds = [one, other].map(({ item }) =>
      this.isText(item) ? 'text' : item.kind === 'float' ? 'a float' : 'a number',
    );
    if (kinds[0] !== kinds[1]) {
      const [a, b] = [`${one.item.path} is ${kinds[0]}`, `${other.item.path} is ${kinds[1]}`];
      throw refused(`${a}, ${b}: they can't be compared with each other`, other.at);
    }
    if (kinds[0] === 'text') {
      const pad = this.fields.page(one.item).space;
      return { ...step(Op.COMPARE_FIELDS), cmp, pad, operand: this.read(one), other: this.read(other) };
    }
    const [a, b] = [this.number(one), this.number(other)];
    const scale = Math.max(one.item.scale, other.item.scale, 0);
    const [left, right] = [atScale(a, one, scale), atScale(b, other, scale)];
    if (left && right) return { ...step(Op.COMPARE_FIELDS), cmp, operand: left, other: right };
    throw refused(
      `${one.item.path} and ${other.item.path} together span more than ${MOST_DIGITS} digits: they can't be compared`,
      other.at,
    );
  }

  /** SQL's LIKE; spaces at the end count on neither side, as in comparisons. */
  like(subject: Subject, pattern: string, escaping: string | null): PredicateCode {
    const { item, at } = subject;
    if (!this.isText(item)) {
      throw refused(`LIKE is for text, ${item.path} is a number`, at, { hint: 'Compare it with =, < or BETWEEN.' });
    }
    return { ...step(Op.LIKE), operand: this.read(subject), pool: patternOf(pattern, escaping, at) };
  }

  /** No value: absent, or bad. */
  isNull(subject: Subject): PredicateCode {
    const { item, at } = subject;
    if (item.kind === 'group') {
      throw refused(`${item.path} is a group, which is never null`, at, { hint: 'Name one of its fields.' });
    }
    return { ...step(Op.IS_NULL), operand: this.isText(item) ? this.read(subject) : this.number(subject) };
  }

  private isText(item: Item): boolean {
    const { kind } = item;
    if (kind === 'edited') return !item.edited?.numeric || this.fields.editedIsText;
    return kind === 'text' || kind === 'group' || kind === 'dbcs' || kind === 'national';
  }

  private number({ item, place }: Subject): FieldCode {
    return this.fields.compile(item, place.frame, place.offset, false, 'number').code;
  }

  /** The item as text of UTF-8, without what does not count at its end. */
  private read({ item, place, at }: Subject): FieldCode {
    this.checkPage(item, at);
    const text = item.kind === 'group' ? { ...item, kind: 'text' as const } : item;
    const { code } = this.fields.compile(text, place.frame, place.offset, false, 'text');
    const flags = (code.flags | Flag.TRIM_RIGHT) & ~Flag.TRIM_LEFT;
    const most = code.op === Op.NATIONAL ? (item.length >> 1) * 3 : item.length * code.digits;
    if (most > MAX_OPERAND_TEXT) {
      throw refused(`${item.path} is too long for this: ${most} bytes of UTF-8; ${MAX_OPERAND_TEXT} are possible`, at);
    }
    return { ...code, flags };
  }

  private checkPage(item: Item, at: SourcePosition): void {
    const page = this.fields.page(item);
    if (item.kind !== 'group' || page.kind === 'single') return;
    throw refused(`${item.path} is a group, which has no text in code page ${page.name}`, at, {
      hint: 'Name one of its fields.',
    });
  }

  private text(subject: Subject, operator: Comparison, literal: Literal): PredicateCode {
    const { item, place, at } = subject;
    const page = this.fields.page(item);
    if (literal.kind === 'hex') return this.bytes(subject, operator, literal);
    if (literal.kind === 'figurative' && ['LOW-VALUE', 'NULL', 'HIGH-VALUE'].includes(literal.value))
      return this.bytes(subject, operator, literal);
    const { text, stored } = this.stored(item, literal, at);
    const form = formOf(item, page);
    if (form === 'group' || (form === 'single' && isOneToOne(text, stored, page))) {
      const { frame, offset } = place;
      const { absent } = this.fields;
      const bytes = { frame, offset, length: item.length, flags: absent, pad: page.space, pool: stored };
      return { ...step(Op.COMPARE_TEXT), ...bytes, cmp: CMP[operator] };
    }
    // what kernels trim: the double-byte space too
    const utf8 = new TextEncoder().encode(text.replace(page.kind === 'mixed' ? /[ \0\u3000]+$/ : /[ \0]+$/, ''));
    const pool = new Uint8Array(4 + utf8.length + stored.length);
    new DataView(pool.buffer).setInt32(0, utf8.length, true);
    pool.set(utf8, 4);
    pool.set(stored, 4 + utf8.length);
    return { ...step(Op.COMPARE_STRING), cmp: CMP[operator], pad: page.space, operand: this.read(subject), pool };
  }

  /** A constant as text, and as the field would hold it. */
  private stored(item: Item, literal: Literal, at: SourcePosition): { text: string; stored: Uint8Array } {
    const page = this.fields.page(item);
    const form = formOf(item, page);
    if (form === 'group' && page.kind === 'utf-16') this.checkPage(item, at);
    const text = textOf(literal, form === 'utf-16' || form === 'dbcs' ? item.length >> 1 : item.length);
    if (form === 'utf-16') {
      const lone = /\p{Surrogate}/u.exec(text);
      if (lone) throw refused(`'${text}' has half a character at ${lone.index + 1}`, at);
      return { text, stored: bigEndian(text) };
    }
    const encoded = page.encode(text);
    if (!(encoded instanceof Uint8Array)) {
      throw refused(
        `'${String.fromCodePoint(text.codePointAt(encoded.unmappable)!)}' is not in code page ${page.name}`,
        at,
      );
    }
    if (item.kind !== 'dbcs' || text === '') return { text, stored: encoded };
    // pairs without the shifts around them
    if (encoded[0] === 0x0e && encoded.indexOf(0x0f) === encoded.length - 1)
      return { text, stored: encoded.slice(1, -1) };
    throw refused(`${item.path} holds double-byte characters, '${text}' has others`, at, {
      hint: 'Write full-width characters.',
    });
  }

  /** The bytes as they are, whatever they mean: x'00' at the end counts, and blank bytes are values too. */
  private bytes({ item, place, at }: Subject, operator: Comparison, literal: Literal): PredicateCode {
    const page = this.fields.page(item);
    const { frame, offset } = place;
    const { length } = item;
    const code = { ...step(Op.COMPARE_TEXT), frame, offset, length, cmp: CMP[operator], flags: Flag.EXACT };
    const isNumber = !this.isText(item);
    const pad = isNumber ? this.fields.pad : page.space;
    if (literal.kind === 'figurative' && (literal.value === 'LOW-VALUE' || literal.value === 'NULL'))
      return { ...code, pad: 0, pool: new Uint8Array(0) };
    if (literal.kind === 'figurative' && literal.value === 'HIGH-VALUE')
      return { ...code, pad, pool: new Uint8Array(length).fill(0xff) };
    const isWide = formOf(item, page) === 'utf-16';
    let pool: Uint8Array;
    if (literal.kind === 'hex') pool = Uint8Array.from(Buffer.from(literal.value, 'hex'));
    else if (isWide) pool = bigEndian(textOf(literal, length >> 1));
    else {
      const encoded = page.encode(textOf(literal, length));
      if (!(encoded instanceof Uint8Array)) throw refused(`${item.path} is a number; compare it with one`, at);
      pool = encoded;
    }
    if (!isWide) return { ...code, pad, pool };
    // padded here: the national space has two different bytes
    const padded = new Uint8Array(Math.max(length, pool.length)).map((_, i) => (i & 1 ? 0x20 : 0));
    padded.set(pool);
    return { ...code, pad, pool: padded };
  }
}

export function refused(
  message: string,
  source: SourcePosition,
  more: { hint?: string | undefined } = {},
): OverpunchError {
  return new OverpunchError('OVP_OPTION_CONDITION', message, { source, ...more });
}

/** How text lies in an item: groups are bytes, USAGE NATIONAL is UTF-16, DISPLAY-1 pairs; else the code page says it. */
function formOf({ kind, usage }: Item, page: CodePage): CodePage['kind'] | 'group' | 'dbcs' {
  if (kind === 'group' || kind === 'dbcs') return kind;
  return usage === 'NATIONAL' ? 'utf-16' : page.kind;
}

const bigEndian = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf16le').swap16());

/** Is each character the only one of its byte, and the byte the only one of its character? */
function isOneToOne(text: string, stored: Uint8Array, { toUnicode }: CodePage): boolean {
  return stored.every((byte, i) => {
    const code = text.charCodeAt(i);
    return toUnicode[byte] === code && toUnicode.indexOf(code) === toUnicode.lastIndexOf(code);
  });
}

/** An operand's code with as many more digits as a scale asks for; null where there is no room for them. */
function atScale(code: FieldCode, { item }: Subject, scale: number): FieldCode | null {
  const more = scale - Math.max(0, item.scale);
  if (more === 0 || code.op === Op.FLOAT) return code;
  const digits = code.op === Op.BINARY ? 20 : code.digits;
  return digits + code.up + more > MOST_DIGITS ? null : { ...code, up: code.up + more, type: Type.DECIMAL128 };
}

/** The literal as the text that a field of `length` characters is compared with. */
function textOf(literal: Literal, length: number): string {
  if (literal.kind === 'all')
    return literal.value.repeat(Math.ceil(length / Math.max(1, literal.value.length))).slice(0, length);
  if (literal.kind !== 'figurative') return literal.value;
  return literal.value === 'ZERO' ? '0'.repeat(length) : literal.value === 'QUOTE' ? '"'.repeat(length) : '';
}

/** The literal as a decimal number, or null. */
function numberOf(literal: Literal, item: Item): string | null {
  if (literal.kind === 'figurative') {
    return literal.value === 'ZERO' || (literal.value === 'NULL' && item.kind === 'pointer') ? '0' : null;
  }
  if (literal.kind === 'hex') return null;
  const isFilled = literal.kind === 'all' && item.kind === 'zoned' && /^\d+$/.test(literal.value);
  if (literal.kind === 'all' && !isFilled) return null;
  if (isFilled) return shifted(textOf(literal, item.digits), item.scale);
  const text = literal.value.trim().replace(/^\+/, '');
  return /^-?(\d+\.?\d*|\.\d+)$/.test(text) ? text : null;
}

/** A field's digits as its value: the point `scale` places from the end. */
function shifted(digits: string, scale: number): string {
  if (scale <= 0) return digits + '0'.repeat(-scale);
  const padded = digits.padStart(scale + 1, '0');
  return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** The comparison with a decimal constant as one of integers at the field's scale. */
function scaled(value: string, scale: number, operator: Comparison): { cmp: number; constant: bigint } {
  const [, minus, whole, fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(value)!;
  const digits = BigInt((whole || '0') + fraction.slice(0, scale).padEnd(scale, '0'));
  const isExact = /^0*$/.test(fraction.slice(scale));
  // floor of the constant at this scale
  let constant = minus ? -digits - (isExact ? 0n : 1n) : digits;
  if (constant >= UNREACHABLE || constant <= -UNREACHABLE) {
    constant = constant > 0n ? UNREACHABLE : -UNREACHABLE;
    return { cmp: CMP[operator], constant };
  }
  if (isExact) return { cmp: CMP[operator], constant };
  switch (operator) {
    case '=':
    case '<>':
      return { cmp: CMP[operator], constant: UNREACHABLE };
    case '<':
    case '<=':
      return { cmp: Cmp.LE, constant };
    default:
      return { cmp: Cmp.GT, constant };
  }
}

function words128(value: bigint): Uint8Array {
  const words = new BigInt64Array([BigInt.asIntN(64, value), value >> 64n]);
  return new Uint8Array(words.buffer);
}

/** A pattern as engines read it. */
function patternOf(pattern: string, escaping: string | null, at: SourcePosition): Uint8Array {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  const characters = [...pattern];
  /** Bytes up to here stay, whatever they are. */
  let kept = 0;
  for (let i = 0; i < characters.length; i++) {
    let character = characters[i]!;
    if (character === escaping) {
      character = characters[++i] ?? '';
      if (character !== '%' && character !== '_' && character !== escaping) {
        throw refused(`In a pattern the escape character '${escaping}' stands before %, _ or itself`, at);
      }
    } else if (character === '%' || character === '_') {
      bytes.push(character === '%' ? LIKE_MANY : LIKE_ONE);
      kept = bytes.length;
      continue;
    }
    bytes.push(...encoder.encode(character));
    if (character !== ' ') kept = bytes.length;
  }
  return Uint8Array.from(bytes.slice(0, kept));
}
