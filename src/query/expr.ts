/**
 * The condition language of `--where` and `--record`: text to tree. It is SQL's and COBOL's common ground:
 *
 *     condition   = conjunction { OR conjunction }
 *     conjunction = negation { AND negation }
 *     negation    = NOT negation | ( condition ) | test
 *     test        = operand [IS] [NOT] comparison operand | field [NOT] IN ( operand, ... )
 *                 | field [NOT] BETWEEN operand AND operand | field [NOT] LIKE 'text' [ESCAPE 'c']
 *                 | field IS [NOT] NULL | condition-name
 *     comparison  = = <> != < <= > >= and COBOL's words (EQUAL TO, GREATER THAN OR EQUAL TO ...)
 *     operand     = field | 'text' | "text" | X'C1' | -12.50 | SPACES | ZEROS | HIGH-VALUES | LOW-VALUES | ALL 'text'
 *     field       = A-B-C | GROUP.A-B-C | A-B-C OF GROUP
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, type SourcePosition, didYouMean } from '../errors.js';
import type { Literal } from '../layout/item.js';
import { type Source, type Token, conditionError, position, sourceOf, tokenize } from './token.js';

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

export interface FieldReference {
  readonly kind: 'field';
  /** Upper case, outermost group first, the field itself last. Groups between them may be left out. */
  readonly names: readonly string[];
  readonly at: SourcePosition;
}

export interface LiteralOperand {
  readonly kind: 'literal';
  /** Numbers: an optional minus, digits, optionally a point and digits. Hex: upper case. */
  readonly literal: Literal;
  readonly at: SourcePosition;
}

export type Operand = FieldReference | LiteralOperand;

/** `at` is the operator, or the condition name. */
export type Expr =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expr[]; readonly at: SourcePosition }
  | { readonly kind: 'not'; readonly operand: Expr; readonly at: SourcePosition }
  /** At least one side is a field. */
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Operand;
      readonly right: Operand;
      readonly at: SourcePosition;
    }
  | {
      readonly kind: 'in';
      readonly subject: FieldReference;
      readonly values: readonly Operand[];
      readonly at: SourcePosition;
    }
  /** Both ends count. */
  | {
      readonly kind: 'between';
      readonly subject: FieldReference;
      readonly low: Operand;
      readonly high: Operand;
      readonly at: SourcePosition;
    }
  /** `%` is any text, `_` any character, each itself behind the escape character. */
  | {
      readonly kind: 'like';
      readonly subject: FieldReference;
      readonly pattern: string;
      readonly escape: string | null;
      readonly at: SourcePosition;
    }
  | { readonly kind: 'null'; readonly subject: FieldReference; readonly at: SourcePosition }
  /** A level-88 name that stands alone. */
  | { readonly kind: 'condition'; readonly field: FieldReference; readonly at: SourcePosition };

/** Deepest nesting of parentheses and NOTs. */
const DEPTH = 64;

const OPPOSITE: Readonly<Record<Comparison, Comparison>> = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
};

type Figurative = Extract<Literal, { kind: 'figurative' }>['value'];
const FIGURATIVE: Readonly<Record<string, Figurative>> = {
  SPACE: 'SPACE',
  SPACES: 'SPACE',
  ZERO: 'ZERO',
  ZEROS: 'ZERO',
  ZEROES: 'ZERO',
  'HIGH-VALUE': 'HIGH-VALUE',
  'HIGH-VALUES': 'HIGH-VALUE',
  'LOW-VALUE': 'LOW-VALUE',
  'LOW-VALUES': 'LOW-VALUE',
  QUOTE: 'QUOTE',
  QUOTES: 'QUOTE',
};

/** COBOL lets one leave the field out of what follows AND and OR. */
const REPEAT = 'Write the field in every comparison (A = 1 OR A = 2), or A IN (1, 2).';

