/**
 * Which items of a layout are decoded: all, or those that were selected, with what is in them, and the 66 levels among them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Item, Layout, Rename } from '../layout/item.js';

export class Projection {
  private readonly needs = new Map<Item, boolean>();
  /** The 66 levels that were selected, by the record that they are of. */
  private readonly renames: ReadonlyMap<Item, readonly Rename[]>;

  /**
   * @param selected null: all items
   * @param fillers whether FILLER items are decoded
   */
  constructor(
    layout: Layout,
    private readonly selected: ReadonlySet<Item> | null,
    private readonly fillers: boolean,
  ) {
    this.renames = new Map(
      layout.records.map(({ item, renames }) => [item, renames.filter((one) => selected?.has(one.item))]),
    );
  }

  renamesOf(record: Item): readonly Rename[] {
    return this.renames.get(record) ?? [];
  }

  /** Is there anything to decode in this item? */
  isNeeded(item: Item): boolean {
    let answer = this.needs.get(item);
    if (answer === undefined) {
      answer =
        item.kind === 'group'
          ? item.children.some((child) => this.isNeeded(child)) || this.renamesOf(item).length > 0
          : (!item.filler || this.fillers) && this.isSelected(item);
      this.needs.set(item, answer);
    }
    return answer;
  }

  /** Is anything in this item decoded, there or under the name of a 66 level? */
  isRead(item: Item): boolean {
    const inside = ({ from }: Rename): boolean => {
      for (let at: Item | null = from; at; at = at.parent) if (at === item) return true;
      return false;
    };
    return this.isNeeded(item) || [...this.renames.values()].some((list) => list.some(inside));
  }

  private isSelected(item: Item): boolean {
    if (!this.selected) return true;
    for (let at: Item | null = item; at; at = at.parent) if (this.selected.has(at)) return true;
    return false;
  }
}
