/**
 * Where keys move the grid's current cell: arrows, pages, ends, as in every grid (WAI-ARIA authoring practices).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export interface Cell {
  /** -1: the header. */
  readonly row: number;
  readonly column: number;
}

export type GridMove = Cell | 'choose';

export interface GridSize {
  readonly rows: number;
  readonly columns: number;
  /** Rows that Page Down goes by. */
  readonly page: number;
}

type Keys = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>;

/** Null for a key that is none of the grid's. */
export function moveOf(
  { key, ctrlKey, metaKey, altKey }: Keys,
  { row, column }: Cell,
  size: GridSize,
): GridMove | null {
  const isFar = ctrlKey || metaKey;
  const to = (toRow: number, toColumn: number): Cell => ({
    row: Math.max(-1, Math.min(size.rows - 1, toRow)),
    column: Math.max(0, Math.min(size.columns - 1, toColumn)),
  });
  if (altKey) return null;
  switch (key) {
    case 'ArrowDown':
      return to(isFar ? size.rows - 1 : row + 1, column);
    case 'ArrowUp':
      return to(isFar ? 0 : row - 1, column);
    case 'ArrowRight':
      return to(row, isFar ? size.columns - 1 : column + 1);
    case 'ArrowLeft':
      return to(row, isFar ? 0 : column - 1);
    case 'PageDown':
      return to(Math.max(0, row) + size.page, column);
    case 'PageUp':
      return to(Math.max(0, row - size.page), column);
    case 'Home':
      return isFar ? to(0, 0) : to(row, 0);
    case 'End':
      return isFar ? to(size.rows - 1, size.columns - 1) : to(row, size.columns - 1);
    case 'Enter':
    case ' ':
      return 'choose';
    default:
      return null;
  }
}