const AFTER_OPERAND = ['IN', 'NOT', 'BETWEEN', 'LIKE', 'IS', 'EQUAL', 'EQUALS', 'GREATER', 'LESS', 'OF', 'AND', 'OR'];
/** Words that no data item can have for a name. BETWEEN, LIKE and ESCAPE are none of COBOL's, so items may have them. */
const RESERVED = new Set([
  ...Object.keys(FIGURATIVE),
  ...['AND', 'OR', 'NOT', 'IN', 'OF', 'IS', 'NULL', 'NULLS', 'EQUAL', 'EQUALS', 'GREATER', 'LESS', 'THAN', 'TO', 'ALL'],
]);

/**
 * Parses a condition. `origin` says in messages where it is from: `--where`, `record CUSTOMER-BODY`.
 * @throws OverpunchError OVP_OPTION_CONDITION with the place in the text
 */
export function parseCondition(text: string, origin: string): Expr {
  if (typeof text !== 'string') {
    throw new OverpunchError('OVP_OPTION_CONDITION', `${origin}: a condition is text, e.g. "STATUS = 'A'"`);
  }
  return new Parser(sourceOf(text, origin)).whole();
}

class Parser {
  private readonly tokens: Token[];
  private next = 0;
  private depth = 0;

  constructor(private readonly source: Source) {
    this.tokens = tokenize(source);
  }

  whole(): Expr {
    if (this.peek().kind === 'end') {
      throw this.error(this.peek(), 'The condition is empty', "Write one such as STATUS = 'A' AND BALANCE > 1000.");
    }
    const expr = this.disjunction();
    const rest = this.peek();
    if (rest.kind !== 'end') throw this.unexpectedAfterTest(rest, expr);
    return expr;
  }

  private disjunction(): Expr {
    return this.chain('or', () => this.chain('and', () => this.negation()));
  }

  /** Terms of one operator in one node: a long list of them does not nest. */
  private chain(kind: 'and' | 'or', term: () => Expr): Expr {
    const operands = [term()];
    const operator = this.peek();
    while (this.skipWord(kind.toUpperCase())) operands.push(term());
    return operands.length === 1 ? operands[0]! : { kind, operands, at: this.place(operator) };
  }

  private negation(): Expr {
    const token = this.peek();
    const nests = token.text === '(' || this.isWord(token, 'NOT');
    if (!nests) return this.test();
    if (++this.depth > DEPTH) throw this.error(token, `Parentheses and NOTs are nested more than ${DEPTH} deep`);
    this.next++;
    let expr: Expr;
    if (token.text === '(') {
      expr = this.disjunction();
      if (!this.skipSymbol(')')) {
        const found = this.peek();
        if (found.kind !== 'end') throw this.unexpectedAfterTest(found, expr);
        throw this.error(token, 'This parenthesis is never closed');
      }
    } else {
      expr = { kind: 'not', operand: this.negation(), at: this.place(token) };
    }
    this.depth--;
    return expr;
  }

