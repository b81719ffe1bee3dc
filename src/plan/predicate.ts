/**
 * Conditions as instructions: the tree of `query/expr.ts`, with names resolved and constants brought into the field's
 * own bytes or scale, in postfix order for a stack of three-valued truths.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, type SourcePosition } from '../errors.js';
import type { Condition, Item, Layout, Literal } from '../layout/item.js';
import { type Comparison, type Expr, type Operand, parseCondition } from '../query/expr.js';
import type { FieldCompiler } from './field.js';
import type { Frame, PredicateCode } from './frames.js';
import { type Lookup, splitName } from './names.js';
import { Cmp, Flag, Op, PREDICATE_DEPTH } from './opcodes.js';
import type { Place, Places } from './places.js';

/** The condition of each alternative and record type that has one. */
export type Selectors = ReadonlyMap<Item, { readonly condition: string; readonly origin: string }>;

export function parseSelectors(record: Readonly<Record<string, string>>, layout: Layout, lookup: Lookup): Selectors {
  const selectors = new Map<Item, { condition: string; origin: string }>();
  const tops = new Set(layout.records.map(({ item }) => item));
  for (const [name, condition] of Object.entries(record)) {
    const origin = `record ${name}`;
    const { item } = lookup.find(splitName(name), 'OVP_OPTION_RECORD', 'record');
    const isType = tops.has(item) && tops.size > 1;
    const isAlternative =
      item.redefines !== null || (item.parent?.children ?? []).some((sibling) => sibling.redefines === item);
    if (!isType && !isAlternative) {
      throw new OverpunchError(
        'OVP_OPTION_RECORD',
        `${origin}: ${item.path} is neither a record type nor an alternative of a REDEFINES`,
        {
          hint: tops.has(item)
            ? 'To read only some records, use where.'
            : 'Name the item that REDEFINES another, or the one that is redefined.',
        },
      );
    }
    if (selectors.has(item))
      throw new OverpunchError('OVP_OPTION_RECORD', `${origin}: ${item.path} has a condition already`);
    selectors.set(item, { condition, origin });
  }
  return selectors;
}

/** True where none of the predicates is. */
export function elseOf(predicates: readonly (readonly PredicateCode[])[]): PredicateCode[] {
  return predicates.flatMap((predicate, i) => [
    ...predicate,
    step(Op.IS_TRUE),
    step(Op.NOT),
    ...(i > 0 ? [step(Op.AND)] : []),
  ]);
}

const CMP: Readonly<Record<Comparison, number>> = {
  '=': Cmp.EQ,
  '<>': Cmp.NE,
  '<': Cmp.LT,
  '<=': Cmp.LE,
  '>': Cmp.GT,
  '>=': Cmp.GE,
};
/** The comparison with its sides exchanged. */
const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};
/** Beyond every number of 38 digits: nothing is equal to it. */
const UNREACHABLE = (1n << 127n) - 1n;

export class PredicateCompiler {
  constructor(
    private readonly lookup: Lookup,
    private readonly fields: FieldCompiler,
    private readonly places: Places,
  ) {}

  /** Compiles for the rows of `frame`; `scope`: names are looked for near this item first. */
  compile(condition: string, origin: string, frame: Frame, scope: Item): PredicateCode[] {
    const code = this.expr(parseCondition(condition, origin), frame, scope);
    if (depthOf(code) > PREDICATE_DEPTH) {
      throw new OverpunchError('OVP_OPTION_CONDITION', `${origin}: the condition is nested too deeply`, {
        hint: 'Leave out parentheses that are not needed.',
      });
    }
    return code;
  }

