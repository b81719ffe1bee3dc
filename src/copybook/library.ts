/**
 * Texts that a copybook takes from elsewhere: COPY and its like bring in other texts, REPLACING and REPLACE change them.
 * IBM Enterprise COBOL Language Reference, "Compiler-directing statements".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { ComposedSource } from './composed.js';
import type { Diagnostics } from './diagnostics.js';
import { type Replacement, type ReplacingCost, type TextWord, replaceInto, replaced, textWords } from './replace.js';
import { type Source, type SourceOptions, readSource, sourceText } from './source.js';

export interface LibraryText {
  /** What messages call it, and what tells it from other texts. */
  readonly file: string;
  readonly text: string | Uint8Array;
}

/** Where COPY takes its texts from. */
export interface CopyLibrary {
  /** The text of this name; null where there is none. Texts in `open` are being read: others of the name come first. */
  find(name: string, library: string | null, open: ReadonlySet<string>): LibraryText | null;
  /** Why a text may be missing, for the hint: where it was looked for. */
  missing(name: string): string;
}

/** COPY in a text that COPY brought in, and so on. */
const MAX_DEPTH = 32;
/** Texts brought in by one copybook, and characters of them. */
const MAX_COPIES = 10_000;
const MAX_CHARACTERS = 50_000_000;
/** DB2's own: their items are never in a file. */
const OF_DB2 = new Set(['SQLCA', 'SQLDA']);

const MENTIONS = /(?:\bCOPY\b|\bINCLUDE\b|-INC\b)/i;

export class Library {
  private readonly open: string[] = [];
  private copies = 0;
  private characters = 0;

  constructor(
    private readonly library: CopyLibrary | null,
    private readonly options: SourceOptions,
    private readonly diagnostics: Diagnostics,
    private readonly cost: ReplacingCost,
  ) {}

  /** The text with all others in it that it names, and all replacements made. */
  expand(source: Source): Source {
    this.open.splice(0, this.open.length, source.file);
    return new Replacer(this.copied(source, []), this.diagnostics, this.cost).run();
  }

  /** Puts texts in place of the statements that name them; `around` is what will be replaced in the result later. */
  private copied(source: Source, around: readonly Replacement[]): Source {
    const { text } = source;
    if (!MENTIONS.test(text)) return source;
    const words = textWords(text);
    const result = new ComposedSource(source);
    let at = 0;
    for (let i = 0; i < words.length; i++) {
      const statement = readStatement(source, words, i, this.diagnostics);
      if (!statement) continue;
      result.slice(source, at, statement.start);
      this.copy(result, source, statement, around);
      at = statement.end;
      while (i + 1 < words.length && words[i + 1]!.start < at) i++;
    }
    if (at === 0) return source;
    result.slice(source, at);
    return result;
  }

  private copy(into: ComposedSource, source: Source, statement: CopyStatement, around: readonly Replacement[]): void {
    const { start, end, named, library, replacements, verb } = statement;
    const position = source.position(named.start, named.end - named.start);
    const fail = (message: string, hint?: string): void =>
      this.diagnostics.error('OVP_SYNTAX_COPY', message, position, hint);
    const name = around.length === 0 ? statement.name : nameAfter(source, named, around, this.cost);
    if (/^:[^:]*:|^:/.test(name)) return fail(`${verb} ${name} holds a placeholder that no REPLACING fills`);
    if (!isSafe(name) || (library !== null && !isSafe(library))) {
      const what = isSafe(name) ? library : name;
      return fail(
        `${verb}: ${what} leaves the folders that are searched`,
        'A name has no .. in it and no drive or / in front.',
      );
    }
    if (this.open.length > MAX_DEPTH)
      return fail(`${verb} ${name}: more than ${MAX_DEPTH} texts, each within the other`);
    if (++this.copies > MAX_COPIES) {
      if (this.copies === MAX_COPIES + 1) fail(`more than ${MAX_COPIES} texts are brought in`);
      return;
    }
    const found = this.library?.find(name, library, new Set(this.open)) ?? null;
    if (!found) {
      if (verb === 'EXEC SQL INCLUDE' && OF_DB2.has(name.toUpperCase())) {
        return this.diagnostics.warn(`${name} is DB2's own and was left out`, position);
      }
      const hint = this.library?.missing(name) ?? 'Give the option resolveCopy, or load the copybook from its file.';
      return fail(`${verb} ${name}: there is no such text`, hint);
    }
    if (this.open.includes(found.file)) {
      return fail(`${verb} ${name} brings a text into itself: ${[...this.open, found.file].join(' > ')}`);
    }
    const text = typeof found.text === 'string' ? found.text : sourceText(found.text);
    this.characters += text.length;
    if (this.characters > MAX_CHARACTERS) return fail(`more than ${MAX_CHARACTERS} characters are brought in`);
    this.open.push(found.file);
    const own = readSource(text, { ...this.options, file: found.file }, this.diagnostics);
    const inner = replaced(this.copied(own, [...replacements, ...around]), replacements, this.cost);
    this.open.pop();
    into.remember(found.file, own.format);
    for (const { found: times, shown } of replacements) {
      if (times === 0) this.diagnostics.warn(`REPLACING ${shown}: it is not in ${found.file}`, position);
    }
    into.put('\n', source, start, end - start);
    into.slice(inner);
    into.put('\n', source, start, end - start);
  }
}

