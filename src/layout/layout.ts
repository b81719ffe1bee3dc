/**
 * Syntax tree to layout: every item's kind, length and offset. Passes, in order: build the items (what is inherited from
 * groups goes down), find what REDEFINES names, place everything, find counters and 66 levels, measure the records.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type {
  ConditionEntry,
  CopybookTree,
  DataEntry,
  Literal as LiteralEntry,
  SignClause,
  UsageClause,
} from '../copybook/ast.js';
import { Diagnostics } from '../copybook/diagnostics.js';
import type { LayoutOptions } from '../options.js';
import { checkEntry } from './check.js';
import { OverpunchError } from '../errors.js';
import { type Context, type Draft, type StorageRules, extentOf, shown } from './draft.js';
import { type Condition, type FileLayout, type Layout, type Literal, type RecordLayout, walk } from './item.js';
import { NamedItems } from './named.js';
import { resolveCounters } from './occurs.js';
import { areaOf, checkAlternative, resolveRedefines } from './redefines.js';
import { renamesOf } from './renames.js';
import { storageOf, usageOf } from './storage.js';
import { align, boundaryOf, leadingBoundary } from './sync.js';

/** Longest record that offsets can be computed for; plans have the same limit. */
const MAX_LENGTH = 0x0fffffff;

/** What a table without a highest number of items may come to. */
const UNBOUNDED_BYTES = 1 << 24;

/** Characters of all paths, and digits of all values of ALL X'..': what somebody wrote is far from it, what a text can ask for is not. */
const MAX_PATHS = 32_000_000;
const MAX_FILLED = 8_000_000;

/** Clauses of a group that hold for what is in it. */
interface Inherited {
  readonly usage: UsageClause | null;
  readonly sign: SignClause | null;
  readonly synchronized: boolean;
}

/**
 * Lays a copybook out. Throws an OverpunchError (OVP_LAYOUT_*) for the first error, with the others attached.
 */
export function layoutOf(tree: CopybookTree, options: LayoutOptions = {}): Layout {
  const diagnostics = new Diagnostics();
  const context: Context = {
    ...rulesOf(options),
    diagnostics,
    entries: new Map(),
    areas: new Map(),
    variable: new Map(),
    paths: 0,
    filled: 0,
  };
  const { dialect } = context;
  for (const warning of tree.warnings) diagnostics.warn(warning);
  const none: Inherited = { usage: null, sign: null, synchronized: false };
  const roots = tree.records.map(({ item }) => build(item, null, none, context));
  resolveRedefines(roots, context);
  for (const root of roots) for (const item of walk(root)) resolveRedefines(item.children, context);
  diagnostics.throwIfFailed();
  const records = roots.map((root, index): RecordLayout => {
    root.offset = 0;
    place(root, context);
    finish(root, context);
    checkLength(root, context);
    const named = new NamedItems(root);
    resolveCounters(root, named, context);
    for (const item of walk(root)) if (item.redefines) checkAlternative(item, context);
    const renames = renamesOf(root, tree.records[index]!.renames, named, context);
    const length = extentOf(root);
    return { name: root.name, item: root, length, minLength: Math.min(length, shortest(root, context)), renames };
  });
  diagnostics.throwIfFailed();
  const file = fileOf(tree, records, context);
  return {
    records,
    ...(file && { file }),
    length: Math.max(...records.map(({ length }) => length)),
    minLength: Math.min(...records.map(({ minLength }) => minLength)),
    warnings: diagnostics.warnings,
    dialect,
  };
}

/** GnuCOBOL runs on 64-bit machines; Micro Focus aligns only under the directive IBMCOMP. */
function rulesOf({ dialect = 'ibm', sync, pointerSize }: LayoutOptions): StorageRules {
  if (pointerSize !== undefined && pointerSize !== 4 && pointerSize !== 8) {
    throw new OverpunchError('OVP_OPTION_VALUE', `pointerSize can't be ${String(pointerSize)}`, {
      hint: 'An address has 4 bytes (31-bit) or 8 (64-bit).',
    });
  }
  return {
    dialect,
    pointerSize: pointerSize ?? (dialect === 'gnucobol' ? 8 : 4),
    sync: (sync ?? (dialect === 'microfocus' ? 'ignore' : 'apply')) === 'apply',
  };
}

