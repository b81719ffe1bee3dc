/**
 * Where items lie: in which frame, at what offset from its positions. Known for what the compiler has walked; for what
 * lies ahead, as long as nothing of variable length is in between.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Item, walk } from '../layout/item.js';
import { firstFrom } from '../layout/named.js';
import { type Frame, positionsFor } from './frames.js';

export interface Place {
  readonly frame: Frame;
  readonly offset: number;
}

export class Places {
  private readonly known = new Map<Item, Place>();
  /** Offsets of a record's tables of variable length, in order. */
  private readonly variable = new Map<Item, readonly number[]>();

  /** `renamed`: the first item of each 66 level. */
  constructor(
    private readonly padded: boolean,
    private readonly renamed: ReadonlyMap<Item, Item>,
  ) {}

  set(item: Item, frame: Frame, offset: number): void {
    this.known.set(item, { frame, offset });
  }

  /** The frame that an item was walked in, with its selections. */
  own(item: Item): Frame {
    return this.known.get(item)!.frame;
  }

  /** The item's place for every row of `here`, or null where it has none (other table, or behind what varies). */
  of(item: Item, here: Frame): Place | null {
    const first = this.renamed.get(item);
    if (first) return this.of(first, here);
    const walked = this.known.get(item);
    const base = positionsFor(walked ? walked.frame : here, here);
    if (!base || !encloses(base, here)) return null;
    if (walked) return { frame: base, offset: walked.offset };
    if (tableOf(item) !== (base.table?.item ?? null) || this.varies(item, base)) return null;
    return { frame: base, offset: item.offset - base.origin };
  }

  /** Does anything of variable length lie between the frame's position and the item? */
  private varies(item: Item, { origin }: Frame): boolean {
    if (this.padded) return false;
    let top = item;
    while (top.parent) top = top.parent;
    let offsets = this.variable.get(top);
    if (!offsets) {
      const tables = [...walk(top)].filter(({ occurs }) => occurs?.dependingOnName != null);
      offsets = tables.map(({ offset }) => offset).sort((a, b) => a - b);
      this.variable.set(top, offsets);
    }
    const next = offsets[firstFrom(offsets, origin)];
    return next !== undefined && next < item.offset;
  }
}

/** The innermost table that an item is in (or is), if any. */
function tableOf(item: Item): Item | null {
  for (let at: Item | null = item; at; at = at.parent) if (at.occurs) return at;
  return null;
}

/** Does every row of `inner` have exactly one row of `outer`: the same table, or one around it? */
function encloses(outer: Frame, inner: Frame): boolean {
  for (let table = inner.table; ; table = table.parent.table) {
    if (table === outer.table) return true;
    if (!table) return false;
  }
}
