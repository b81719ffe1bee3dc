/**
 * Which items of a layout may lie in the same bytes of a record. Where lengths vary, what may is taken to do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Item, type Layout, walk } from '../../layout/item.js';

export class SharedBytes {
  private readonly varying = new Map<Item, boolean>();

  constructor(private readonly layout: Layout) {}

  /** Items that are in this one, that it is in, or that may share bytes with it; itself too. */
  with(item: Item): Set<Item> {
    const chain = chainOf(item);
    const found = new Set<Item>([...chain, ...walk(item)]);
    for (const { item: record, renames } of this.layout.records) {
      const others = renames.map((one) => one.item).filter((one) => one !== item);
      if (record !== chain[0]) {
        // another type of record: there is no telling which of them bytes are of
        this.add(found, [...walk(record), ...others], record, chain[0]!, item);
        continue;
      }
      for (let depth = 1; depth < chain.length; depth++) {
        const own = chain[depth]!;
        for (const sibling of chain[depth - 1]!.children) {
          const liesApart = own.level !== 66 && !overlap(extent(sibling, sibling), extent(own, own));
          if (sibling !== own && !liesApart) this.add(found, walk(sibling), sibling, own, item);
        }
      }
      for (const rename of others) {
        if (item === record) found.add(rename);
        else this.add(found, [rename], rename, chain[1]!, item);
      }
    }
    return found;
  }

  /** Adds those of some items, which are of one group, that share bytes with the item, which is of another. */
  private add(found: Set<Item>, items: Iterable<Item>, group: Item, other: Item, item: Item): void {
    const isAny = this.isVarying(group) || this.isVarying(other);
    const bytes = extent(item, other);
    for (const one of items) if (isAny || overlap(extent(one, group), bytes)) found.add(one);
  }

  private isVarying(item: Item): boolean {
    let answer = this.varying.get(item);
    if (answer === undefined) {
      answer = false;
      for (const { occurs } of walk(item)) answer ||= occurs?.dependingOnName != null;
      this.varying.set(item, answer);
    }
    return answer;
  }
}

/** The groups that an item is in from the record down, and itself. */
function chainOf(item: Item): Item[] {
  const chain: Item[] = [];
  for (let at: Item | null = item; at; at = at.parent) chain.unshift(at);
  return chain;
}

interface Extent {
  readonly from: number;
  readonly to: number;
}

/** The bytes of an item, in all occurrences of it and of the tables around it up to `top`. */
function extent(item: Item, top: Item): Extent {
  const from = item.offset;
  let to = from + item.length;
  for (let at: Item | null = item; at; at = at === top ? null : at.parent)
    if (at.occurs) to += (at.occurs.max - 1) * at.stride;
  return { from, to };
}

const overlap = (a: Extent, b: Extent): boolean => a.from < b.to && b.from < a.to;
