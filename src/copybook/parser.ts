/**
 * Recursive descent over a copybook's tokens: one entry (level number to period) at a time. An entry that is wrong is
 * reported and left out, and parsing goes on behind it, so that one run finds all errors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { ConditionEntry, DataEntry, FileEntry, Literal, RenamesEntry } from './ast.js';
import { parseClauses } from './clauses.js';
import { parseConstant } from './constant.js';
import { type Cursor, EntryAbandoned } from './cursor.js';
import { parseFile } from './file.js';
import type { Token } from './lexer.js';
import { CLAUSE_WORDS, FIGURATIVES } from './words.js';

/** One entry as it stands; `tree.ts` nests them. */
export type Entry =
  | { readonly kind: 'file'; readonly entry: FileEntry | null }
  | { readonly kind: 'data'; readonly entry: DataEntry }
  | { readonly kind: 'condition'; readonly entry: ConditionEntry }
  | { readonly kind: 'renames'; readonly entry: RenamesEntry };

/** Headers that a copybook may carry along. */
const SECTIONS = new Set(['FILE', 'WORKING-STORAGE', 'LOCAL-STORAGE', 'LINKAGE']);

/** Words that begin clauses of more than one word: with a PICTURE behind them somebody took them for names. */
const NO_NAMES: ReadonlySet<string> = new Set(
  'SIGN VALUE VALUES OCCURS REDEFINES RENAMES USAGE DEPENDING ASCENDING DESCENDING INDEXED BLANK'.split(' '),
);

export function parseEntries(cursor: Cursor): Entry[] {
  return new Parser(cursor).run();
}

class Parser {
  private readonly entries: Entry[] = [];

  constructor(private readonly cursor: Cursor) {}

  run(): Entry[] {
    const { cursor } = this;
    while (cursor.token.kind !== 'end') {
      const start = cursor.token;
      try {
        if (start.kind === 'period') {
          cursor.diagnostics.warn('a period too many', cursor.position());
          cursor.take();
        } else if (start.kind === 'number') this.entry();
        else this.prelude();
      } catch (error) {
        if (!(error instanceof EntryAbandoned)) throw error;
        this.recover(start);
      }
    }
    return this.entries;
  }

  /** Behind the period, or before a line that begins an entry: whichever comes first. */
  private recover(start: Token): void {
    const { cursor } = this;
    if (cursor.token === start) cursor.take();
    while (cursor.token.kind !== 'end') {
      if (this.isEntryStart() && cursor.token.first) return;
      if (cursor.take().kind === 'period') return;
    }
  }

  /** Is here a level number with what may follow one, where no number belongs to the clause before it? */
  private isEntryStart = (): boolean => {
    const { kind, text } = this.cursor.token;
    if (kind !== 'number' || !/^\d{1,2}$/.test(text) || !isLevel(Number(text))) return false;
    const next = this.cursor.peek(1);
    if (next.kind !== 'word') return false;
    return !['TO', 'TIMES', 'THRU', 'THROUGH', 'WHEN', 'ALL'].includes(next.text) && !FIGURATIVES.has(next.text);
  };

  private entry(): void {
    const { cursor } = this;
    const token = cursor.token;
    const level = Number(token.text);
    if (!/^\d{1,2}$/.test(token.text) || !isLevel(level)) {
      const hint = 'Levels are 01 to 49, 66, 77 and 88, and 78 for constants.';
      cursor.fail('OVP_SYNTAX_LEVEL', `${token.text} is no level number`, token, hint);
    }
    cursor.take();
    if (level === 78 || (cursor.token.kind === 'word' && cursor.peek(1).text === 'CONSTANT')) {
      parseConstant(cursor, cursor.name("the constant's name"));
    } else if (level === 88) this.condition();
    else if (level === 66) this.renames();
    else this.data(level, token);
    this.period();
  }

  private data(level: number, number: Token): void {
    const { cursor } = this;
    let name: string | null = null;
    let named = number;
    const { kind, text } = cursor.token;
    if (kind === 'word' && NO_NAMES.has(text) && ['PIC', 'PICTURE'].includes(cursor.peek(1).text))
      cursor.fail(
        'OVP_SYNTAX_NAME',
        `${text} is a word of COBOL's own and can't be a name`,
        cursor.token,
        'Give the item another name.',
      );
    if (kind === 'word' && !CLAUSE_WORDS.has(text)) {
      named = cursor.token;
      name = cursor.name('a name');
      if (name === 'FILLER') name = null;
    } else if (kind === 'other') {
      if (text.startsWith(':')) cursor.placeholder();
      cursor.expected('a name or a clause');
    }
    const source = cursor.position(named);
    const entry: DataEntry = {
      level,
      name,
      ...parseClauses(cursor, this.isEntryStart),
      conditions: [],
      children: [],
      source,
    };
    this.entries.push({ kind: 'data', entry });
  }

