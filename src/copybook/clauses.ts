/**
 * The clauses of one data item, in any order, each with its optional words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, type SourcePosition } from '../errors.js';
import type { DataEntry, OccursClause, Reference, UsageClause } from './ast.js';
import { type Cursor, EntryAbandoned } from './cursor.js';
import type { Token } from './lexer.js';
import { CLAUSE_WORDS, UNSUPPORTED, USAGES } from './words.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Clauses = Pick<
  Mutable<DataEntry>,
  | 'redefines'
  | 'picture'
  | 'usage'
  | 'sign'
  | 'occurs'
  | 'synchronized'
  | 'justified'
  | 'blankWhenZero'
  | 'value'
  | 'typedef'
  | 'type'
>;

/** More than any record can hold. */
const MAX_OCCURS = 0x0fffffff;

/** Reads clauses up to the entry's period, which is left for the caller. */
export function parseClauses(cursor: Cursor, isEntryStart: () => boolean): Clauses {
  return new ClauseParser(cursor, isEntryStart).run();
}

class ClauseParser {
  private readonly clauses: Clauses = {
    redefines: null,
    picture: null,
    usage: null,
    sign: null,
    occurs: null,
    synchronized: null,
    justified: null,
    blankWhenZero: null,
    value: null,
    typedef: null,
    type: null,
  };
  private readonly seen = new Map<string, Token>();
  private occurs: Mutable<OccursClause> | null = null;
  private range = false;
  private dependingOn: Reference | null = null;
  private readonly keys: { ascending: boolean; names: Reference[] }[] = [];
  private readonly indexes: string[] = [];
  /** BYTE-LENGTH of a picture of U. */
  private byteLength: { readonly bytes: number; readonly token: Token } | null = null;
  /** The first DEPENDING, KEY or INDEXED phrase, which needs an OCCURS. */
  private phrase: Token | null = null;

  constructor(
    private readonly cursor: Cursor,
    private readonly isEntryStart: () => boolean,
  ) {}

  run(): Clauses {
    const { cursor } = this;
    while (cursor.token.kind !== 'period' && cursor.token.kind !== 'end' && !this.isEntryStart()) this.clause();
    this.finishOccurs();
    this.finishPicture();
    return this.clauses;
  }

  private once(clause: string, token: Token): void {
    if (this.seen.has(clause)) this.cursor.fail('OVP_SYNTAX_CLAUSE', `a second ${clause} clause`, token);
    this.seen.set(clause, token);
  }

  private clause(): void {
    const { cursor } = this;
    const token = cursor.token;
    if (token.kind === 'other' && token.text.startsWith(':')) cursor.placeholder();
    if (token.kind !== 'word') this.unexpected(token);
    if (USAGES.has(token.text) || token.text === 'OBJECT') return this.usage(token);
    const at = cursor.position();
    cursor.take();
    switch (token.text) {
      case 'IS': // IS EXTERNAL, IS GLOBAL
        if (!cursor.is('EXTERNAL', 'GLOBAL', 'VOLATILE', 'TYPEDEF')) cursor.expected('EXTERNAL or GLOBAL');
        return;
      case 'PIC':
      case 'PICTURE':
        return this.picture(token);
      case 'USAGE':
      case 'GROUP-USAGE':
        cursor.accept('IS');
        return this.usage(token);
      case 'SIGN':
        cursor.accept('IS');
        if (!cursor.is('LEADING', 'TRAILING')) cursor.expected('LEADING or TRAILING', ['LEADING', 'TRAILING']);
        return this.sign(token, cursor.take(), at);
      case 'LEADING':
      case 'TRAILING':
        return this.sign(token, token, at);
      case 'OCCURS':
        return this.table(token, at);
      case 'DEPENDING':
        this.once('DEPENDING ON', token);
        this.phrase ??= token;
        cursor.accept('ON');
        this.dependingOn = cursor.reference("the counter's name");
        return;
      case 'ASCENDING':
      case 'DESCENDING':
        this.phrase ??= token;
        cursor.accept('KEY');
        cursor.accept('IS');
        this.keys.push({ ascending: token.text === 'ASCENDING', names: this.names('the name of a key') });
        return;
      case 'INDEXED':
        this.phrase ??= token;
        cursor.accept('BY');
        this.indexes.push(...this.names('the name of an index').map(({ name }) => name));
        return;
      case 'REDEFINES':
        this.once('REDEFINES', token);
        this.clauses.redefines = cursor.reference('the name of the item that is redefined');
        return;
      case 'SYNC':
      case 'SYNCHRONIZED':
      case 'SYNCHRONISED':
        this.once('SYNCHRONIZED', token);
        cursor.accept('LEFT', 'RIGHT');
        this.clauses.synchronized = at;
        return;
      case 'JUST':
      case 'JUSTIFIED':
        this.once('JUSTIFIED', token);
        cursor.accept('RIGHT');
        this.clauses.justified = at;
        return;
      case 'BLANK':
        this.once('BLANK WHEN ZERO', token);
        cursor.accept('WHEN');
        if (!cursor.accept('ZERO', 'ZEROS', 'ZEROES')) cursor.expected('ZERO', ['ZERO', 'ZEROS', 'ZEROES', 'WHEN']);
        this.clauses.blankWhenZero = at;
        return;
      case 'VALUE':
      case 'VALUES':
        this.once('VALUE', token);
        cursor.accept('IS', 'ARE');
        this.clauses.value = cursor.literal('a value');
        return;
      case 'TYPEDEF':
        this.once('TYPEDEF', token);
        cursor.accept('STRONG', 'WEAK');
        this.clauses.typedef = at;
        return;
      case 'TYPE':
        this.once('TYPE', token);
        cursor.accept('TO', 'IS');
        this.clauses.type = cursor.reference('the name of a type');
        return;
      case 'SAME':
        this.once('TYPE', token);
        cursor.accept('AS');
        this.clauses.type = cursor.reference('the name of an item');
        return;
      case 'EXTERNAL':
        this.once('EXTERNAL', token);
        if (cursor.accept('AS')) cursor.literal('a name in quotes');
        return;
      case 'DATE': // DATE FORMAT IS YYXXXX, of older compilers: says nothing about storage
        if (!cursor.accept('FORMAT')) return this.unknown(token);
        cursor.accept('IS');
        cursor.name('a date pattern');
        return;
      case 'BYTE-LENGTH':
        this.once('BYTE-LENGTH', token);
        cursor.accept('IS');
        this.byteLength = { bytes: cursor.integer('the number of bytes'), token };
        return;
      case 'BASED':
      case 'GLOBAL':
      case 'THREAD-LOCAL':
      case 'VOLATILE':
        return this.once(token.text, token);
      default:
        return this.unknown(token);
    }
  }

