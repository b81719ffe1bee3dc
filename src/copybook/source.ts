/**
 * Copybook source to program text: takes the columns that hold code, leaves out comments and directives, joins continued
 * lines, and remembers where every character came from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { codePage } from '../codepage/codepage.js';
import type { SourcePosition } from '../errors.js';
import type { Diagnostics } from './diagnostics.js';
import {
  type Format,
  beginsWithLevel,
  detectFormat,
  directiveFormat,
  isInclude,
  isLevelInIndicator,
} from './format.js';

/** Columns of fixed format, as indexes into an expanded line: indicator in 7, text in 8 to 72. */
const INDICATOR = 6;
const TEXT_START = 7;
const TEXT_END = 72;
const TAB = 8;
/** A copybook may be one line; what tabs come to is none. */
const MAX_LINE = 1 << 20;
/** Columns of a punched card, and so bytes of a record of source text. */
const CARD = 80;

export interface Source {
  readonly file: string;
  readonly format: Format;
  /** The code alone; lines end in a line feed, continued lines are joined. */
  readonly text: string;
  /** Where the `length` characters from `offset` of the text stand in the file. */
  position(offset: number, length: number): SourcePosition;
  /** The format of one of the files that the text came from. */
  formatOf(file: string): Format;
}

export interface SourceOptions {
  readonly file?: string;
  readonly format?: 'auto' | Format;
}

/** Text of a file that may be UTF-8 or Latin-1, or EBCDIC, in lines or in records of 80 bytes. */
export function sourceText(bytes: Uint8Array): string {
  const sample = bytes.subarray(0, 4096);
  let spaces = 0;
  let pads = 0;
  for (const byte of sample) {
    if (byte === 0x20 || byte === 0x0a) spaces++;
    if (byte === 0x40 || byte === 0x15 || byte === 0x25) pads++;
  }
  if (pads > spaces) return ebcdicText(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}

/** Lines end in x'15' (NEL) or x'25' (LF), after x'0D' or not; where there are none of these the file has records. */
function ebcdicText(bytes: Uint8Array): string {
  const { toUnicode } = codePage('037');
  const inLines = bytes.includes(0x15) || bytes.includes(0x25);
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (!inLines && i > 0 && i % CARD === 0) parts.push('\n');
    if (byte === 0x15 || byte === 0x25) parts.push('\n');
    else if (byte !== 0x0d) parts.push(String.fromCharCode(Math.max(0, toUnicode[byte]!)));
  }
  return parts.join('');
}

export function readSource(input: string, options: SourceOptions, diagnostics: Diagnostics): Source {
  const lines = input
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map(expand);
  const { file = 'copybook', format: wanted = 'auto' } = options;
  const long = lines.findIndex(({ length }) => length > MAX_LINE);
  if (long >= 0) {
    const source = { file, line: long + 1, column: 1, length: 1, text: lines[long]! };
    diagnostics.fail('OVP_SYNTAX_FORMAT', `this line has more than ${MAX_LINE} columns`, source);
  }
  const format = wanted === 'auto' ? detectFormat(lines) : wanted;
  const reader = new Reader(file, lines, format, wanted === 'auto', diagnostics);
  reader.run();
  return reader;
}

/** Tabs to spaces (a stop every 8 columns), odd blanks to spaces; what an editor left at the end is dropped. */
function expand(line: string): string {
  if (!/[\t\f\v\u0000\u001A\u00A0]/.test(line)) return line.trimEnd();
  let text = '';
  for (const char of line.replace(/[\u0000\u001A]/g, '')) {
    if (char === '\t') text += ' '.repeat(TAB - (text.length % TAB));
    else text += char === '\f' || char === '\v' || char === '\u00A0' ? ' ' : char;
  }
  return text.trimEnd();
}

interface Segment {
  readonly offset: number;
  /** 0-based line and column. */
  readonly line: number;
  readonly column: number;
}

/** Characters at the end of the text that a line may have to do with. */
const LAST = 40;

class Reader implements Source {
  text = '';
  /** What comes to be the text, put together once. */
  private readonly pieces: string[] = [];
  private size = 0;
  private last = '';
  /** Where each piece of the text came from, in order of its offset. */
  private readonly segments: Segment[] = [];
  /** The quote of a literal that is still open at the end of the text; '' otherwise. */
  private quote = '';
  /** Column at which the last piece of code ended (0-based, exclusive). */
  private lastEnd = 0;
  /** The format of the line at hand; directives change it. */
  private now: Format;

