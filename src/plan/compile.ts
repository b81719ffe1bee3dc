/**
 * Layout + projection + options -> plan. One walk over the items in storage order keeps the current frame: it changes
 * behind every table of variable length, inside tables, and for alternatives that are selected by a condition.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import type { Item, Layout } from '../layout/item.js';
import type { DecodeOptions } from '../options.js';
import { type Assembled, type Extent, assemble } from './assemble.js';
import { FieldCompiler } from './field.js';
import type { AfterFrame, FieldCode, Frame, RootFrame, SelectFrame, TableFrame } from './frames.js';
import { Lookup, Siblings, outputName, splitName } from './names.js';
import { Flag, MAX_COLUMNS, MAX_FRAMES } from './opcodes.js';
import { Places } from './places.js';
import type { Plan } from './plan.js';
import { PredicateCompiler, type Selectors, elseOf, isUnchosen, parseSelectors } from './predicate.js';
import { Projection } from './projection.js';
import { type FieldNode, type GroupNode, type ListNode, type SchemaNode, ofItem } from './schema.js';

export interface CompileOptions extends DecodeOptions {
  /** `latin1`: text columns of Latin-1 code pages hold Latin-1, which is cheaper to make strings of. Default `utf8`. */
  readonly text?: 'utf8' | 'latin1';
  /**
   * Text columns for comparing: all bytes of the field (none is absent), as they stand (`bytes`) or as the bytes that this
   * single-byte code page has for the characters; those that it has not are bad.
   */
  readonly collate?: string;
}

/** Compiles the plan that decodes the items that `options.select` names, or all. */
export function compile(layout: Layout, options: CompileOptions = {}): Plan {
  const lookup = new Lookup(layout);
  const selected =
    options.select?.map((name) => lookup.find(splitName(name), 'OVP_OPTION_SELECT', 'select').item) ?? null;
  const compiler = new Compiler(layout, options, lookup, selected && new Set(selected));
  return compiler.plan();
}

/**
 * Compiles a plan that decodes nothing but finds the records for which `condition` holds: `frame` is the SELECT frame
 * whose validity bitmap says so.
 */
export function compileFilter(
  layout: Layout,
  condition: string,
  options: CompileOptions = {},
): { plan: Plan; frame: number } {
  const { record: _, ...rest } = options;
  return new Compiler(layout, rest, new Lookup(layout), new Set()).filter(condition);
}

