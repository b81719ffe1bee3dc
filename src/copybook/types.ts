/**
 * TYPEDEF and TYPE (or SAME AS): an item that is described by another gets its clauses and a copy of what is below it.
 * Descriptions that are only types are no records and are left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { DataEntry, RecordEntry } from './ast.js';
import type { Diagnostics } from './diagnostics.js';

/** Items and 88 levels that types may come to, and types within types: they grow fast. */
const MAX_ITEMS = 100_000;
const MAX_DEPTH = 16;

export function resolveTypes(records: readonly RecordEntry[], diagnostics: Diagnostics): RecordEntry[] {
  const usesTypes = records.some(({ item }) => item.typedef !== null || hasType(item));
  return usesTypes ? new Resolver(records, diagnostics).run() : [...records];
}

const hasType = ({ type, typedef, children }: DataEntry): boolean =>
  type !== null || typedef !== null || children.some(hasType);

class Resolver {
  private readonly named = new Map<string, DataEntry[]>();
  private items = 0;

  constructor(
    private readonly records: readonly RecordEntry[],
    private readonly diagnostics: Diagnostics,
  ) {
    for (const { item } of records) this.name(item);
  }

  run(): RecordEntry[] {
    const all = this.records.map((record) => ({ ...record, item: this.resolve(record.item, []) }));
    return all.filter(({ item }) => item.typedef === null);
  }

  private name(item: DataEntry): void {
    if (item.name !== null) {
      const same = this.named.get(item.name);
      if (same) same.push(item);
      else this.named.set(item.name, [item]);
    }
    if (item.typedef && item.level !== 1)
      this.diagnostics.error('OVP_SYNTAX_TYPE', `TYPEDEF is only for level 01, not ${item.level}`, item.typedef);
    for (const child of item.children) this.name(child);
  }

  /** An item with all types in it filled in; `within` are those being filled in. */
  private resolve(item: DataEntry, within: readonly DataEntry[]): DataEntry {
    this.items += 1 + item.conditions.length;
    const type = item.type && this.typeOf(item, within);
    if (!type) return { ...item, children: item.children.map((child) => this.resolve(child, within)) };
    if (item.picture || item.usage || item.children.length > 0) {
      const what = item.children.length > 0 ? 'items below it' : 'a PICTURE or USAGE of its own';
      this.diagnostics.error(
        'OVP_SYNTAX_TYPE',
        `${item.name ?? 'FILLER'} is of type ${type.name} and has ${what}`,
        item.source,
      );
      return item;
    }
    const { picture, usage, sign, synchronized, justified, blankWhenZero, conditions } = type;
    this.items += conditions.length;
    const inner = [...within, type];
    const deeper = item.level - type.level;
    return {
      ...item,
      picture,
      usage,
      sign: item.sign ?? sign,
      synchronized: item.synchronized ?? synchronized,
      justified: item.justified ?? justified,
      blankWhenZero: item.blankWhenZero ?? blankWhenZero,
      value: item.value ?? type.value,
      conditions: [...conditions, ...item.conditions],
      children: type.children.map((child) => this.resolve(lowered(child, deeper), inner)),
      ...(type.type &&
        this.ofType({ ...item, type: type.type, conditions: [...conditions, ...item.conditions] }, inner)),
    };
  }

  /** A type that is itself of a type. */
  private ofType(item: DataEntry, within: readonly DataEntry[]): DataEntry {
    return this.resolve(item, within);
  }

  private typeOf({ type, name }: DataEntry, within: readonly DataEntry[]): DataEntry | null {
    const { name: wanted, source } = type!;
    const fail = (message: string, hint?: string): null => {
      this.diagnostics.error('OVP_SYNTAX_TYPE', message, source, hint);
      return null;
    };
    const found = this.named.get(wanted) ?? [];
    if (found.length === 0) {
      const near = this.diagnostics.near(wanted, this.named.keys());
      return fail(
        `${name ?? 'FILLER'}: there is no type ${wanted}`,
        near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'A type is an 01 level with TYPEDEF.',
      );
    }
    if (found.length > 1)
      return fail(`${name ?? 'FILLER'}: ${wanted} could be any of ${found.length} items of that name`);
    if (within.includes(found[0]!)) return fail(`${wanted} is a type that contains itself`);
    if (within.length >= MAX_DEPTH) return fail(`more than ${MAX_DEPTH} types, each within the other`);
    if (this.items > MAX_ITEMS) return fail(`the types come to more than ${MAX_ITEMS} items`);
    return found[0]!;
  }
}

/** An item as deep as its new place; levels only say what is below what, which children do already. */
function lowered(item: DataEntry, by: number): DataEntry {
  const level = Math.min(49, Math.max(2, item.level + by));
  return { ...item, level, children: item.children.map((child) => lowered(child, by)) };
}
