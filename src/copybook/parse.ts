/**
 * Copybook text to its syntax tree: source lines, tokens, entries, tree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import type { CopybookTree } from './ast.js';
import { Cursor } from './cursor.js';
import { Diagnostics } from './diagnostics.js';
import { Lexer } from './lexer.js';
import { parseEntries } from './parser.js';
import { type SourceOptions, readSource, sourceText } from './source.js';
import { nest } from './tree.js';

export type ParseOptions = SourceOptions;

/**
 * Parses a copybook: text, or the bytes of a file in UTF-8 or Latin-1. Throws an {@link OverpunchError} for the first
 * error, with all further ones in its `others`.
 */
export function parseCopybook(text: string | Uint8Array, options: ParseOptions = {}): CopybookTree {
  const input = typeof text === 'string' ? text : sourceText(text);
  const { file = 'copybook' } = options;
  if (input === null) {
    throw new OverpunchError(
      'OVP_SYNTAX_EBCDIC',
      `${file}: the text looks like EBCDIC, which is not supported yet for copybooks`,
      {
        hint: 'Convert it first, e.g. iconv -f IBM037 -t UTF-8 (in records of 80 bytes, put a line feed behind each).',
      },
    );
  }
  const diagnostics = new Diagnostics();
  const source = readSource(input, options, diagnostics);
  const tokens = new Lexer(source, diagnostics).run();
  const records = nest(parseEntries(new Cursor(tokens, source, diagnostics)), diagnostics);
  if (records.length === 0 && !diagnostics.failed) {
    throw new OverpunchError('OVP_SYNTAX_EMPTY', `${file}: there is no data item in this text`, {
      hint: 'A copybook has entries such as: 01 CUSTOMER. 05 NAME PIC X(20).',
    });
  }
  diagnostics.throwIfFailed();
  return { file, format: source.format, records, warnings: diagnostics.warnings };
}