  private picture(word: Token): void {
    const { cursor } = this;
    this.once('PICTURE', word);
    const token = cursor.token;
    if (token.kind !== 'picture') cursor.fail('OVP_SYNTAX_UNEXPECTED', 'the picture is missing', word);
    cursor.take();
    const source = cursor.position(token);
    try {
      this.clauses.picture = { picture: cursor.picture(token.text, source), source };
    } catch (error) {
      if (!(error instanceof OverpunchError)) throw error;
      const next = cursor.token;
      const blank = next.kind === 'other' && next.text === '(';
      const hint = cursor.cut(source) ?? (blank ? 'A picture contains no blanks.' : error.hint);
      const message = firstLine(error);
      cursor.diagnostics.error(error.code, message, error.source, hint);
      throw new EntryAbandoned();
    }
  }

  private usage(word: Token): void {
    const { cursor } = this;
    this.once('USAGE', word);
    const source = cursor.position();
    const token = cursor.token;
    if (cursor.accept('OBJECT')) {
      if (!cursor.accept('REFERENCE')) cursor.expected('REFERENCE', ['REFERENCE']);
      // [FACTORY OF] class [ONLY]
      while (cursor.token.kind === 'word' && !CLAUSE_WORDS.has(cursor.token.text)) cursor.take();
      this.clauses.usage = { usage: 'OBJECT REFERENCE', unsigned: false, source };
      return;
    }
    const usage = token.kind === 'word' ? USAGES.get(token.text) : undefined;
    if (!usage) {
      if (token.kind === 'word' && UNSUPPORTED.has(token.text)) this.unknown(token);
      return cursor.expected('a usage', [...USAGES.keys(), 'OBJECT']);
    }
    cursor.take();
    const native = usage.startsWith('BINARY-');
    const unsigned = native && (token.text.startsWith('UNSIGNED-') || cursor.is('UNSIGNED'));
    if (native) cursor.accept('SIGNED', 'UNSIGNED');
    this.clauses.usage = { usage, unsigned, source } satisfies UsageClause;
  }

  private sign(word: Token, side: Token, source: SourcePosition): void {
    this.once('SIGN', word);
    const separate = this.cursor.accept('SEPARATE');
    if (separate) this.cursor.accept('CHARACTER');
    this.clauses.sign = { leading: side.text === 'LEADING', separate, source };
  }

