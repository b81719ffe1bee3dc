/**
 * What is wrong with a copybook, collected while it is read to its end: errors are thrown together at the end of a stage
 * (the first one, with the others attached), warnings are kept for the layout.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type ErrorCode, OverpunchError, type SourcePosition, didYouMean } from '../errors.js';
import { hintOf, ruleOf } from './manual.js';

/** Errors and warnings kept of one run; a file that is no copybook at all would otherwise give thousands. */
const MAX_ERRORS = 100;
const MAX_WARNINGS = 1000;
/** Errors for which names like a misspelt one are looked for. */
const MAX_HINTED = 20;
const MORE = `there are more warnings: these are the first ${MAX_WARNINGS}`;

interface Draft {
  readonly code: ErrorCode;
  readonly message: string;
  readonly source: SourcePosition | undefined;
  readonly hint: string | undefined;
}

export class Diagnostics {
  private readonly warned = new Set<string>();
  private readonly errors: Draft[] = [];

  /** The same so far; what is added to it stays apart. */
  branch(): Diagnostics {
    const branch = new Diagnostics();
    branch.errors.push(...this.errors);
    return branch;
  }

  /** @throws OverpunchError where there are enough of them: whatever else would be found is not told anyway */
  error(code: ErrorCode, message: string, source?: SourcePosition, hint?: string): void {
    if (this.errors.length >= MAX_ERRORS) this.throwIfFailed();
    this.errors.push({ code, message, source, hint });
  }

  /** Names that a misspelt one may have meant: of the first errors, since each looks at all that there are. */
  near(word: string, candidates: Iterable<string>): string[] {
    return this.errors.length < MAX_HINTED ? didYouMean(word, candidates) : [];
  }

  /** Takes over an error that another stage made. */
  add(error: OverpunchError, message: string): void {
    this.error(error.code, message, error.source, error.hint);
  }

  warn(message: string, source?: SourcePosition): void {
    if (this.warned.size < MAX_WARNINGS)
      this.warned.add(source ? `${source.file}:${source.line}: ${message}` : message);
    else this.warned.add(MORE);
  }

  /** Each once, in the order in which they came. */
  get warnings(): string[] {
    return [...this.warned];
  }

  get failed(): boolean {
    return this.errors.length > 0;
  }

  /** Throws the first error, in order of the text, with the others in `others`. */
  throwIfFailed(): void {
    if (this.failed) this.throw();
  }

  /** An error with which nothing more is looked for: going on would only cost. */
  fail(code: ErrorCode, message: string, source?: SourcePosition, hint?: string): never {
    this.error(code, message, source, hint);
    return this.throw();
  }

  private throw(): never {
    // file by file, in the order in which something was found in them
    const files = [...new Set(this.errors.map(({ source: where }) => where?.file))];
    const place = ({ source: where }: Draft): number =>
      where ? files.indexOf(where.file) * 1e13 + where.line * 1e6 + where.column : Infinity;
    const ordered = [...this.errors].sort((a, b) => place(a) - place(b) || 0);
    const make = ({ code, message, source, hint }: Draft, others?: OverpunchError[]): OverpunchError =>
      new OverpunchError(code, message, { source, hint: hint ?? hintOf(code), rule: ruleOf(code), others });
    const [first, ...rest] = ordered;
    throw make(
      first!,
      rest.map((draft) => make(draft)),
    );
  }
}
