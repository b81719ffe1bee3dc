/**
 * Program text to tokens. COBOL's periods, commas and semicolons count only where a blank follows; a picture is one
 * token, up to the next blank.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { SourcePosition } from '../errors.js';
import type { Diagnostics } from './diagnostics.js';
import { PLAIN_RULES, type TextRules } from './rules.js';
import type { Source } from './source.js';
import { CLAUSE_WORDS } from './words.js';

export type TokenKind = 'word' | 'number' | 'literal' | 'picture' | 'period' | 'other' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Words and pictures in upper case, numbers as written, a literal's characters without its quotes. */
  readonly text: string;
  /** A literal's prefix in upper case (`X`, `N` ...); '' otherwise. */
  readonly prefix: string;
  readonly offset: number;
  readonly length: number;
  /** Nothing but blanks stands before it on its line. */
  readonly first: boolean;
}

const WORD = /[\p{L}\p{N}_#@$][\p{L}\p{N}_#@$-]*/uy;
const NUMBER = /[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:E[+-]?\d+)?/iy;
const NUMBER_WITH_COMMA = /[+-]?(?:\d+(?:,\d+)?|,\d+)(?:E[+-]?\d+)?/iy;
const PLACEHOLDER = /:[\w-]+:[\w-]*/y;
const PREFIXES = new Set(['X', 'N', 'NX', 'G', 'GX', 'U', 'UX', 'Z', 'H', 'B', 'BX']);

export class Lexer {
  private readonly text: string;
  private readonly tokens: Token[] = [];
  private at = 0;
  private first = true;

  constructor(
    private readonly source: Source,
    private readonly diagnostics: Diagnostics,
    private readonly rules: TextRules = PLAIN_RULES,
  ) {
    this.text = source.text;
  }

  /** All tokens; the last one is `end`. */
  run(): Token[] {
    const { text } = this;
    while (this.at < text.length) {
      const char = text[this.at]!;
      if (char === '\n') this.first = true;
      else if (char === ' ') {
        // a blank
      } else if ((char === ',' && !this.isDecimal(char)) || char === ';') this.separator(char);
      else if (char === '.' && !this.isDecimal(char)) this.period();
      else {
        this.token(char);
        continue;
      }
      this.at++;
    }
    this.push('end', '', Math.max(0, text.trimEnd().length - 1), 1);
    return this.tokens;
  }

  /** A point that begins a number, `.5`. */
  private isDecimal(char: string): boolean {
    return char === (this.rules.decimalComma ? ',' : '.') && isDigit(this.text[this.at + 1]);
  }

  private push(kind: TokenKind, value: string, offset: number, length: number, prefix = ''): void {
    this.tokens.push({ kind, text: value, prefix, offset, length, first: this.first });
    this.first = false;
  }

  private position(offset: number, length: number): SourcePosition {
    return this.source.position(offset, length);
  }

  private separator(char: string): void {
    const before = this.tokens.at(-1);
    const glued =
      before?.kind === 'number' && before.offset + before.length === this.at && isDigit(this.text[this.at + 1]);
    if (!glued) return;
    this.diagnostics.error(
      'OVP_SYNTAX_COMMA',
      `a ${char} between digits: one number with a decimal comma, or two numbers?`,
      this.position(this.at, 1),
      'Put a blank behind the comma for two numbers; for decimal commas (DECIMAL-POINT IS COMMA) give decimalPoint: comma.',
    );
    while (isDigit(this.text[this.at + 1])) this.at++; // one number, one error
  }

  private period(): void {
    const next = this.text[this.at + 1];
    const word = /[A-Z]+/iy;
    word.lastIndex = this.at + 1;
    const isClause = CLAUSE_WORDS.has(word.exec(this.text)?.[0].toUpperCase() ?? '');
    if (next !== undefined && next !== ' ' && next !== '\n' && next !== '.') {
      this.diagnostics.error(
        'OVP_SYNTAX_PERIOD',
        'a period that ends an entry must be followed by a blank',
        this.position(this.at, 1),
      );
    }
    if (!isClause) this.push('period', '.', this.at, 1); // before a clause the entry goes on
  }

  /** One token that is no separator; moves behind it. */
  private token(char: string): void {
    const start = this.at;
    if (char === '"' || char === "'") return this.literal('', start);
    const word = this.match(WORD);
    // 01, 9.5, 5E3 are numbers; 1A and 5-X are words, as the word is longer then
    if (word === null || isDigit(char)) {
      const number = this.match(this.rules.decimalComma ? NUMBER_WITH_COMMA : NUMBER);
      if (number !== null && number.length >= (word?.length ?? 0)) {
        this.push('number', number.toUpperCase(), start, number.length);
        this.at += number.length;
        return;
      }
    }
    if (word === null) {
      const other = this.match(PLACEHOLDER) ?? String.fromCodePoint(this.text.codePointAt(start)!);
      this.push('other', other, start, other.length);
      this.at += other.length;
      return;
    }
    this.at += word.length;
    const upper = word.toUpperCase();
    const next = this.text[this.at];
    if ((next === '"' || next === "'") && PREFIXES.has(upper)) return this.literal(upper, start);
    this.push('word', upper, start, word.length);
    if (upper === 'PIC' || upper === 'PICTURE') this.picture();
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.[0] ?? null;
  }

  /** A quoted literal, from its opening quote on; a doubled quote stands for itself. */
  private literal(prefix: string, start: number): void {
    const { text } = this;
    const quote = text[this.at]!;
    let value = '';
    for (let i = this.at + 1; i < text.length && text[i] !== '\n'; i++) {
      if (text[i] !== quote) value += text[i];
      else if (text[i + 1] === quote) value += text[++i];
      else {
        this.push('literal', value, start, i + 1 - start, prefix);
        this.at = i + 1;
        return;
      }
    }
    this.diagnostics.error(
      'OVP_SYNTAX_LITERAL',
      'this literal has no closing quote',
      this.position(start, text.length),
      'A literal ends on its line (in fixed format by column 72), or goes on in a line with - in column 7.',
    );
    value = value.trimEnd();
    this.push('literal', value, start, this.at + 1 + value.length - start, prefix);
    // a period at the line's end is the entry's rather than the literal's
    if (value.endsWith('.')) this.push('period', '.', this.at + value.length, 1);
    const end = text.indexOf('\n', this.at);
    this.at = end < 0 ? text.length : end;
  }

  /** What follows PIC or PICTURE, with or without IS: everything up to a blank, but for the separator at its end. */
  private picture(): void {
    const lead = /\s*(?:IS\s+)?/iy;
    lead.lastIndex = this.at;
    let start = this.at + lead.exec(this.text)![0].length;
    const run = /[^\s]*/y;
    run.lastIndex = start;
    const found = withoutSeparator(run.exec(this.text)![0]);
    if (found === '') {
      this.at = start;
      return;
    }
    this.first = false;
    this.push('picture', found.toUpperCase(), start, found.length);
    start += found.length;
    this.at = start;
  }
}

/** A picture without the separator behind it: one character, one and a period, or periods. */
function withoutSeparator(picture: string): string {
  let end = picture.length;
  while (end > 0 && '.,;'.includes(picture[end - 1]!)) end--;
  const tail = picture.slice(end);
  return /^(?:[.,;]\.?|\.+)$/.test(tail) ? picture.slice(0, end) : picture;
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}
