/**
 * Alternatives of which conditions select one: the record types of a file, or what REDEFINES an area.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import { type Item, type Layout, walk } from '../layout/item.js';
import { type GroupNode, type Schema, type SchemaNode, itemOf, ofItem } from '../plan/schema.js';

export interface Alternatives {
  /** They are several 01 levels rather than items of one. */
  readonly areRecords: boolean;
  /** All nodes of all alternatives. */
  readonly nodes: ReadonlySet<SchemaNode>;
  /** The first alternative of each SELECT frame (those without a condition share one). */
  readonly byFrame: ReadonlyMap<number, Item>;
}

/** Where a node lies: the item that shares its storage with others, and the first of these. */
interface Place {
  readonly area: Item | 'records';
  readonly alternative: Item;
}

/**
 * The outermost area of a record with conditions (the first of several); null where nothing shares storage.
 * @throws OverpunchError OVP_OPTION_REDEFINES where nothing says which alternative a record has
 */
export function alternativesOf(schema: Schema, layout: Layout): Alternatives | null {
  const found = search(schema.children, layout);
  if (found) return found;
  const [first, second] = layout.records;
  const shared = second ? [first!.item, second.item] : redefined(first!.item);
  if (!shared) return null;
  throw new OverpunchError(
    'OVP_OPTION_REDEFINES',
    `redefines 'tables' can't tell which records are ${shared.map(({ name }) => name).join(' and which ')}`,
    { hint: `Say it with record (--record "${shared[1]!.name}=RECORD-TYPE = 'C'").` },
  );
}

/** The node's children without those of other alternatives than `frame`'s. */
export function withOnly(children: readonly SchemaNode[], { nodes }: Alternatives, frame: number): SchemaNode[] {
  return children
    .filter((node) => !nodes.has(node) || node.select === frame)
    .map((node): SchemaNode => {
      if (node.node !== 'group' || nodes.has(node)) return node;
      const copy: GroupNode = { ...node, children: withOnly(node.children, { nodes } as Alternatives, frame) };
      const item = itemOf(node);
      return item ? ofItem(copy, item) : copy;
    });
}

function search(children: readonly SchemaNode[], layout: Layout): Alternatives | null {
  const areas = new Map<Place['area'], { nodes: SchemaNode[]; places: Place[] }>();
  for (const node of children) {
    const item = itemOf(node);
    const place = node.select >= 0 && item ? placeOf(item, layout) : null;
    if (!place) continue;
    const area = areas.get(place.area) ?? { nodes: [], places: [] };
    areas.set(place.area, area);
    area.nodes.push(node);
    area.places.push(place);
  }
  for (const [area, { nodes, places }] of areas) {
    const byFrame = new Map<number, Item>();
    const frames = new Map<Item, number>();
    let isClear = true;
    nodes.forEach(({ select }, n) => {
      const { alternative } = places[n]!;
      if (!byFrame.has(select)) byFrame.set(select, alternative);
      // an area within an alternative without a name of its own: its parts have conditions of their own
      isClear &&= (frames.get(alternative) ?? select) === select;
      frames.set(alternative, select);
    });
    if (isClear) return { areRecords: area === 'records', nodes: new Set(nodes), byFrame };
  }
  for (const node of children) {
    const inner = node.node === 'group' && node.select < 0 ? search(node.children, layout) : null;
    if (inner) return inner;
  }
  return null;
}

/** The outermost area that an item is in, seen from the group that its node is in: groups named FILLER are none. */
function placeOf(item: Item, { records }: Layout): Place | null {
  let found: Place | null = null;
  for (let at = item; ; ) {
    const { parent } = at;
    if (!parent && records.length > 1) return { area: 'records', alternative: at };
    if (at.redefines || parent?.children.some(({ redefines }) => redefines === at))
      found = { area: base(at), alternative: at };
    if (!parent?.filler || parent.occurs) return found;
    at = parent;
  }
}

function base(item: Item): Item {
  let at = item;
  while (at.redefines) at = at.redefines;
  return at;
}

/** The first two items that share storage, outside tables and anywhere if there are none. */
function redefined(record: Item): [Item, Item] | null {
  for (const item of walk(record)) if (item.redefines) return [item.redefines, item];
  return null;
}
