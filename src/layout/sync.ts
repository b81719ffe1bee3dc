/**
 * SYNCHRONIZED: the boundary that an item lies on, and so the slack bytes before it and between table elements. IBM
 * Enterprise COBOL Language Reference, "SYNCHRONIZED clause", "Slack bytes within records".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Draft, StorageRules } from './draft.js';

/** What the first byte of an elementary item must be a multiple of, counted from the start of the record. */
export function boundaryOf(item: Draft, { dialect, sync, pointerSize }: StorageRules): number {
  if (!item.synchronized || !sync) return 1;
  const { kind, length } = item;
  if (dialect === 'gnucobol') {
    return (kind === 'binary' || kind === 'pointer' || kind === 'float') && [2, 4, 8].includes(length) ? length : 1;
  }
  switch (kind) {
    case 'binary':
      return length <= 2 ? length : 4;
    case 'pointer':
      return item.usage === 'POINTER-32' ? 4 : pointerSize;
    case 'float':
      return Math.min(8, length);
    default:
      return 1;
  }
}

/** A group starts where its first item must: IBM puts the slack bytes before the group, GnuCOBOL inside it. */
export function leadingBoundary(item: Draft, rules: StorageRules): number {
  let first = item;
  while (first.children.length > 0) {
    if (rules.dialect === 'gnucobol') return 1;
    first = first.children[0]!;
  }
  return boundaryOf(first, rules);
}

export const align = (offset: number, boundary: number): number => Math.ceil(offset / boundary) * boundary;