  private test(): Expr {
    const first = this.peek();
    const subject = this.operand('A condition');
    const start = this.peek();
    const is = this.skipWord('IS');
    const not = this.skipWord('NOT');
    const operator = this.peek();
    const negate = (expr: Expr): Expr => (not ? { kind: 'not', operand: expr, at: this.place(start) } : expr);

    if (is && this.isWord(operator, 'NULL')) {
      this.next++;
      return negate({ kind: 'null', subject: this.field(subject, first), at: this.place(operator) });
    }
    if (this.skipWord('IN')) {
      return negate({ kind: 'in', subject: this.field(subject, first), values: this.list(), at: this.place(operator) });
    }
    if (this.skipWord('BETWEEN')) {
      const low = this.operand('BETWEEN');
      if (!this.skipWord('AND')) throw this.expected('AND and the upper end of BETWEEN');
      const high = this.operand('AND');
      return negate({ kind: 'between', subject: this.field(subject, first), low, high, at: this.place(operator) });
    }
    if (this.skipWord('LIKE')) {
      const pattern = this.text('LIKE needs a pattern in quotes');
      const needed = 'ESCAPE needs one character in quotes';
      const character = this.tokens[this.next + 1]!;
      const escaping = this.skipWord('ESCAPE') ? this.text(needed) : null;
      if (escaping !== null && [...escaping].length !== 1) throw this.error(character, needed);
      return negate({
        kind: 'like',
        subject: this.field(subject, first),
        pattern,
        escape: escaping,
        at: this.place(operator),
      });
    }
    const comparison = this.comparison();
    if (comparison) {
      const last = this.peek();
      const right = this.operand(operator.text);
      if (subject.kind === 'literal' && right.kind === 'literal') {
        throw this.error(last, 'Both sides are constants', 'One side must be a field.');
      }
      const sign = not ? OPPOSITE[comparison] : comparison;
      return { kind: 'compare', operator: sign, left: subject, right, at: this.place(operator) };
    }
    if (is) throw this.expected('[NOT] NULL or a comparison after IS');
    if (not) throw this.expected('IN, BETWEEN, LIKE or a comparison after NOT');
    if (subject.kind === 'field' && this.endsTest(operator)) {
      return { kind: 'condition', field: subject, at: subject.at };
    }
    if (subject.kind === 'literal' && this.endsTest(operator)) {
      throw this.error(first, `The value ${first.text} alone is not a condition`, REPEAT);
    }
    throw this.expected(`a comparison after ${first.text}`);
  }

  /** A comparison in signs or COBOL's words, or undefined where there is none. */
  private comparison(): Comparison | undefined {
    const token = this.peek();
    if (token.kind === 'symbol' && Object.hasOwn(OPPOSITE, token.text)) {
      this.next++;
      return token.text as Comparison;
    }
    if (this.skipWord('EQUAL') || this.skipWord('EQUALS')) {
      this.skipWord('TO');
      return '=';
    }
    const greater = this.skipWord('GREATER');
    if (!greater && !this.skipWord('LESS')) return undefined;
    this.skipWord('THAN');
    // OR belongs to the comparison only before EQUAL: what else follows is another condition.
    if (this.isWord(this.peek(), 'OR') && this.isWord(this.tokens[this.next + 1], 'EQUAL')) {
      this.next += 2;
      this.skipWord('TO');
      return greater ? '>=' : '<=';
    }
    return greater ? '>' : '<';
  }

  private list(): Operand[] {
    const open = this.peek();
    if (!this.skipSymbol('(')) throw this.expected('a list in parentheses after IN');
    const values: Operand[] = [];
    do values.push(this.operand(values.length === 0 ? 'IN' : 'the comma'));
    while (this.skipSymbol(','));
    if (!this.skipSymbol(')')) {
      if (this.peek().kind === 'end') throw this.error(open, 'This parenthesis is never closed');
      throw this.expected('a comma or a closing parenthesis');
    }
    return values;
  }

  private operand(before: string): Operand {
    const token = this.peek();
    if (token.literal) {
      this.next++;
      return { kind: 'literal', literal: token.literal, at: this.place(token) };
    }
    if (token.kind !== 'word') {
      if (token.text === '(') {
        throw this.error(token, 'Only conditions stand in parentheses', 'A value is written without them.');
      }
      if (before === 'A condition') {
        const abbreviated = this.next > 0 && Object.hasOwn(OPPOSITE, token.text);
        throw this.error(token, `Expected a field, found ${shown(token)}`, abbreviated ? REPEAT : undefined);
      }
      throw this.expected(`a field or a value after ${before}`);
    }
    const figurative = Object.hasOwn(FIGURATIVE, token.text) ? FIGURATIVE[token.text] : undefined;
    if (figurative) {
      this.next++;
      return { kind: 'literal', literal: { kind: 'figurative', value: figurative }, at: this.place(token) };
    }
    if (token.text === 'ALL') {
      this.next++;
      const value = this.text('ALL needs a text in quotes');
      if (value === '') throw this.error(this.tokens[this.next - 1]!, 'ALL needs at least one character');
      return { kind: 'literal', literal: { kind: 'all', value }, at: this.place(token) };
    }
    if (token.text === 'NULL' || token.text === 'NULLS') {
      throw this.error(token, 'Nothing compares with NULL', 'Write IS NULL or IS NOT NULL.');
    }
    if (RESERVED.has(token.text)) throw this.expected(`a field or a value instead of ${token.text}`);
    return this.reference();
  }