  constructor(
    readonly file: string,
    private readonly lines: readonly string[],
    readonly format: Format,
    private readonly guessed: boolean,
    private readonly diagnostics: Diagnostics,
  ) {
    this.now = format;
  }

  formatOf(): Format {
    return this.format;
  }

  private get textEnd(): number {
    return this.now === 'fixed' ? TEXT_END : Number.POSITIVE_INFINITY;
  }

  position(offset: number, length: number): SourcePosition {
    let low = 0;
    let high = this.segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.segments[middle]!.offset <= offset) low = middle;
      else high = middle - 1;
    }
    const segment = this.segments[low];
    if (!segment) return this.at(0, 0, 1);
    const column = segment.column + offset - segment.offset;
    const text = this.lines[segment.line]!;
    return this.at(segment.line, Math.min(column, text.length), Math.max(1, Math.min(length, text.length - column)));
  }

  run(): void {
    for (const [index, line] of this.lines.entries()) {
      if (line === '') continue;
      if (isDirective(line)) {
        if (this.guessed) this.now = directiveFormat(line) ?? this.now;
        continue;
      }
      if (isProcedureDivision(this.now === 'free' ? line : line.slice(TEXT_START))) {
        this.anotherProgram(index);
        break;
      }
      if (isInclude(line)) this.code(line, index, line.search(/\S/), false);
      else if (this.now === 'free') this.free(line, index);
      else this.fixed(line, index);
    }
    this.add('\n');
    this.text = this.pieces.join('');
  }

  private add(piece: string): void {
    this.pieces.push(piece);
    this.size += piece.length;
    this.last = (this.last + piece.slice(-LAST)).slice(-LAST);
  }

  /** Data of a program behind the first one's statements would be passed over without a word. */
  private anotherProgram(from: number): void {
    const next = this.lines.findIndex((line, index) => index > from && PROGRAM.test(line));
    if (next < 0) return;
    this.diagnostics.warn('another program begins here; only the first one of a text is read', this.at(next, 0, 1));
  }

  private at(line: number, column: number, length: number): SourcePosition {
    return { file: this.file, line: line + 1, column: column + 1, length, text: this.lines[line] ?? '' };
  }

  private free(line: string, index: number): void {
    const start = line.search(/\S/);
    if (!this.isComment(line, start)) this.code(line, index, start, false);
  }

  private fixed(line: string, index: number): void {
    const indicator = line[INDICATOR] ?? ' ';
    const first = line.search(/\S/);
    if (line[first] === '*' && first < INDICATOR) {
      // In other compilers' formats an asterisk in front is a comment; in IBM's, columns 1-6 say nothing.
      if (!this.guessed) return this.area(line, index, indicator);
      if (indicator === ' ' && beginsWithLevel(line.slice(TEXT_START))) {
        this.diagnostics.error(
          'OVP_SYNTAX_FORMAT',
          'is this line a comment? In fixed format columns 1 to 6 mean nothing, so it would be read',
          this.at(index, first, 1),
          'Put the asterisk in column 7, or say which it is with the format option (fixed or free).',
        );
      }
      return;
    }
    this.area(line, index, indicator);
  }

  /** A line of fixed format by its indicator. */
  private area(line: string, index: number, indicator: string): void {
    switch (indicator) {
      case '*':
      case '/':
      case 'D':
      case 'd':
      case '$':
        return;
      case ' ':
      case '-':
        break;
      default:
        if (this.guessed && isLevelInIndicator(line)) {
          this.diagnostics.warn('code starts in column 8; this line has it in column 7', this.at(index, INDICATOR, 1));
          return this.code(line, index, INDICATOR, false);
        }
        this.diagnostics.error(
          'OVP_SYNTAX_INDICATOR',
          `column 7 holds ${JSON.stringify(indicator)}: in fixed format it is for * / - D, and code starts in column 8`,
          this.at(index, INDICATOR, 1),
          'If this copybook is in free format, say so with the format option.',
        );
        return;
    }
    const end = Math.min(line.length, this.textEnd);
    const start = line.slice(0, end).slice(TEXT_START).search(/\S/) + TEXT_START;
    if (start < TEXT_START) {
      if (beginsWithLevel(line.slice(0, INDICATOR)) || line.slice(0, INDICATOR).includes('.')) {
        this.diagnostics.error(
          'OVP_SYNTAX_FORMAT',
          'this line ends before column 8, where code starts in fixed format',
          this.at(index, line.search(/\S/), line.trim().length),
          'If this copybook is in free format, say so with the format option.',
        );
      }
      return;
    }
    if (indicator === '-') this.continuation(line, index, start);
    else if (!this.isComment(line, start)) this.code(line, index, start, false);
  }

  /** IBM's rules: a literal goes on behind the quote that repeats its own; anything else is joined blank to blank. */
  private continuation(line: string, index: number, start: number): void {
    if (this.size === 0) {
      this.diagnostics.error(
        'OVP_SYNTAX_CONTINUATION',
        'there is no line before this one to continue',
        this.at(index, INDICATOR, 1),
      );
      return this.code(line, index, start, false);
    }
    if (this.quote !== '') {
      if (line[start] !== this.quote) {
        this.diagnostics.error(
          'OVP_SYNTAX_CONTINUATION',
          `a continued literal must start with its quote, ${this.quote}`,
          this.at(index, start, 1),
        );
        return this.code(line, index, start, true); // as if it were there
      }
      return this.code(line, index, start + 1, true);
    }
    const before = this.last.at(-1)!;
    // A quote in column 72 with two in front here: the first of a doubled quote, and the literal's repeated one.
    const doubled =
      this.lastEnd === TEXT_END && (before === "'" || before === '"') && line.startsWith(before + before, start);
    this.code(line, index, doubled ? start + 1 : start, true);
  }

  /** Appends the code from column `start` (0-based) of a line. */
  private code(line: string, index: number, start: number, joined: boolean): void {
    const end = Math.min(line.length, this.textEnd);
    if (!joined) {
      if (this.size > 0) this.add('\n');
      this.quote = '';
    }
    const stop = this.scan(line, start, end);
    let piece = line.slice(start, stop);
    if (this.quote === '') piece = piece.trimEnd();
    else if (this.now === 'fixed') piece = piece.padEnd(TEXT_END - start); // a literal runs to column 72
    this.segments.push({ offset: this.size, line: index, column: start });
    this.add(piece);
    this.lastEnd = start + piece.length;
  }

  /** Follows quotes from `start` and stops at a `*>` comment outside of them. */
  private scan(line: string, start: number, end: number): number {
    for (let i = start; i < end; i++) {
      const char = line[i]!;
      if (this.quote !== '') {
        if (char === this.quote) this.quote = '';
      } else if (char === '"' || char === "'") this.quote = char;
      else if (char === '*' && line[i + 1] === '>') return i;
    }
    return end;
  }

  /** An asterisk in front starts a comment, except where a picture is due: `PIC` and on the next line `***9`. */
  private isComment(line: string, start: number): boolean {
    if (line[start] === '/') return true;
    return line[start] === '*' && !/(^|[\s.])PIC(TURE)?(\s+IS)?\s*$/i.test(this.last);
  }
}

const PROGRAM = /^[ \d]{0,6} *(?:ID|IDENTIFICATION)\s+DIVISION\b/i;

/** Statements say nothing of how data is laid out, and are most of a program: no line behind this one is read. */
const isProcedureDivision = (code: string): boolean =>
  (code.includes('DIV') || code.includes('div') || code.includes('Div')) && /^\s*PROCEDURE\s+DIVISION\b/i.test(code);

/** Lines that speak to a compiler or its listing, in either format. */
function isDirective(line: string): boolean {
  const text = line.replace(/^[ \d]{6}/, '').trim();
  return (
    text.startsWith('>>') ||
    directiveFormat(line) !== null ||
    /^\$\s*(SET|IF|ELSE|END|DISPLAY|REGION)\b/i.test(text) ||
    /^(EJECT|SKIP[123])\s*\.?$/i.test(text) ||
    /^TITLE\s+['"]/i.test(text) ||
    /^(CBL|PROCESS)\s+[A-Z]/i.test(text)
  );
}