interface CopyStatement {
  readonly verb: 'COPY' | 'EXEC SQL INCLUDE' | '++INCLUDE' | '-INC';
  readonly name: string;
  /** The name's place. */
  readonly named: { readonly start: number; readonly end: number };
  readonly library: string | null;
  readonly replacements: Replacement[];
  readonly start: number;
  /** Behind its period. */
  readonly end: number;
}

/** The statement that begins with word `i`, if one does. What is wrong with it is reported. */
function readStatement(source: Source, words: TextWord[], i: number, diagnostics: Diagnostics): CopyStatement | null {
  const word = words[i]!;
  switch (word.text) {
    case 'COPY':
      return new StatementReader(source, words, i, diagnostics).copy();
    case '++INCLUDE':
    case '-INC':
      return new StatementReader(source, words, i, diagnostics).line(word.text);
    case 'EXEC':
      return words[i + 1]?.text === 'SQL' && words[i + 2]?.text === 'INCLUDE'
        ? new StatementReader(source, words, i, diagnostics).sql()
        : null;
    default:
      return null;
  }
}

class StatementReader {
  private at: number;
  private readonly start: number;

  constructor(
    private readonly source: Source,
    private readonly words: readonly TextWord[],
    first: number,
    private readonly diagnostics: Diagnostics,
  ) {
    this.at = first + 1;
    this.start = words[first]!.start;
  }

  copy(): CopyStatement | null {
    const name = this.name('COPY');
    if (!name) return null;
    const library = this.accept('OF', 'IN') ? (this.name('OF')?.name ?? null) : null;
    if (this.accept('SUPPRESS')) this.accept('PRINTING');
    const replacements = this.accept('REPLACING') ? this.replacements() : [];
    const last = this.words[this.at - 1]!;
    const end = this.accept('.') ? this.words[this.at - 1]!.end : last.end;
    if (end === last.end)
      this.fail(`a period is missing behind COPY ${name.name}`, last, 'COPY has a period of its own.');
    return { verb: 'COPY', ...name, library, replacements, start: this.start, end };
  }

  /** To the end of the line. */
  line(verb: '++INCLUDE' | '-INC'): CopyStatement | null {
    const name = this.name(verb);
    if (!name) return null;
    const newline = this.source.text.indexOf('\n', name.named.end);
    const end = newline < 0 ? this.source.text.length : newline;
    return { verb, ...name, library: null, replacements: [], start: this.start, end };
  }

  sql(): CopyStatement | null {
    this.at += 2;
    const name = this.name('EXEC SQL INCLUDE');
    if (!name) return null;
    if (!this.accept('END-EXEC')) this.fail('END-EXEC is missing', this.words[this.at - 1]!);
    this.accept('.');
    const { end } = this.words[this.at - 1]!;
    return { verb: 'EXEC SQL INCLUDE', ...name, library: null, replacements: [], start: this.start, end };
  }

  private fail(message: string, word: { start: number; end: number }, hint?: string): void {
    const position = this.source.position(word.start, word.end - word.start);
    this.diagnostics.error('OVP_SYNTAX_COPY', message, position, hint);
  }

  private accept(...texts: string[]): boolean {
    const word = this.words[this.at];
    if (!word || !texts.includes(word.text)) return false;
    this.at++;
    return true;
  }

  /** A word or a literal; with placeholders it may be of several text words, with no blank between. */
  private name(verb: string): Pick<CopyStatement, 'name' | 'named'> | null {
    const first = this.words[this.at];
    if (!first || first.text === '.' || first.text === '==') {
      this.fail(`${verb} needs the name of a text`, this.words[this.at - 1]!);
      return null;
    }
    let last = first;
    this.at++;
    while (last.text !== '.' && this.words[this.at]?.start === last.end && this.words[this.at]!.text !== '.') {
      last = this.words[this.at++]!;
    }
    const { start } = first;
    const text = this.source.text.slice(start, last.end);
    return { name: unquoted(text), named: { start, end: last.end } };
  }

  private replacements(): Replacement[] {
    return readReplacements(
      this.source,
      this.words,
      () => this.at,
      (at) => {
        this.at = at;
      },
      (message, word) => this.fail(message, word),
    );
  }
}