  private expr(expr: Expr, frame: Frame, scope: Item): PredicateCode[] {
    switch (expr.kind) {
      case 'and':
      case 'or': {
        const join = step(expr.kind === 'and' ? Op.AND : Op.OR);
        return expr.operands.flatMap((operand, i) => [...this.expr(operand, frame, scope), ...(i > 0 ? [join] : [])]);
      }
      case 'not':
        return [...this.expr(expr.operand, frame, scope), step(Op.NOT)];
      case 'compare': {
        const [subject, value, operator] =
          expr.left.kind === 'field'
            ? [expr.left, expr.right, expr.operator]
            : [expr.right, expr.left, MIRRORED[expr.operator]];
        return this.comparison(subject, operator, value, frame, scope);
      }
      case 'between':
        return [
          ...this.comparison(expr.subject, '>=', expr.low, frame, scope),
          ...this.comparison(expr.subject, '<=', expr.high, frame, scope),
          step(Op.AND),
        ];
      case 'in':
        return expr.values.flatMap((value, i) => [
          ...this.comparison(expr.subject, '=', value, frame, scope),
          ...(i > 0 ? [step(Op.OR)] : []),
        ]);
      case 'condition':
        return this.named(expr.field.names, expr.at, frame, scope);
      case 'like':
      case 'null':
        throw new OverpunchError(
          'OVP_OPTION_CONDITION',
          `${expr.kind === 'like' ? 'LIKE' : 'IS NULL'} is not supported yet`,
          {
            source: expr.at,
          },
        );
    }
  }

  private comparison(
    subject: Operand,
    operator: Comparison,
    value: Operand,
    frame: Frame,
    scope: Item,
  ): PredicateCode[] {
    if (subject.kind !== 'field' || value.kind !== 'literal') {
      throw new OverpunchError('OVP_OPTION_CONDITION', 'two fields can not be compared yet, only a field and a value', {
        source: value.at,
      });
    }
    const { item, condition } = this.find(subject.names, subject.at, scope);
    if (condition) {
      throw new OverpunchError(
        'OVP_OPTION_CONDITION',
        `${condition.name} is a condition name: it stands alone, without a comparison`,
        {
          source: subject.at,
        },
      );
    }
    return this.compare(item, operator, value.literal, value.at, this.place(item, subject.at, frame));
  }

  /** A level 88: one of its values, or in one of its ranges. */
  private named(names: readonly string[], at: SourcePosition, frame: Frame, scope: Item): PredicateCode[] {
    const { item, condition } = this.find(names, at, scope);
    if (!condition) {
      throw new OverpunchError('OVP_OPTION_CONDITION', `${item.name} is not a condition name (level 88)`, {
        source: at,
        hint: `Compare it with a value: ${item.name} = ...`,
      });
    }
    const place = this.place(item, at, frame);
    return (condition as Condition).values.flatMap(({ from, to }, i) => [
      ...(to
        ? [...this.compare(item, '>=', from, at, place), ...this.compare(item, '<=', to, at, place), step(Op.AND)]
        : this.compare(item, '=', from, at, place)),
      ...(i > 0 ? [step(Op.OR)] : []),
    ]);
  }

  private find(names: readonly string[], at: SourcePosition, scope: Item): ReturnType<Lookup['find']> {
    try {
      return this.lookup.find(names, 'OVP_OPTION_CONDITION', at.file, scope);
    } catch (error) {
      if (!(error instanceof OverpunchError)) throw error;
      throw new OverpunchError('OVP_OPTION_CONDITION', `there is no single item ${names.join('.')}`, {
        source: at,
        hint: error.hint,
        cause: error,
      });
    }
  }

  private place(item: Item, at: SourcePosition, frame: Frame): Place {
    const place = this.places.of(item, frame);
    if (place) return place;
    throw new OverpunchError(
      'OVP_OPTION_CONDITION',
      `${item.path} can't be used here: it is an item of a table, or lies behind one of variable length`,
      {
        source: at,
      },
    );
  }

