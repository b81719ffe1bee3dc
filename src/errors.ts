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

function compose(message: string, { source, data, hint, rule }: ErrorDetails): string {
  let text = message;
  if (source) text = `${source.file}:${source.line}:${source.column}: ${text}`;
  if (data) text += data.record > 0 ? ` (record ${data.record}, byte ${data.offset})` : ` (byte ${data.offset})`;
  if (source) {
    const caret = ' '.repeat(Math.max(0, source.column - 1)) + '^'.repeat(Math.max(1, source.length));
    text += `\n    ${source.text}\n    ${caret}`;
  }
  if (hint) text += `\n  ${hint}`;
  return rule ? `${text}\n  See ${rule}.` : text;
}

/** The candidates that a misspelt word may have meant, nearest first, at most three. */
export function didYouMean(word: string, candidates: Iterable<string>): string[] {
  const wanted = word.toUpperCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const near: { text: string; distance: number }[] = [];
  for (const text of new Set(candidates)) {
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
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}
