/**
 * The parser's place in the tokens, with what every rule needs: look, take, insist, fail.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type ErrorCode, OverpunchError, type SourcePosition } from '../errors.js';
import type { Literal, Reference } from './ast.js';
import type { Diagnostics } from './diagnostics.js';
import type { Token } from './lexer.js';
import { type Picture, parsePicture } from './picture.js';
import { PLAIN_RULES, type TextRules } from './rules.js';
import type { Source } from './source.js';
import { FIGURATIVES } from './words.js';

/** Compilers take 30 to 63 characters. */
const LONGEST_NAME = 128;
/** Digits of a number in another base: 8 bytes have 64 of them at most. */
const LONGEST_NUMBER = 64;
/** Positions of all edited pictures of a text that differ. */
const MAX_POSITIONS = 500_000;

/** Thrown after an error was reported: the entry is given up, the parser goes on behind it. */
export class EntryAbandoned extends Error {}

export class Cursor {
  private at = 0;
  private readonly pictures = new Map<string, Picture>();
  private positions = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly source: Source,
    readonly diagnostics: Diagnostics,
    readonly rules: TextRules = PLAIN_RULES,
  ) {}

  get token(): Token {
    return this.tokens[this.at]!;
  }

  peek(ahead: number): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]!;
  }

  get previous(): Token {
    return this.tokens[Math.max(0, this.at - 1)]!;
  }

  take(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.at++;
    return token;
  }

  position(token: Token = this.token): SourcePosition {
    return this.source.position(token.offset, token.length);
  }

  is(...words: string[]): boolean {
    return this.token.kind === 'word' && words.includes(this.token.text);
  }

  /** Takes the token if it is one of these words. */
  accept(...words: string[]): boolean {
    if (!this.is(...words)) return false;
    this.at++;
    return true;
  }

  error(code: ErrorCode, message: string, token: Token = this.token, hint?: string): void {
    const position = this.position(token);
    this.diagnostics.error(code, message, position, this.cut(position) ?? hint);
  }

  /** A hint for a token that may be cut off, or the last of what is, where fixed format ends. */
  cut({ file, column, length, text }: SourcePosition): string | undefined {
    const isLast = text.slice(column + length - 1, 72).trim() === '';
    if (this.source.formatOf(file) !== 'fixed' || !isLast || text.slice(72).trim() === '') return undefined;
    return 'The line goes on behind column 72, where fixed format ends. Is the copybook in free format?';
  }

  fail(code: ErrorCode, message: string, token: Token = this.token, hint?: string): never {
    this.error(code, message, token, hint);
    throw new EntryAbandoned();
  }

  /** Fails because `wanted` should be here; a period or the end means that something is left out. */
  expected(wanted: string, candidates: Iterable<string> = []): never {
    const { kind, text } = this.token;
    const near = kind === 'word' ? this.diagnostics.near(text, candidates) : [];
    const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : undefined;
    if (kind === 'end')
      this.fail('OVP_SYNTAX_UNEXPECTED', `${wanted} is missing at the end of the text`, this.previous, hint);
    this.fail('OVP_SYNTAX_UNEXPECTED', `expected ${wanted}, found ${this.shown()}`, this.token, hint);
  }

  /** The token as a message shows it. */
  shown(token: Token = this.token): string {
    switch (token.kind) {
      case 'literal':
        return `the literal ${token.prefix}'${token.text.slice(0, 30)}'`;
      case 'period':
        return 'a period';
      case 'end':
        return 'the end of the text';
      default:
        return token.text;
    }
  }

  name(what: string): string {
    const token = this.token;
    if (token.kind === 'other' && token.text.startsWith(':')) this.placeholder();
    if (token.kind !== 'word') this.expected(what);
    if (token.text.length > LONGEST_NAME)
      this.fail(
        'OVP_SYNTAX_NAME',
        `${token.text.slice(0, 30)}... is no name: it has more than ${LONGEST_NAME} characters`,
      );
    if (!/\p{L}/u.test(token.text)) this.fail('OVP_SYNTAX_NAME', `${token.text} is no name: it has no letter`);
    if (token.text.endsWith('-')) this.fail('OVP_SYNTAX_NAME', `${token.text} is no name: it ends with a hyphen`);
    this.at++;
    return token.text;
  }

  /** What a picture string says; most of them are there many times. @throws OverpunchError OVP_SYNTAX_PICTURE */
  picture(text: string, source: SourcePosition): Picture {
    let picture = this.pictures.get(text);
    if (!picture) {
      if (this.positions > MAX_POSITIONS) {
        const what = `the edited pictures of the text have more than ${MAX_POSITIONS} characters`;
        throw new OverpunchError('OVP_SYNTAX_PICTURE', what, { source });
      }
      picture = parsePicture(text, source, this.rules);
      this.pictures.set(text, picture);
      this.positions += picture.edited?.positions.length ?? 0;
    }
    return picture;
  }

  placeholder(): never {
    const { text } = this.token;
    const tag = /^:[^:]*:/.exec(text)?.[0] ?? text;
    this.fail(
      'OVP_SYNTAX_PLACEHOLDER',
      `${text} holds a placeholder for COPY ... REPLACING`,
      this.token,
      `It is for COPY ... REPLACING ==${tag}== BY ==...==: load the text that has that COPY, or say what stands for it with the option replace (--replace ${tag}=NAME).`,
    );
  }

  /** A name with qualifiers: X OF Y IN Z. */
  reference(what: string): Reference {
    const source = this.position();
    const name = this.name(what);
    const qualifiers: string[] = [];
    while (this.accept('OF', 'IN')) qualifiers.push(this.name('the name of a group'));
    return { name, qualifiers, source };
  }

  /** A whole number without sign, or the name of a constant that is one. */
  integer(what: string): number {
    const { kind, text } = this.token;
    const constant = kind === 'word' ? this.rules.constants.get(text) : undefined;
    const number = constant?.kind === 'number' ? constant.value : kind === 'number' ? text : '';
    if (!/^\d+$/.test(number)) this.expected(what, kind === 'word' ? this.rules.constants.keys() : []);
    this.at++;
    return Number(number);
  }

  isLiteral(): boolean {
    const { kind, text } = this.token;
    if (kind === 'word') return text === 'ALL' || FIGURATIVES.has(text) || this.rules.constants.has(text);
    return kind === 'literal' || kind === 'number';
  }

  literal(what: string): Literal {
    if (this.accept('ALL')) {
      const value = this.is('ALL') ? this.expected('a literal behind ALL') : this.literal('a literal behind ALL');
      if (value.kind === 'text') return { kind: 'all', value: value.value };
      if (value.kind === 'hex') return { kind: 'all-hex', value: value.value };
      if (value.kind === 'figurative') return value;
      this.fail('OVP_SYNTAX_LITERAL', 'ALL goes with a literal in quotes', this.previous);
    }
    const token = this.token;
    const constant = token.kind === 'word' ? this.rules.constants.get(token.text) : undefined;
    if (constant) {
      this.at++;
      return constant;
    }
    if (token.kind === 'number') {
      this.at++;
      return { kind: 'number', value: token.text.replace(',', '.') };
    }
    if (token.kind === 'literal') return this.concatenated();
    const figurative = token.kind === 'word' ? FIGURATIVES.get(token.text) : undefined;
    if (!figurative) this.expected(what, [...FIGURATIVES.keys(), 'ALL']);
    this.at++;
    return { kind: 'figurative', value: figurative };
  }

  /** Literals joined by `&` are one. */
  private concatenated(): Literal {
    let value = this.quoted(this.take());
    while (this.peek(0).text === '&' && this.peek(0).kind === 'other') {
      this.take();
      if (this.token.kind !== 'literal') this.expected('a literal behind &');
      const token = this.take();
      const next = this.quoted(token);
      if (value.kind !== next.kind || value.kind === 'number' || value.kind === 'figurative')
        this.fail('OVP_SYNTAX_LITERAL', '& joins literals of one kind', token);
      value = { kind: value.kind, value: `${value.value}${next.value}` } as Literal;
    }
    return value;
  }

  private quoted(token: Token): Literal {
    const { prefix, text } = token;
    if (prefix === 'Z') return { kind: 'text', value: `${text}\0` };
    if (prefix === '' || prefix === 'N' || prefix === 'G' || prefix === 'U') return { kind: 'text', value: text };
    if (prefix === 'H' || prefix === 'B' || prefix === 'BX') {
      const base = prefix === 'B' ? '0b' : '0x';
      if (!(prefix === 'B' ? /^[01]+$/ : /^[0-9A-F]+$/i).test(text))
        this.fail(
          'OVP_SYNTAX_LITERAL',
          `a literal with ${prefix} holds ${prefix === 'B' ? 'binary' : 'hexadecimal'} digits`,
          token,
        );
      if (text.length > LONGEST_NUMBER)
        this.fail('OVP_SYNTAX_LITERAL', `a literal with ${prefix} has ${LONGEST_NUMBER} digits at most`, token);
      return { kind: 'number', value: String(BigInt(base + text)) };
    }
    if (!/^([0-9A-F]{2})+$/i.test(text)) {
      this.fail('OVP_SYNTAX_LITERAL', `a literal with ${prefix} holds pairs of hexadecimal digits`, token);
    }
    return { kind: 'hex', value: text.toUpperCase() };
  }
}