  /** A field's name, with `OF` (COBOL: also `IN`) and its groups, innermost first. */
  private reference(): FieldReference {
    const first = this.peek();
    const names = this.name();
    for (;;) {
      const qualifier = this.tokens[this.next + 1]!;
      const of = this.isWord(this.peek(), 'OF') || (this.isWord(this.peek(), 'IN') && qualifier.kind === 'word');
      if (!of) break;
      this.next++;
      if (qualifier.kind !== 'word' || RESERVED.has(qualifier.text))
        throw this.expected('the name of a group after OF');
      names.unshift(...this.name());
    }
    const last = this.tokens[this.next - 1]!;
    if (this.peek().text === '(') {
      const hint = 'Conditions look at fields outside of tables.';
      throw this.error(this.peek(), `Subscripts are not supported: ${first.text}(...)`, hint);
    }
    const length = last.start + last.length - first.start;
    return { kind: 'field', names, at: position(this.source, first.start, length) };
  }

  private name(): string[] {
    return this.tokens[this.next++]!.text.split('.');
  }

  private field(operand: Operand, token: Token): FieldReference {
    if (operand.kind === 'field') return operand;
    throw this.error(token, 'This must be a field, not a constant');
  }

  private text(message: string): string {
    const token = this.peek();
    if (token.literal?.kind !== 'text') throw this.error(token, message);
    this.next++;
    return token.literal.value;
  }

  private endsTest(token: Token): boolean {
    return token.kind === 'end' || token.text === ')' || this.isWord(token, 'AND') || this.isWord(token, 'OR');
  }

  private peek(): Token {
    return this.tokens[this.next]!;
  }

  private isWord(token: Token | undefined, word: string): boolean {
    return token?.kind === 'word' && token.text === word;
  }

  private skipWord(word: string): boolean {
    if (!this.isWord(this.peek(), word)) return false;
    this.next++;
    return true;
  }

  private skipSymbol(symbol: string): boolean {
    const token = this.peek();
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.next++;
    return true;
  }

  private place(token: Token): SourcePosition {
    return position(this.source, token.start, token.length);
  }

  private error(token: Token, message: string, hint?: string): OverpunchError {
    return conditionError(this.source, token, message, hint);
  }

  private expected(what: string): OverpunchError {
    const token = this.peek();
    const near = token.kind === 'word' ? didYouMean(token.text, AFTER_OPERAND) : [];
    const hint = near.length > 0 && near[0] !== token.text ? `Did you mean ${near.join(' or ')}?` : undefined;
    return this.error(token, `Expected ${what}, found ${shown(token)}`, hint);
  }

  private unexpectedAfterTest(token: Token, before: Expr): OverpunchError {
    if (token.text === ')') return this.error(token, 'This parenthesis was never opened');
    if (token.kind === 'word') {
      const near = didYouMean(token.text, ['AND', 'OR']);
      const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : undefined;
      return this.error(token, `Expected AND, OR or the end, found ${token.text}`, hint);
    }
    const list = token.text === ',' && before.kind === 'compare';
    const hint = list ? 'For one of several values write IN (value, value).' : undefined;
    return this.error(token, `Expected AND, OR or the end, found ${shown(token)}`, hint);
  }
}

function shown(token: Token): string {
  return token.kind === 'symbol' ? `'${token.text}'` : token.text;
}
