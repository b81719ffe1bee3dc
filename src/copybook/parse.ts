/**
 * Copybook text to its syntax tree: source lines, sections of a program, texts that COPY brings in, tokens, entries, tree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import type { CopybookTree, RecordEntry } from './ast.js';
import { ComposedSource } from './composed.js';
import { Cursor } from './cursor.js';
import { Diagnostics } from './diagnostics.js';
import { Lexer } from './lexer.js';
import { type CopyLibrary, Library } from './library.js';
import { parseEntries } from './parser.js';
import { type Program, splitProgram } from './program.js';
import { ReplacingCost, replaced, replacementsOf } from './replace.js';
import { type TextRules, currencyOf, rulesOf } from './rules.js';
import { type Part, selectRecords } from './select.js';
import { type Source, type SourceOptions, readSource, sourceText } from './source.js';
import { nest } from './tree.js';
import { resolveTypes } from './types.js';

export interface ParseOptions extends SourceOptions {
  /** Where COPY takes its texts from. */
  readonly library?: CopyLibrary | null;
  /** The FD, 01 level or section whose records are meant. */
  readonly from?: string | undefined;
  readonly decimalPoint?: 'point' | 'comma' | undefined;
  readonly currency?: string | undefined;
  /** Words and what stands for them, in all of the text. */
  readonly replace?: Readonly<Record<string, string>> | undefined;
}

/**
 * Parses a copybook or the data of a program: text, or the bytes of a file in UTF-8, Latin-1 or EBCDIC. Throws an
 * {@link OverpunchError} for the first error, with all further ones in its `others`.
 */
export function parseCopybook(text: string | Uint8Array, options: ParseOptions = {}): CopybookTree {
  const input = typeof text === 'string' ? text : sourceText(text);
  const { file = 'copybook', library = null, from } = options;
  const diagnostics = new Diagnostics();
  const source = readSource(input, options, diagnostics);
  const program = splitProgram(source, diagnostics);
  const rules = rulesFor(program, options);
  if (program.isProgram && program.sections.length === 0) throw empty(file, program);
  const sources = program.sections.length > 0 ? program.sections : [{ name: null, source }];
  const parts = sources.map(({ name, source: part }): Part => {
    let records: readonly RecordEntry[] | null = null;
    const read = (text: Source): readonly RecordEntry[] => {
      const own = diagnostics.branch();
      const list = replacementsOf(options.replace ?? {});
      const cost = new ReplacingCost();
      const found = entriesOf(replaced(new Library(library, options, own, cost).expand(text), list, cost), rules, own);
      for (const { found: times, shown } of list) if (times === 0) own.warn(`replace: ${shown} is nowhere in the text`);
      own.throwIfFailed();
      for (const warning of own.warnings) diagnostics.warn(warning);
      return found;
    };
    return {
      name,
      records: () => (records ??= read(part)),
      alone: (wanted) => {
        const entry = entryOf(part, wanted);
        try {
          return entry && read(entry);
        } catch (error) {
          if (error instanceof OverpunchError) return null;
          throw error;
        }
      },
      mentions: (wanted) => entryOf(part, wanted) !== null,
    };
  });
  const records = selectRecords(file, parts, program.isProgram, from);
  diagnostics.throwIfFailed();
  if (records.length === 0) throw empty(file, program);
  return { file, format: source.format, records, warnings: diagnostics.warnings };
}

function rulesFor(program: Program, { decimalPoint, currency }: ParseOptions): TextRules {
  const currencies = currency === undefined ? [] : [currencyOf(currency)];
  return rulesOf(program.decimalComma || decimalPoint === 'comma', [...program.currencies, ...currencies]);
}

function entriesOf(source: Source, rules: TextRules, diagnostics: Diagnostics): RecordEntry[] {
  const tokens = new Lexer(source, diagnostics, rules).run();
  return resolveTypes(nest(parseEntries(new Cursor(tokens, source, diagnostics, rules)), diagnostics), diagnostics);
}

function empty(file: string, { isProgram, sections }: Program): OverpunchError {
  if (isProgram && sections.length === 0) {
    return new OverpunchError('OVP_SYNTAX_PROGRAM', `${file}: this program describes no data`, {
      hint: 'Data is in FILE, WORKING-STORAGE, LOCAL-STORAGE and LINKAGE SECTION of the DATA DIVISION.',
    });
  }
  return new OverpunchError('OVP_SYNTAX_EMPTY', `${file}: there is no data item in this text`, {
    hint: 'A copybook has entries such as: 01 CUSTOMER. 05 NAME PIC X(20).',
  });
}

/** The text of an FD or 01 level up to the next one, as far as it stands in the text itself. */
function entryOf(source: Source, name: string): Source | null {
  const { text } = source;
  const found = new RegExp(`(?<=^|\\.)[ ]*(FD|SD|0?1)[ ]+${escaped(name)}(?![\\w-])`, 'im').exec(text);
  if (!found) return null;
  const next = /^\d/.test(found[1]!) ? /^[ ]*(?:FD|SD|0?1|77|78)[ ]/gim : /^[ ]*(?:FD|SD)[ ]/gim;
  next.lastIndex = found.index + found[0].length;
  const entry = new ComposedSource(source);
  entry.slice(source, found.index, next.exec(text)?.index);
  return entry;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