  private compare(
    item: Item,
    operator: Comparison,
    literal: Literal,
    at: SourcePosition,
    place: Place,
  ): PredicateCode[] {
    switch (item.kind) {
      case 'text':
      case 'group':
        return [this.text(item, operator, literal, at, place)];
      case 'edited':
        if (!item.edited?.numeric) return [this.text(item, operator, literal, at, place)];
        break;
      case 'national':
      case 'dbcs':
        throw new OverpunchError('OVP_OPTION_CONDITION', `${item.path}: USAGE ${item.usage} can't be compared yet`, {
          source: at,
        });
    }
    const value = numberOf(literal);
    if (value === null) {
      throw new OverpunchError('OVP_OPTION_CONDITION', `${item.path} is a number; compare it with one`, { source: at });
    }
    const { code } = this.fields.compile(item, place.frame, place.offset, false);
    if (item.kind === 'float') {
      const pool = new Uint8Array(new Float64Array([Number(value)]).buffer);
      return [{ ...step(Op.COMPARE_FLOAT), cmp: CMP[operator], operand: code, pool }];
    }
    const { cmp, constant } = scaled(value, Math.max(0, item.scale), operator);
    return [{ ...step(Op.COMPARE_NUMBER), cmp, operand: code, pool: words128(constant) }];
  }

  private text(item: Item, operator: Comparison, literal: Literal, at: SourcePosition, place: Place): PredicateCode {
    const page = this.fields.page(item);
    if (page.kind === 'utf-16') {
      throw new OverpunchError('OVP_OPTION_CONDITION', `${item.path}: text in UTF-16 can't be compared yet`, {
        source: at,
      });
    }
    const spaces = {
      ...step(Op.COMPARE_TEXT),
      frame: place.frame,
      offset: place.offset,
      length: item.length,
      cmp: CMP[operator],
    };
    if (literal.kind === 'figurative' && (literal.value === 'LOW-VALUE' || literal.value === 'NULL')) {
      return { ...spaces, pad: 0, pool: new Uint8Array(0) };
    }
    if (literal.kind === 'figurative' && literal.value === 'HIGH-VALUE') {
      return { ...spaces, pad: page.space, pool: new Uint8Array(item.length).fill(0xff) };
    }
    const flags = Flag.ABSENT;
    if (literal.kind === 'hex')
      return { ...spaces, flags, pad: page.space, pool: Uint8Array.from(Buffer.from(literal.value, 'hex')) };
    const text = textOf(literal, item.length);
    const encoded = page.encode(text);
    if (!(encoded instanceof Uint8Array)) {
      throw new OverpunchError(
        'OVP_OPTION_CONDITION',
        `'${text[encoded.unmappable]}' is not in code page ${page.name}`,
        { source: at },
      );
    }
    return { ...spaces, flags, pad: page.space, pool: encoded };
  }
}

function step(op: number): PredicateCode {
  return { op, frame: null, offset: 0, length: 0, cmp: 0, pad: 0, flags: 0, operand: null, pool: null };
}

function depthOf(code: readonly PredicateCode[]): number {
  let depth = 0;
  let most = 0;
  for (const { op } of code) {
    if (op === Op.AND || op === Op.OR) depth--;
    else if (op !== Op.NOT && op !== Op.IS_TRUE) most = Math.max(most, ++depth);
  }
  return most + 1; // elseOf adds one
}

/** The literal as the text that a field of `length` characters is compared with. */
function textOf(literal: Literal, length: number): string {
  if (literal.kind === 'all')
    return literal.value.repeat(Math.ceil(length / Math.max(1, literal.value.length))).slice(0, length);
  if (literal.kind !== 'figurative') return literal.value;
  return literal.value === 'ZERO' ? '0'.repeat(length) : literal.value === 'QUOTE' ? '"'.repeat(length) : '';
}

/** The literal as a decimal number, or null. */
function numberOf(literal: Literal): string | null {
  if (literal.kind === 'figurative') return literal.value === 'ZERO' ? '0' : null;
  if (literal.kind !== 'number' && literal.kind !== 'text') return null;
  const text = literal.value.trim().replace(/^\+/, '');
  return /^-?(\d+\.?\d*|\.\d+)$/.test(text) ? text : null;
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
