/**
 * The items of a record by their names, as COBOL's qualification finds them: made once, as every DEPENDING ON and RENAMES asks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Reference } from '../copybook/ast.js';
import { OverpunchError } from '../errors.js';
import { type Draft, matches } from './draft.js';
import { walk } from './item.js';

/** Places in the order of the text, `to` exclusive. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Qualified names whose items are kept. */
const KEPT = 64;
/** Groups of one name that are few enough to look only into them. */
const FEW = 8;
/** Items that may be looked at for all qualified names: somebody wrote them to take time. */
const MAX_LOOKED = 20_000_000;

export class NamedItems {
  private readonly order: Draft[] = [];
  private readonly places = new Map<Draft, Stretch>();
  /** Places of the items of each name. */
  private readonly named = new Map<string, number[]>();
  private readonly qualified = new Map<string, readonly number[]>();
  private looked = 0;

  constructor(record: Draft) {
    this.add(record);
  }

  /** Items that the reference may mean in a group (itself one of them), of which those in `without` are none. */
  within(group: Draft, reference: Reference, without?: Draft): Draft[] {
    const found = this.of(reference);
    const { from, to } = this.places.get(group)!;
    const hole = without ? this.places.get(without)! : { from: to, to };
    return [...stretch(found, from, hole.from), ...stretch(found, hole.to, to)].map((place) => this.order[place]!);
  }

  /** Names of the items, for one that is misspelt. */
  *names(isElementary: boolean): Generator<string> {
    for (const { filler, children, name } of this.order)
      if (!filler && !(isElementary && children.length > 0)) yield name;
  }

  private add(item: Draft): void {
    for (const one of walk(item)) {
      const place = this.order.push(one) - 1;
      if (one.filler) continue;
      const list = this.named.get(one.name);
      if (list) list.push(place);
      else this.named.set(one.name, [place]);
    }
    // an item ends where the last one in it does
    for (let place = this.order.length - 1; place >= 0; place--) {
      const one = this.order[place]!;
      const last = one.children.at(-1);
      this.places.set(one, { from: place, to: last ? this.places.get(last)!.to : place + 1 });
    }
  }

  /**
   * Places of all items in the record that the reference may mean.
   * @throws OverpunchError OVP_LAYOUT_COUNTER
   */
  private of({ name, qualifiers, source }: Reference): readonly number[] {
    const all = this.named.get(name) ?? [];
    if (qualifiers.length === 0 || all.length === 0) return all;
    const key = [name, ...qualifiers].join(' ');
    let kept = this.qualified.get(key);
    if (!kept) {
      const found = this.amongThoseIn(qualifiers, all);
      this.looked += found.length;
      if (this.looked > MAX_LOOKED) {
        const what = `there are too many qualified names of ${name}, of which there are ${all.length} items`;
        throw new OverpunchError('OVP_LAYOUT_COUNTER', what, { source });
      }
      kept = found.filter((place) => matches(this.order[place]!, name, qualifiers));
      if (this.qualified.size >= KEPT) this.qualified.clear();
      this.qualified.set(key, kept);
    }
    return kept;
  }

  /** Those of the places that lie in the groups of a qualifier of which there are few; the qualifier that leaves the least. */
  private amongThoseIn(qualifiers: readonly string[], places: readonly number[]): readonly number[] {
    let least = places;
    for (const qualifier of qualifiers) {
      const groups = this.named.get(qualifier) ?? [];
      if (groups.length === 0 || groups.length > FEW) continue;
      let behind = 0;
      const inside = groups.flatMap((group) => {
        const { from, to } = this.places.get(this.order[group]!)!;
        // one that is in another of its name was looked into already
        const found = stretch(places, Math.max(from, behind), to);
        behind = Math.max(behind, to);
        return found;
      });
      if (inside.length < least.length) least = inside;
    }
    return least;
  }
}

/** Those of the places, which are in order, that lie in a stretch. */
function stretch(places: readonly number[], from: number, to: number): readonly number[] {
  return places.slice(firstFrom(places, from), firstFrom(places, to));
}

/** Of numbers in order the index of the first that is not less. */
export function firstFrom(places: readonly number[], at: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
