/**
 * What is wrong with a copybook, collected while it is read to its end: errors are thrown together at the end of a stage
 * (the first one, with the others attached), warnings are kept for the layout.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type ErrorCode, OverpunchError, type SourcePosition } from '../errors.js';

/** Errors kept of one run; a file that is no copybook at all would otherwise give thousands. */
const MAX_ERRORS = 100;

interface Draft {
  readonly code: ErrorCode;
  readonly message: string;
  readonly source: SourcePosition | undefined;
  readonly hint: string | undefined;
}

export class Diagnostics {
  readonly warnings: string[] = [];
  private readonly errors: Draft[] = [];

  error(code: ErrorCode, message: string, source?: SourcePosition, hint?: string): void {
    if (this.errors.length < MAX_ERRORS) this.errors.push({ code, message, source, hint });
  }

  /** Takes over an error that another stage made. */
  add(error: OverpunchError, message: string): void {
    this.error(error.code, message, error.source, error.hint);
  }

  warn(message: string, source?: SourcePosition): void {
    const text = source ? `${source.file}:${source.line}: ${message}` : message;
    if (!this.warnings.includes(text)) this.warnings.push(text);
  }

  get failed(): boolean {
    return this.errors.length > 0;
  }

  /** Throws the first error, in order of the text, with the others in `others`. */
  throwIfFailed(): void {
    if (!this.failed) return;
    const place = (d: Draft): number => (d.source ? d.source.line * 1e6 + d.source.column : Infinity);
    const ordered = [...this.errors].sort((a, b) => place(a) - place(b) || 0);
    const make = ({ code, message, source, hint }: Draft, others?: OverpunchError[]): OverpunchError =>
      new OverpunchError(code, message, { source, hint, others });
    const [first, ...rest] = ordered;
    throw make(
      first!,
      rest.map((draft) => make(draft)),
    );
  }
}
