/**
 * Conditions as instructions: the tree of `query/expr.ts`, with names resolved and constants brought into the field's
 * own bytes or scale, in postfix order for a stack of three-valued truths.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, type SourcePosition } from '../errors.js';
import { type Item, type Layout, type Literal, walk } from '../layout/item.js';
import { type Comparison, type Expr, type FieldReference, type Operand, parseCondition } from '../query/expr.js';
import { ComparisonCompiler, type Subject, refused, step } from './comparison.js';
import type { FieldCompiler } from './field.js';
import type { Frame, PredicateCode } from './frames.js';
import { type Lookup, splitName } from './names.js';
import { Op, PREDICATE_DEPTH } from './opcodes.js';
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

/** The comparison with its sides exchanged. */
const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};
export class PredicateCompiler {
  private readonly comparisons: ComparisonCompiler;

  constructor(
    private readonly lookup: Lookup,
    fields: FieldCompiler,
    private readonly places: Places,
  ) {
    this.comparisons = new ComparisonCompiler(fields);
  }

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
        const { left, operator, right } = expr;
        if (left.kind === 'field') return this.comparison(left, operator, right, frame, scope);
        // the parser sees to it that one side is a field
        return this.comparison(right as FieldReference, MIRRORED[operator], left, frame, scope);
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
        return [this.comparisons.like(this.subject(expr.subject, frame, scope), expr.pattern, expr.escape)];
      case 'null':
        return [this.comparisons.isNull(this.subject(expr.subject, frame, scope))];
    }
  }

  private comparison(
    left: FieldReference,
    operator: Comparison,
    right: Operand,
    frame: Frame,
    scope: Item,
  ): PredicateCode[] {
    const subject = this.subject(left, frame, scope);
    if (right.kind === 'literal') {
      return [this.comparisons.constant({ ...subject, at: right.at }, operator, right.literal)];
    }
    return [this.comparisons.items(subject, operator, this.subject(right, frame, scope))];
  }

  /** The item that a comparison names. */
  private subject({ names, at }: FieldReference, frame: Frame, scope: Item): Subject {
    const { item, condition } = this.find(names, at, scope);
    if (condition) {
      const hint = `Write ${condition.name} or NOT ${condition.name}.`;
      throw refused(`${condition.name} is a condition name: it stands alone, without a comparison`, at, { hint });
    }
    return { item, at, place: this.place(item, at, frame) };
  }

  /** A level 88: one of its values, or in one of its ranges. */
  private named(names: readonly string[], at: SourcePosition, frame: Frame, scope: Item): PredicateCode[] {
    const { item, condition } = this.find(names, at, scope);
    if (!condition) {
      const hint = `Compare it with a value: ${item.name} = ...`;
      throw refused(`${item.name} is not a condition name (level 88)`, at, { hint });
    }
    const subject = { item, at, place: this.place(item, at, frame) };
    const compare = (operator: Comparison, literal: Literal): PredicateCode =>
      this.comparisons.constant(subject, operator, literal);
    return condition.values.flatMap(({ from, to }, i) => [
      ...(to ? [compare('>=', from), compare('<=', to), step(Op.AND)] : [compare('=', from)]),
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
    const varying = item.kind === 'group' ? varyingIn(item) : null;
    if (varying) {
      const why = `the length of its table ${varying.name} depends on ${varying.occurs!.dependingOnName}`;
      throw refused(`${item.path} can't be compared: ${why}`, at, { hint: 'Name one of its fields.' });
    }
    // its own place is that of the first item
    const place = item.occurs ? null : this.places.of(item, frame);
    if (place) return place;
    throw refused(
      `${item.path} can't be used here: it is a table or an item of one, or lies behind one of variable length`,
      at,
    );
  }
}

function varyingIn(group: Item): Item | null {
  for (const item of walk(group)) if (item.occurs?.dependingOnName != null) return item;
  return null;
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

/** Is it in an alternative, or one itself, that no condition selects? */
export function isUnchosen(item: Item, selectors: Selectors): boolean {
  for (let at: Item | null = item; at?.parent; at = at.parent) {
    const isAlternative = at.redefines !== null || at.parent.children.some((other) => other.redefines === at);
    if (isAlternative && !selectors.has(at)) return true;
  }
  return false;
}
