/**
 * Program text put together from pieces of other texts (what COPY brings in, what REPLACE changes), in which every
 * character still knows the file, line and column that it came from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { SourcePosition } from '../errors.js';
import type { Format } from './format.js';
import type { Source } from './source.js';

interface Piece {
  readonly offset: number;
  readonly source: Source;
  /** Where the piece begins in its source. */
  readonly at: number;
  /** Null: a piece of the source as it is; else the piece stands for so many of its characters. */
  readonly span: number | null;
}

export class ComposedSource implements Source {
  private readonly pieces: Piece[] = [];
  private readonly parts: string[] = [];
  private joined: string | null = null;
  private readonly formats = new Map<string, Format>();
  length = 0;

  /** An empty text that takes its name and format from another. */
  constructor(private readonly main: Source) {}

  get file(): string {
    return this.main.file;
  }

  get format(): Format {
    return this.main.format;
  }

  get text(): string {
    if (this.joined === null) {
      this.joined = this.parts.join('');
      this.parts.splice(0, this.parts.length, this.joined);
    }
    return this.joined;
  }

  /** Appends a piece of a source as it is. */
  slice(source: Source, from = 0, to = source.text.length): void {
    if (to > from) this.push(source.text.slice(from, to), { offset: this.length, source, at: from, span: null });
  }

  /** Appends text that stands in place of the `span` characters from `at` of a source. */
  put(text: string, source: Source, at: number, span: number): void {
    if (text !== '') this.push(text, { offset: this.length, source, at, span });
  }

  position(offset: number, length: number): SourcePosition {
    let low = 0;
    let high = this.pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.pieces[middle]!.offset <= offset) low = middle;
      else high = middle - 1;
    }
    const piece = this.pieces[low];
    if (!piece) return this.main.position(0, 1);
    if (piece.span !== null) return piece.source.position(piece.at, Math.max(1, piece.span));
    return piece.source.position(piece.at + offset - piece.offset, length);
  }

  formatOf(file: string): Format {
    return this.formats.get(file) ?? this.main.formatOf(file);
  }

  /** Takes note of a file that the text has parts of. */
  remember(file: string, format: Format): void {
    this.formats.set(file, format);
  }

  private push(text: string, piece: Piece): void {
    this.pieces.push(piece);
    this.parts.push(text);
    this.joined = null;
    this.length += text.length;
  }
}