/** The FD of all records; what it says of their length is held against theirs. */
function fileOf(
  { records: entries }: CopybookTree,
  records: readonly RecordLayout[],
  { diagnostics }: Context,
): FileLayout | null {
  const entry = entries[0]!.file;
  if (!entry || entries.some((one) => one.file !== entry)) return null;
  const { name, recordingMode, record, block, source } = entry;
  const longest = records.reduce((a, b) => (b.length > a.length ? b : a));
  if (record && record.max > 0 && longest.length !== record.max) {
    const what = `${name} has records of at most ${record.max} bytes, but ${longest.name} has ${longest.length}`;
    diagnostics.warn(`${what}; the records' own lengths count`, source);
  }
  return { name, recordingMode, record, block };
}

/** An item and what is in it, not yet placed. */
function build(entry: DataEntry, parent: Draft | null, from: Inherited, context: Context): Draft {
  const inherited: Inherited = {
    usage: entry.usage ?? from.usage,
    sign: entry.sign ?? from.sign,
    synchronized: entry.synchronized !== null || from.synchronized,
  };
  const name = entry.name ?? 'FILLER';
  const { occurs } = entry;
  const item: Draft = {
    level: entry.level,
    name,
    filler: entry.name === null,
    path: parent?.path ? `${parent.path}.${name}` : name,
    parent,
    children: [],
    kind: 'group',
    picture: entry.picture?.picture.text ?? null,
    usage: usageOf(inherited.usage?.usage ?? 'DISPLAY'),
    offset: 0,
    length: 0,
    stride: 0,
    digits: 0,
    scale: 0,
    signed: false,
    sign: { leading: false, separate: false },
    occurs: occurs && {
      min: occurs.min,
      max: occurs.max,
      dependingOn: null,
      dependingOnName: occurs.dependingOn && [occurs.dependingOn.name, ...occurs.dependingOn.qualifiers].join(' OF '),
    },
    redefines: null,
    justified: entry.justified !== null,
    blankWhenZero: entry.blankWhenZero !== null,
    synchronized: inherited.synchronized,
    edited: null,
    conditions: [],
    value: null,
    source: entry.source,
  };
  context.entries.set(item, entry);
  context.paths += item.path.length;
  if (context.paths > MAX_PATHS)
    context.diagnostics.fail(
      'OVP_LAYOUT_LENGTH',
      `${name}: the names of all items, with those of their groups, have more than ${MAX_PATHS} characters`,
      item.source,
    );
  if (entry.children.length > 0) item.children = entry.children.map((child) => build(child, item, inherited, context));
  else elementary(item, entry, inherited, context);
  checkEntry(item, entry, from, context);
  return item;
}

function elementary(item: Draft, entry: DataEntry, { usage, sign }: Inherited, context: Context): void {
  const storage = storageOf(entry.picture?.picture ?? null, usage, sign, item.blankWhenZero, context);
  if ('problem' in storage) {
    const source = (entry.picture && (entry.usage?.source ?? entry.picture.source)) ?? entry.source;
    context.diagnostics.error('OVP_LAYOUT_ITEM', `${shown(item)}: ${storage.problem}`, source, storage.hint);
  } else Object.assign(item, storage);
}