  private table(word: Token, source: SourcePosition): void {
    const { cursor } = this;
    this.once('OCCURS', word);
    if (cursor.is('DYNAMIC', 'ANY')) this.dynamic();
    let first = 1;
    let last = Number.POSITIVE_INFINITY;
    if (cursor.accept('UNBOUNDED')) this.range = true;
    else {
      first = last = this.count();
      if (cursor.accept('TO')) {
        this.range = true;
        last = cursor.accept('UNBOUNDED') ? Number.POSITIVE_INFINITY : this.count();
      }
    }
    cursor.accept('TIMES');
    const end = cursor.previous;
    if (last === 0) cursor.fail('OVP_SYNTAX_OCCURS', 'a table has at least one item', end);
    if (last > MAX_OCCURS && last !== Number.POSITIVE_INFINITY)
      cursor.fail('OVP_SYNTAX_OCCURS', `a table can't have more than ${MAX_OCCURS} items`, end);
    if (first > last)
      cursor.fail('OVP_SYNTAX_OCCURS', `OCCURS ${first} TO ${last}: the first number must be the lesser`, end);
    this.occurs = { min: first, max: last, dependingOn: null, keys: this.keys, indexes: this.indexes, source };
  }

  private count(): number {
    return this.cursor.integer('how many times it occurs (a number)');
  }

  private dynamic(): never {
    const { cursor } = this;
    return cursor.fail(
      'OVP_SYNTAX_OCCURS',
      `OCCURS ${cursor.token.text}: such a table grows in memory, and its items are never in a record`,
      cursor.token,
      'Describe the table of the file: OCCURS 1 TO 500 DEPENDING ON ...',
    );
  }

  /** Names up to the next clause. */
  private names(what: string): Reference[] {
    const { cursor } = this;
    const names = [cursor.reference(what)];
    while (cursor.token.kind === 'word' && !CLAUSE_WORDS.has(cursor.token.text)) names.push(cursor.reference(what));
    return names;
  }

  private finishOccurs(): void {
    const { cursor, occurs } = this;
    if (!occurs) {
      if (this.phrase) cursor.error('OVP_SYNTAX_OCCURS', `${this.phrase.text} needs an OCCURS clause`, this.phrase);
      return;
    }
    if (this.dependingOn) {
      if (!this.range) occurs.min = 0;
      occurs.dependingOn = this.dependingOn;
    } else if (this.range) {
      cursor.error(
        'OVP_SYNTAX_OCCURS',
        occurs.max === Number.POSITIVE_INFINITY
          ? 'OCCURS UNBOUNDED needs DEPENDING ON'
          : `OCCURS ${occurs.min} TO ${occurs.max} needs DEPENDING ON`,
        this.seen.get('OCCURS')!,
        'Name the counter, or give one number where the table is always full.',
      );
    }
    this.clauses.occurs = occurs;
  }

  private finishPicture(): void {
    const { cursor, byteLength, clauses } = this;
    if (!byteLength) return;
    const { bytes, token } = byteLength;
    const picture = clauses.picture?.picture;
    if (picture?.kind !== 'utf8' || picture.characters !== 1 || bytes === 0) {
      const hint = 'It is written: PIC U BYTE-LENGTH 10.';
      cursor.error('OVP_SYNTAX_CLAUSE', 'BYTE-LENGTH goes with PICTURE U, and at least one byte', token, hint);
    } else clauses.picture = { ...clauses.picture!, picture: { ...picture, byteLength: bytes } };
  }

  private unexpected(token: Token): never {
    const { cursor } = this;
    if (token.kind === 'literal' || token.kind === 'number') {
      const hint = this.seen.has('VALUE') ? 'An item has one value; lists of values are for 88 levels.' : undefined;
      cursor.fail('OVP_SYNTAX_UNEXPECTED', `${cursor.shown()} stands where a clause should begin`, token, hint);
    }
    if (token.text === '(' && cursor.previous.kind === 'picture') {
      cursor.fail(
        'OVP_SYNTAX_PICTURE',
        'a picture contains no blanks',
        token,
        'Write the repetition count directly behind its symbol.',
      );
    }
    return cursor.expected('a clause or a period');
  }

  private unknown(token: Token): never {
    const { cursor } = this;
    const unsupported = UNSUPPORTED.get(token.text);
    if (unsupported) cursor.fail('OVP_SYNTAX_CLAUSE', `${unsupported.clause} is not supported`, token, unsupported.why);
    const near = cursor.diagnostics.near(token.text, CLAUSE_WORDS);
    const hint =
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : 'Clauses are PICTURE, USAGE, OCCURS, REDEFINES, VALUE, SIGN and so on.';
    return cursor.fail('OVP_SYNTAX_CLAUSE', `${token.text} is no clause of a data item`, token, hint);
  }
}

/** An error's message without the place and hint that will be put around it again. */
function firstLine(error: OverpunchError): string {
  const { source } = error;
  const [line] = error.message.split('\n');
  return source ? line!.slice(`${source.file}:${source.line}:${source.column}: `.length) : line!;
}