/** Where an item's values go, and how strictly they are read. */
interface Context {
  /** An alternative that nobody selected: bad bytes are null. */
  readonly quiet: boolean;
  /** Keys already taken in the object that the items go into. */
  readonly siblings: Siblings;
  /** The innermost SELECT that the nodes themselves (not a group around them) stand for. */
  readonly select: SelectFrame | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class Compiler {
  private readonly root: RootFrame = { kind: 'root', origin: 0, table: null };
  private readonly frames: Frame[] = [this.root];
  private readonly columns: { readonly code: FieldCode; node: Mutable<FieldNode> }[] = [];
  private readonly selects: { readonly frame: SelectFrame; readonly node: { select: number } }[] = [];
  private readonly lists: { readonly frame: TableFrame; readonly node: Mutable<ListNode> }[] = [];
  private readonly extents: Extent[] = [];
  private readonly fields: FieldCompiler;
  private readonly places: Places;
  private readonly predicates: PredicateCompiler;
  private readonly selectors: Selectors;
  private readonly padded: boolean;
  private readonly projection: Projection;

  constructor(
    private readonly layout: Layout,
    options: CompileOptions,
    lookup: Lookup,
    selected: ReadonlySet<Item> | null,
  ) {
    this.padded = options.odo === 'padded';
    this.fields = new FieldCompiler(options, layout.dialect, options.text === 'latin1', options.collate);
    const renamed = layout.records.flatMap(({ renames }) => renames.map(({ item, from }) => [item, from] as const));
    this.places = new Places(this.padded, new Map(renamed));
    // conditions compare what text says, whatever columns hold of it
    const plain = new FieldCompiler(options, layout.dialect, false);
    this.predicates = new PredicateCompiler(lookup, plain, this.places);
    this.selectors = parseSelectors(options.record ?? {}, layout, lookup);
    this.projection = new Projection(layout, selected, options.filler === true);
  }

  plan(): Plan {
    const children: SchemaNode[] = [];
    const siblings = new Siblings();
    const { records } = this.layout;
    const [only] = records;
    if (records.length === 1 && only) {
      const context = { quiet: false, siblings, select: null };
      const plain = only.item.kind === 'group' && !only.item.occurs;
      this.places.set(only.item, this.root, 0);
      const last = plain
        ? this.siblings(only.item.children, this.root, context, children)
        : this.item(only.item, this.root, context, children);
      if (plain) this.renamed(only.item, this.root, context, children);
      this.extents.push({ frame: last, offset: only.length - last.origin });
    } else {
      this.siblings(
        records.map(({ item }) => item),
        this.root,
        { quiet: false, siblings, select: null },
        children,
        true,
      );
    }
    const made = this.assemble([]);
    return { code: made.code, pool: made.pool, schema: { children, tables: this.tablePaths(made) } };
  }

  filter(condition: string): { plan: Plan; frame: number } {
    const ignored: SchemaNode[] = [];
    const context = { quiet: true, siblings: new Siblings(), select: null };
    for (const { item } of this.layout.records) this.item(item, this.root, context, ignored);
    const [first] = this.layout.records;
    const predicate = this.predicates.compile(condition, '--where', this.root, first!.item);
    const frame = this.push<SelectFrame>({ kind: 'select', origin: 0, table: null, parent: this.root, predicate });
    const made = this.assemble([frame]);
    return {
      plan: { code: made.code, pool: made.pool, schema: { children: [], tables: {} } },
      frame: made.frames.get(frame)!,
    };
  }

  private tablePaths(made: Assembled): Record<number, string> {
    const paths: Record<number, string> = {};
    for (const [frame, number] of made.frames) if (frame.kind === 'table') paths[number] = frame.item.path;
    return paths;
  }

  private assemble(kept: readonly Frame[]): Assembled {
    if (this.frames.length > MAX_FRAMES || this.columns.length > MAX_COLUMNS) {
      throw new OverpunchError(
        'OVP_PLAN_TOO_LARGE',
        `The copybook has ${this.columns.length} fields and ${this.frames.length} tables and alternatives; at most ${MAX_COLUMNS} and ${MAX_FRAMES} can be decoded at once`,
        { hint: 'Name the items to decode with select.' },
      );
    }
    const codes = this.columns.map(({ code }) => code);
    const made = assemble(this.frames, codes, this.extents, [this.root, ...kept], this.layout.length);
    this.columns.forEach(({ node }, column) => {
      node.column = column;
      node.instruction = made.instructions[column]!;
    });
    for (const { frame, node } of this.selects) node.select = made.frames.get(frame) ?? -1;
    for (const { frame, node } of this.lists) {
      node.frame = made.frames.get(frame)!;
      node.space = made.spaces.get(frame)!;
    }
    return made;
  }

  /** Items one after another; returns the frame behind the last. With `alternatives` all of them share one area (several 01 levels). */
  private siblings(
    items: readonly Item[],
    start: Frame,
    context: Context,
    out: SchemaNode[],
    alternatives = false,
  ): Frame {
    const areas = new Map<Item, Item[]>();
    const bases = new Map<Item, Item>();
    for (const item of items) {
      // what an item redefines comes before it
      const base = alternatives ? items[0]! : ((item.redefines && bases.get(item.redefines)) ?? item);
      bases.set(item, base);
      const area = areas.get(base);
      if (area) area.push(item);
      else areas.set(base, [item]);
    }
    let frame = start;
    const starts = new Map<Item, Frame>();
    const choices = new Map<Item, Map<Item, SelectFrame>>();
    for (const item of items) {
      const base = bases.get(item)!;
      const area = areas.get(base)!;
      if (area.length === 1) {
        frame = this.item(item, frame, context, out);
        continue;
      }
      if (!starts.has(base)) {
        starts.set(base, frame);
        choices.set(base, this.choose(area, frame));
      }
      const select = choices.get(base)!.get(item) ?? null;
      const chosen = this.selectors.has(item);
      const inner = { ...context, quiet: context.quiet || !chosen, select: select ?? context.select };
      const last = this.item(item, select ?? starts.get(base)!, inner, out, select);
      if (alternatives && select) this.extents.push({ frame: last, offset: item.offset + item.length - last.origin });
    }
    return frame;
  }

  /** The SELECT frame of each alternative of an area, where conditions were given: those without one are for what is left. */
  private choose(area: readonly Item[], parent: Frame): Map<Item, SelectFrame> {
    const frames = new Map<Item, SelectFrame>();
    const chosen = area.filter((item) => this.selectors.has(item));
    if (chosen.length === 0) return frames;
    const predicates = chosen.map((item) => {
      const { condition, origin } = this.selectors.get(item)!;
      return this.predicates.compile(condition, origin, parent, item);
    });
    const select = (predicate: SelectFrame['predicate']): SelectFrame =>
      this.push<SelectFrame>({ kind: 'select', origin: parent.origin, table: parent.table, parent, predicate });
    chosen.forEach((item, i) => {
      if (this.projection.isRead(item)) frames.set(item, select(predicates[i]!));
    });
    const others = area.filter((item) => !this.selectors.has(item) && this.projection.isRead(item));
    if (others.length > 0) {
      const rest = select(elseOf(predicates));
      for (const item of others) frames.set(item, rest);
    }
    return frames;
  }

  /** One item, its table if it is one, and what is in it. `select`: the SELECT made for this very item. */
  private item(
    item: Item,
    frame: Frame,
    context: Context,
    out: SchemaNode[],
    select: SelectFrame | null = null,
  ): Frame {
    this.places.set(item, frame, item.offset - frame.origin);
    if (item.occurs) return this.table(item, frame, context, out, select);
    if (item.kind !== 'group') {
      if (this.projection.isNeeded(item)) out.push(this.field(item, frame, context, select));
      this.renamed(item, frame, context, out);
      return frame;
    }
    return this.group(item, frame, context, out, select);
  }

  private group(item: Item, frame: Frame, context: Context, out: SchemaNode[], select: SelectFrame | null): Frame {
    // a FILLER group's children belong to the enclosing group, and carry its selection themselves
    if (item.filler) {
      const behind = this.siblings(item.children, frame, context, out);
      this.renamed(item, frame, context, out);
      return behind;
    }
    const needed = this.projection.isNeeded(item);
    const children: SchemaNode[] = [];
    const inner = { quiet: context.quiet, siblings: new Siblings(), select: null };
    const node: Mutable<GroupNode> = {
      node: 'group',
      keys: needed ? context.siblings.keys(item.name) : { cobol: '', camel: '', snake: '' },
      path: item.path,
      select: -1,
      children,
    };
    ofItem(node, item);
    const last = this.siblings(item.children, frame, inner, children);
    this.renamed(item, frame, inner, children);
    if (needed) {
      this.mark(node, select ?? context.select);
      out.push(node);
    }
    return last;
  }

  /** The selected 66 levels of a record that was walked, which lies in `frame`: they come behind all of its items. */
  private renamed(record: Item, frame: Frame, context: Context, out: SchemaNode[]): void {
    for (const { item, from, to } of this.projection.renamesOf(record)) {
      const place = this.places.own(from);
      const chosen = place.kind === 'select' && place !== frame ? place : null;
      const quiet = context.quiet || isUnchosen(from, this.selectors) || isUnchosen(to, this.selectors);
      out.push(this.field(item, place, { ...context, quiet, select: null }, chosen));
    }
  }

  private field(item: Item, frame: Frame, context: Context, select: SelectFrame | null): FieldNode {
    const { code, shown } = this.fields.compile(item, frame, item.offset - frame.origin, context.quiet);
    const keys = context.siblings.keys(outputName(item));
    const node: Mutable<FieldNode> = {
      node: 'field',
      keys,
      path: item.path,
      column: -1,
      instruction: -1,
      ...shown,
      select: -1,
    };
    ofItem(node, item);
    this.columns.push({ code, node });
    this.mark(node, select ?? context.select);
    return node;
  }

  private table(item: Item, parent: Frame, context: Context, out: SchemaNode[], select: SelectFrame | null): Frame {
    const counted = item.occurs!.dependingOnName !== null;
    const needed = this.projection.isNeeded(item);
    const { operand, problem } = counted ? this.counter(item, parent) : { operand: null, problem: null };
    const table = this.push<TableFrame>({
      kind: 'table',
      item,
      parent,
      origin: item.offset,
      table: null,
      counter: operand,
      flags: (this.padded ? Flag.PADDED : 0) | (context.quiet ? Flag.QUIET : 0),
      needed,
      last: null,
      tail: 0,
      problem,
    });
    (table as { table: TableFrame | null }).table = table;
    const elements: SchemaNode[] = [];
    const inner = { quiet: context.quiet, siblings: new Siblings(), select: null };
    let last: Frame = table;
    if (item.kind !== 'group') {
      if (needed) elements.push(this.field(item, table, inner, null));
    } else {
      last = this.siblings(item.children, table, inner, elements);
    }
    const varies = last !== table;
    if (varies) {
      table.last = last;
      table.tail = item.offset + item.stride - last.origin;
    }
    if (needed) out.push(this.list(item, table, elements, context, select));
    if (this.padded || !(counted || varies)) return parent;
    const end = item.offset + item.occurs!.max * item.stride;
    return this.push<AfterFrame>({ kind: 'after', origin: end, table: parent.table, behind: table });
  }

  private list(
    item: Item,
    table: TableFrame,
    elements: SchemaNode[],
    context: Context,
    select: SelectFrame | null,
  ): ListNode {
    const keys = context.siblings.keys(outputName(item));
    const [only] = elements;
    const element: SchemaNode =
      item.kind === 'group'
        ? { node: 'group', keys, path: item.path, select: -1, children: elements }
        : { ...(only as FieldNode), keys };
    ofItem(element, item);
    if (item.kind !== 'group') this.columns.at(-1)!.node = element as Mutable<FieldNode>;
    const size = table.counter ? -1 : item.occurs!.max;
    const max = item.occurs!.max;
    const node: Mutable<ListNode> = {
      node: 'list',
      keys,
      path: item.path,
      frame: -1,
      space: -1,
      size,
      max,
      element,
      select: -1,
    };
    ofItem(node, item);
    this.lists.push({ frame: table, node });
    this.mark(node, select ?? context.select);
    return node;
  }

  /** The operand that counts a table's items, or why there is none. */
  private counter(table: Item, parent: Frame): { operand: FieldCode | null; problem: OverpunchError | null } {
    const { dependingOn, dependingOnName } = table.occurs!;
    const place = dependingOn && this.places.of(dependingOn, parent);
    if (place) {
      return { operand: this.fields.compile(dependingOn, place.frame, place.offset, false).code, problem: null };
    }
    const why = dependingOn
      ? `lies where its place depends on how long the table is`
      : `is not in this record, so its items can't be counted`;
    const problem = new OverpunchError('OVP_PLAN_COUNTER', `${table.path}: the counter ${dependingOnName} ${why}`, {
      source: table.source,
      hint: dependingOn ? 'If the table is always stored at its maximum, use odo: padded.' : undefined,
    });
    return { operand: null, problem };
  }

  private mark(node: { select: number }, frame: SelectFrame | null): void {
    if (frame) this.selects.push({ frame, node });
  }

  private push<F extends Frame>(frame: F): F {
    this.frames.push(frame);
    return frame;
  }
}
