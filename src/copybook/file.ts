/**
 * FD and SD entries: which file the records that follow are in, and what the program says of its records and blocks.
 * IBM Enterprise COBOL Language Reference, "DATA DIVISION--file description entries".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FileEntry } from './ast.js';
import type { Cursor } from './cursor.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads the entry up to its period, which is left; clauses that say nothing about records are passed over. */
export function parseFile(cursor: Cursor, atEnd: () => boolean): FileEntry {
  const kind = cursor.take().text as 'FD' | 'SD';
  const source = cursor.position();
  const name = cursor.name("the file's name");
  const file: Mutable<FileEntry> = { name, kind, recordingMode: null, record: null, block: null, source };
  while (!atEnd()) {
    if (cursor.accept('RECORDING')) recordingMode(cursor, file);
    else if (cursor.accept('RECORD')) record(cursor, file);
    else if (cursor.accept('BLOCK')) block(cursor, file);
    else cursor.take();
  }
  return file;
}

function recordingMode(cursor: Cursor, file: Mutable<FileEntry>): void {
  cursor.accept('MODE');
  cursor.accept('IS');
  const { kind, text } = cursor.token;
  const mode = { FIXED: 'F', VARIABLE: 'V', UNDEFINED: 'U', SPANNED: 'S' }[text] ?? text;
  if (kind === 'word' && /^[FVUS]$/.test(mode)) {
    cursor.take();
    file.recordingMode = mode as 'F' | 'V' | 'U' | 'S';
  } else cursor.expected('F, V, U or S', ['F', 'V', 'U', 'S']);
}

/** RECORD [IS] VARYING [IN] [SIZE] [FROM n] [TO m], RECORD [CONTAINS] n [TO m]; RECORD KEY and others say nothing here. */
function record(cursor: Cursor, file: Mutable<FileEntry>): void {
  cursor.accept('IS');
  const varying = cursor.accept('VARYING');
  for (const word of ['IS', 'CONTAINS', 'IN', 'SIZE', 'FROM']) cursor.accept(word);
  const range = rangeOf(cursor);
  if (range) file.record = { ...range, varying: varying || range.min !== range.max };
  else if (varying) file.record = { min: 0, max: 0, varying };
}

function block(cursor: Cursor, file: Mutable<FileEntry>): void {
  cursor.accept('CONTAINS');
  const range = rangeOf(cursor);
  if (!range) return;
  const unit = cursor.is('RECORD', 'RECORDS') ? 'records' : 'bytes';
  file.block = { ...range, unit };
}

/** `n` or `n TO m`; `TO m` is from 0. */
function rangeOf(cursor: Cursor): { min: number; max: number } | null {
  const count = (): number => cursor.integer('a number of characters');
  if (cursor.accept('TO')) return { min: 0, max: count() };
  const { kind, text } = cursor.token;
  if (kind !== 'number' && !(kind === 'word' && cursor.rules.constants.has(text))) return null;
  const min = count();
  const max = cursor.accept('TO') ? count() : min;
  if (max < min)
    cursor.fail('OVP_SYNTAX_FILE', `${min} TO ${max}: the first number must be the lesser`, cursor.previous);
  return { min, max };
}