/** Pairs of what is replaced and by what, up to the statement's period. */
function readReplacements(
  source: Source,
  words: readonly TextWord[],
  place: () => number,
  move: (at: number) => void,
  fail: (message: string, word: TextWord) => void,
): Replacement[] {
  const list: Replacement[] = [];
  let at = place();
  const operand = (): { words: TextWord[]; text: string } | null => {
    const first = words[at];
    if (!first || first.text === '.') return null;
    if (first.text !== '==') {
      at++;
      return { words: [first], text: source.text.slice(first.start, first.end) };
    }
    let close = at + 1;
    while (close < words.length && words[close]!.text !== '==') close++;
    if (close === words.length) {
      fail('this pseudo-text has no closing ==', first);
      at = words.length;
      return null;
    }
    const inside = words.slice(at + 1, close);
    at = close + 1;
    const text = inside.length === 0 ? '' : source.text.slice(inside[0]!.start, inside.at(-1)!.end);
    return { words: inside, text };
  };
  while (words[at] && words[at]!.text !== '.') {
    const first = words[at]!;
    const edge = first.text === 'LEADING' || first.text === 'TRAILING';
    const kind = edge && words[at + 1]?.text !== 'BY' ? (first.text === 'LEADING' ? 'leading' : 'trailing') : 'words';
    if (kind !== 'words') at++;
    const from = operand();
    if (!from) break;
    if (words[at]?.text !== 'BY') {
      fail('REPLACING needs pairs: ==this== BY ==that==', first);
      break;
    }
    at++;
    const to = operand();
    if (!to) {
      fail('what comes in its place is missing', first);
      break;
    }
    if (from.words.length === 0 || (kind !== 'words' && (from.words.length > 1 || to.words.length > 1))) {
      const needs = kind === 'words' ? 'what is replaced must be a word at least' : `${first.text} takes one word`;
      fail(needs, first);
      continue;
    }
    list.push({ kind, from: from.words.map(({ text }) => text), to: to.text, shown: `==${from.text}==`, found: 0 });
  }
  // whatever is left belongs to the statement, which ends at its period
  while (words[at] && words[at]!.text !== '.') at++;
  move(at);
  return list;
}

/** Makes the replacements that REPLACE asks for from where it stands to the next one. */
class Replacer {
  private active: Replacement[][] = [];

  constructor(
    private readonly source: Source,
    private readonly diagnostics: Diagnostics,
    private readonly cost: ReplacingCost,
  ) {}

  run(): Source {
    const { source } = this;
    if (!/\bREPLACE\b/i.test(source.text)) return source;
    const words = textWords(source.text);
    const result = new ComposedSource(source);
    let from = 0;
    for (let i = 0; i < words.length; i++) {
      if (words[i]!.text !== 'REPLACE') continue;
      this.replace(result, from, words[i]!.start);
      i = this.statement(words, i);
      from = words[i]!.end;
    }
    if (from === 0) return source;
    this.replace(result, from);
    return result;
  }

  private replace(into: ComposedSource, from: number, to?: number): void {
    replaceInto(into, this.source, this.active.flat(), this.cost, from, to);
  }

  /** Returns the index of its last word. */
  private statement(words: TextWord[], first: number): number {
    const { source } = this;
    const fail = (message: string, word: TextWord): void =>
      this.diagnostics.error('OVP_SYNTAX_COPY', message, source.position(word.start, word.end - word.start));
    let at = first + 1;
    const accept = (text: string): boolean => words[at]?.text === text && at++ >= 0;
    const also = accept('ALSO');
    if (accept('LAST')) {
      if (!accept('OFF')) fail('expected OFF behind REPLACE LAST', words[first]!);
      this.active.shift();
    } else if (accept('OFF')) this.active = [];
    else {
      const list = readReplacements(
        source,
        words,
        () => at,
        (next) => {
          at = next;
        },
        fail,
      );
      if (list.length === 0) fail('REPLACE needs pairs: ==this== BY ==that==', words[first]!);
      this.active = also ? [list, ...this.active] : [list];
    }
    if (!accept('.')) fail('the period of REPLACE is missing', words[Math.min(at, words.length) - 1]!);
    return Math.max(first, Math.min(at, words.length) - 1);
  }
}

/** A statement's name with the replacements made that are due to the text around it. */
function nameAfter(
  source: Source,
  { start, end }: CopyStatement['named'],
  list: readonly Replacement[],
  cost: ReplacingCost,
): string {
  const name = new ComposedSource(source);
  const quiet = list.map((one) => ({ ...one }));
  replaceInto(name, source, quiet, cost, start, end);
  return unquoted(name.text);
}

const unquoted = (text: string): string => (/^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text);

/** No way out of the folders that are searched: not up, not from the root, not to another drive. */
function isSafe(name: string): boolean {
  if (name === '' || /[\u0000-\u001f\\:*?<>|]/.test(name) || name.startsWith('/') || name.startsWith('~')) return false;
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