/** Gives an item, already at its offset, its length, and what is in it its places; returns its boundary. */
function place(item: Draft, context: Context): number {
  const { dialect } = context;
  let boundary = 1;
  if (item.children.length === 0) boundary = boundaryOf(item, context);
  else {
    let end = item.offset;
    for (const child of item.children) {
      const lead = leadingBoundary(child, context);
      if (child.redefines) {
        child.offset = areaOf(child, context).offset;
        if (child.offset % lead > 0) {
          context.diagnostics.warn(
            `${shown(child)} is not on the boundary of ${lead} that SYNC asks for: ${child.redefines.name} decides where it is`,
            child.source,
          );
        }
      } else child.offset = align(end, lead);
      boundary = Math.max(boundary, place(child, context));
      end = Math.max(end, child.offset + extentOf(child));
    }
    item.length = end - item.offset;
    // the slack bytes behind each occurrence belong to it, so that the next one is on its boundaries too
    if (item.occurs && item.length % boundary > 0) {
      item.length = align(item.length, boundary);
      if (dialect === 'gnucobol') {
        const what =
          'GnuCOBOL is known to put slack bytes of SYNC in table elements elsewhere than behind the last item';
        context.diagnostics.warn(`${shown(item)}: ${what}; compare the offsets`, item.source);
      }
    }
  }
  item.stride = item.length;
  if (item.occurs?.max === Number.POSITIVE_INFINITY) {
    const max = Math.max(1, item.occurs.min, Math.floor(UNBOUNDED_BYTES / Math.max(1, item.stride)));
    item.occurs = { ...item.occurs, max };
    context.diagnostics.warn(`${shown(item)}: OCCURS UNBOUNDED is taken for at most ${max} items (16 MB)`, item.source);
  }
  return boundary;
}

/** Conditions and values, some of which need the item's length. */
function finish(root: Draft, context: Context): void {
  for (const item of walk(root)) {
    const entry = context.entries.get(item)!;
    item.value = entry.value && literal(entry.value, item, context);
    item.conditions = entry.conditions.map((condition) => conditionOf(condition, item, context));
  }
}

function conditionOf({ name, values, falseValue }: ConditionEntry, item: Draft, context: Context): Condition {
  return {
    name,
    values: values.map(({ from, to }) => ({
      from: literal(from, item, context),
      to: to && literal(to, item, context),
    })),
    falseValue: falseValue && literal(falseValue, item, context),
  };
}

/** ALL X'..' fills the item. */
function literal(value: LiteralEntry, item: Draft, context: Context): Literal {
  if (value.kind !== 'all-hex') return value;
  const digits = Math.min(item.length, 65536) * 2;
  context.filled += digits;
  if (context.filled > MAX_FILLED)
    context.diagnostics.fail(
      'OVP_LAYOUT_LENGTH',
      `${item.name}: the values of ALL X'..' come to more than ${MAX_FILLED / 2} bytes`,
      item.source,
    );
  return { kind: 'hex', value: value.value.repeat(Math.ceil(digits / value.value.length)).slice(0, digits) };
}

function checkLength(root: Draft, { diagnostics }: Context): void {
  for (const item of walk(root)) {
    if (item.offset + extentOf(item) <= MAX_LENGTH) continue;
    diagnostics.error(
      'OVP_LAYOUT_LENGTH',
      `${shown(item)} ends behind byte ${MAX_LENGTH}, the most that a record can have`,
      item.source,
    );
    return;
  }
}

/** Bytes of an item with all its occurrences when every variable table has its fewest items; slack bytes stay. */
function shortest(item: Draft, context: Context): number {
  if (item.kind !== 'group') return item.occurs ? item.occurs.min * item.stride : item.length;
  // an item and those that redefine it share an area, which is as long as the longest of them
  const areas = new Map<Draft, { full: number; least: number }>();
  for (const child of item.children) {
    const first = areaOf(child, context);
    const area = areas.get(first) ?? { full: 0, least: 0 };
    area.full = Math.max(area.full, extentOf(child));
    area.least = Math.max(area.least, shortest(child, context));
    areas.set(first, area);
  }
  let saved = 0;
  for (const { full, least } of areas.values()) saved += full - least;
  const length = item.length - saved;
  const { occurs, stride } = item;
  if (!occurs) return length;
  return occurs.dependingOnName === null ? occurs.max * (stride - saved) : occurs.min * (stride - saved);
}