  private condition(): void {
    const { cursor } = this;
    const source = cursor.position();
    if (cursor.is('VALUE', 'VALUES')) cursor.fail('OVP_SYNTAX_NAME', 'a level 88 needs a name');
    const name = cursor.name("the condition's name");
    if (!cursor.accept('VALUE', 'VALUES')) cursor.expected('VALUE', ['VALUE', 'VALUES']);
    cursor.accept('IS', 'ARE');
    const values: { from: Literal; to: Literal | null }[] = [];
    do {
      const from = cursor.literal('a value');
      const to = cursor.accept('THRU', 'THROUGH') ? cursor.literal('the last value of the range') : null;
      values.push({ from, to });
    } while (cursor.isLiteral() && !this.isEntryStart());
    let falseValue: Literal | null = null;
    if (cursor.accept('WHEN') || cursor.is('SET', 'FALSE')) {
      cursor.accept('SET');
      cursor.accept('TO');
      if (!cursor.accept('FALSE')) cursor.expected('FALSE', ['FALSE', 'SET']);
      cursor.accept('IS');
      falseValue = cursor.literal('the value for FALSE');
    }
    this.entries.push({ kind: 'condition', entry: { name, values, falseValue, source } });
  }

  private renames(): void {
    const { cursor } = this;
    const source = cursor.position();
    const name = cursor.name('a name');
    if (!cursor.accept('RENAMES')) cursor.expected('RENAMES', ['RENAMES']);
    const from = cursor.reference('the name of an item');
    const to = cursor.accept('THRU', 'THROUGH') ? cursor.reference('the name of an item') : null;
    this.entries.push({ kind: 'renames', entry: { name, from, to, source } });
  }

  private period(): void {
    const { cursor } = this;
    const token = cursor.token;
    if (token.kind === 'period') {
      cursor.take();
      return;
    }
    if (token.kind === 'end') {
      // other tools take it, and what there is can be told; what may be lost can't
      cursor.diagnostics.warn(
        'the period at the end of the last entry is missing: is the copybook complete?',
        cursor.position(cursor.previous),
      );
      return;
    }
    if (this.isEntryStart()) {
      const where = token.first ? `line ${cursor.position().line}` : `level ${token.text}`;
      cursor.error('OVP_SYNTAX_PERIOD', `a period is missing before ${where}`, cursor.previous);
      return;
    }
    const near = token.kind === 'word' ? cursor.diagnostics.near(token.text, CLAUSE_WORDS) : [];
    cursor.fail(
      'OVP_SYNTAX_UNEXPECTED',
      `expected a period, found ${cursor.shown()}`,
      token,
      near.length > 0 ? `Did you mean ${near.join(' or ')}?` : undefined,
    );
  }

  /** What may stand before and between entries: headers are passed over, the rest is refused by name. */
  private prelude(): void {
    const { cursor } = this;
    const token = cursor.token;
    const { text } = token;
    const next = cursor.peek(1).text;
    if (token.kind === 'other' && text.startsWith(':')) cursor.placeholder();
    if (token.kind !== 'word') cursor.expected('a level number');
    if (
      text === 'FD' ||
      text === 'SD' ||
      (SECTIONS.has(text) && next === 'SECTION') ||
      (text === 'DATA' && next === 'DIVISION')
    ) {
      return this.header();
    }
    if (text === 'EXEC') return this.exec();
    if (next === 'DIVISION' || next === 'SECTION') {
      while (cursor.token.kind !== 'end') cursor.take();
      cursor.fail(
        'OVP_SYNTAX_PROGRAM',
        `${text} ${next} can't be read here`,
        token,
        'Data is in FILE, WORKING-STORAGE, LOCAL-STORAGE and LINKAGE SECTION.',
      );
    }
    if (CLAUSE_WORDS.has(text)) {
      cursor.fail(
        'OVP_SYNTAX_UNEXPECTED',
        `expected a level number, found ${text}`,
        token,
        'Is the period before it one too many?',
      );
    }
    cursor.expected('a level number', ['FD', 'SD', 'EXEC', 'COPY', 'REPLACE']);
  }

  /** An FD or SD, or a section's header, which says nothing. */
  private header(): void {
    const { cursor } = this;
    const atEnd = (): boolean => {
      const { kind, first } = cursor.token;
      return kind === 'period' || kind === 'end' || (first && this.isEntryStart());
    };
    const entry = cursor.is('FD', 'SD') ? parseFile(cursor, atEnd) : null;
    this.entries.push({ kind: 'file', entry });
    while (cursor.token.kind !== 'period') {
      if (cursor.token.kind === 'end' || (this.isEntryStart() && cursor.token.first)) {
        return cursor.error('OVP_SYNTAX_PERIOD', 'the period at the end of this header is missing', cursor.previous);
      }
      cursor.take();
    }
    cursor.take();
  }

  /** EXEC SQL DECLARE ... END-EXEC, as DCLGEN writes it before the items, and the like are passed over. */
  private exec(): void {
    const { cursor } = this;
    const start = cursor.take();
    while (!cursor.is('END-EXEC')) {
      if (cursor.token.kind === 'end') cursor.fail('OVP_SYNTAX_UNEXPECTED', 'EXEC without END-EXEC', start);
      cursor.take();
    }
    cursor.take();
    if (cursor.token.kind === 'period') cursor.take();
  }
}

const isLevel = (level: number): boolean =>
  (level >= 1 && level <= 49) || level === 66 || level === 77 || level === 78 || level === 88;
