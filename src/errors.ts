/**
 * The one error class. Every failure that a caller can meet has a stable `code`, a message that says what to do, and
 * where it happened. Bad *data* inside a record is not an error but a {@link Fault}: see `onBadData`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** Families: SYNTAX (copybook text), LAYOUT, PLAN, OPTION, FRAME (record boundaries), DATA, ENCODE, IO, ENGINE, SERVER. */
export type ErrorCode =
  `OVP_${'SYNTAX' | 'LAYOUT' | 'PLAN' | 'OPTION' | 'FRAME' | 'DATA' | 'ENCODE' | 'IO' | 'ENGINE' | 'SERVER'}_${string}`;

/** Where in a copybook: 1-based line and column, the line's own text, and how many columns the culprit spans. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly text: string;
}

/** Where in data: 1-based record number (0: none yet), byte offset from the start of the source. */
export interface DataPosition {
  readonly record: number;
  readonly offset: number;
}

export interface ErrorDetails {
  readonly source?: SourcePosition | undefined;
  readonly data?: DataPosition | undefined;
  /** What to do about it, one sentence; it is part of the message too. */
  readonly hint?: string | undefined;
  /** The rule that was broken: a manual and its section; it is part of the message too. */
  readonly rule?: string | undefined;
  readonly cause?: unknown;
  /** Further errors of the same run, in order (a copybook is checked to its end). */
  readonly others?: readonly OverpunchError[] | undefined;
}

export class OverpunchError extends Error {
  readonly code: ErrorCode;
  readonly source: SourcePosition | undefined;
  readonly data: DataPosition | undefined;
  readonly hint: string | undefined;
  readonly rule: string | undefined;
  readonly others: readonly OverpunchError[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(compose(message, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'OverpunchError';
    this.code = code;
    this.source = details.source;
    this.data = details.data;
    this.hint = details.hint;
    this.rule = details.rule;
    this.others = details.others ?? [];
  }
}

/** Characters of a message, and of a line that it shows: there is no end to what a text may hold. */
const LONGEST_MESSAGE = 4000;
const LONGEST_LINE = 240;

function compose(message: string, { source, data, hint, rule }: ErrorDetails): string {
  let text = clipped(message);
  if (source) text = `${source.file}:${source.line}:${source.column}: ${text}`;
  if (data) text += data.record > 0 ? ` (record ${data.record}, byte ${data.offset})` : ` (byte ${data.offset})`;
  if (source) text += `\n${shownLine(source)}`;
  if (hint) text += `\n  ${clipped(hint)}`;
  return rule ? `${text}\n  See ${rule}.` : text;
}

const clipped = (text: string): string =>
  text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)} ...` : text;

/** The line with a mark below its culprit; of a long line what is around that. */
function shownLine({ text, column, length }: SourcePosition): string {
  const from = text.length <= LONGEST_LINE ? 0 : Math.max(0, column - 1 - LONGEST_LINE / 4);
  const line = text.slice(from, from + LONGEST_LINE);
  const before = Math.max(0, column - 1 - from);
  const mark = Math.max(1, Math.min(length, LONGEST_LINE - before));
  return `    ${line}\n    ${' '.repeat(before)}${'^'.repeat(mark)}`;
}

/** A word of more characters than this was not misspelt by a letter or two. */
const LONGEST_WORD = 100;

/** The candidates that a misspelt word may have meant, nearest first, at most three. */
export function didYouMean(word: string, candidates: Iterable<string>): string[] {
  if (word.length > LONGEST_WORD) return [];
  const wanted = word.toUpperCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const near: { text: string; distance: number }[] = [];
  for (const text of new Set(candidates)) {
    if (Math.abs(text.length - word.length) > limit) continue;
    const distance = editDistance(wanted, text.toUpperCase(), limit);
    if (distance <= limit) near.push({ text, distance });
  }
  return near
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map((c) => c.text);
}

/** Damerau-Levenshtein distance (optimal string alignment); anything over `limit` comes back as `limit + 1`. */
function editDistance(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
      if (cost < least) least = cost;
    }
    // what comes is made of this row and, where two letters are swapped, of the one before, which has no less than one less
    if (least > limit) return limit + 1;
    before = last;
    last = row;
  }
  return last[b.length]!;
}
