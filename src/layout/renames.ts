/**
 * 66 levels: another name for an item, or for all from one item to another. Of one elementary item it has the attributes;
 * a group, or several items, it holds as text (IBM Enterprise COBOL Language Reference, "RENAMES clause").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Reference, RenamesEntry } from '../copybook/ast.js';
import { type Context, type Draft, extentOf } from './draft.js';
import { type Item, type Rename, walk } from './item.js';
import type { NamedItems } from './named.js';
import { referenceText } from './occurs.js';

export function renamesOf(
  record: Draft,
  entries: readonly RenamesEntry[],
  named: NamedItems,
  context: Context,
): Rename[] {
  if (entries.length === 0) return [];
  const { diagnostics } = context;
  const renames: Rename[] = [];
  const tables = [...walk(record)].filter(({ occurs }) => occurs?.dependingOnName);
  for (const { name, from, to, source } of entries) {
    const first = find(named, record, name, from, context);
    const last = to ? find(named, record, name, to, context) : first;
    if (!first || !last) continue;
    const end = last.offset + last.length;
    if (last !== first && (last.offset < first.offset || end <= first.offset + first.length)) {
      diagnostics.error(
        'OVP_LAYOUT_RENAMES',
        `${name} renames ${first.name} THRU ${last.name}, which does not come after it`,
        source,
      );
      continue;
    }
    const varying = tables.find((item) => item.offset < end && first.offset < item.offset + extentOf(item));
    if (varying) {
      const why = `over the table ${varying.name}, whose length depends on ${varying.occurs!.dependingOnName}`;
      diagnostics.error('OVP_LAYOUT_RENAMES', `${name} renames ${first.name} THRU ${last.name}, ${why}`, source);
      continue;
    }
    const overlapped = crossed(renames, first.offset, end);
    if (overlapped)
      diagnostics.warn(`${name} renames a part of what ${overlapped.name} renames, and more: they overlap`, source);
    const length = end - first.offset;
    renames.push({
      name,
      offset: first.offset,
      length,
      from: first,
      to: last,
      item: itemOf(record, name, first, first === last, length),
    });
  }
  return renames;
}

/** The renamed storage as an item, which is in no group's children: only who names it gets it. */
function itemOf(record: Draft, name: string, from: Draft, single: boolean, length: number): Item {
  const own = {
    level: 66,
    name,
    filler: false,
    path: record.path ? `${record.path}.${name}` : name,
    parent: record,
    children: [],
    offset: from.offset,
    length,
    stride: length,
    redefines: null,
    conditions: [],
    value: null,
  };
  if (single && from.kind !== 'group') return { ...from, ...own };
  return {
    ...own,
    kind: 'text',
    picture: null,
    usage: 'DISPLAY',
    digits: 0,
    scale: 0,
    signed: false,
    sign: { leading: false, separate: false },
    occurs: null,
    justified: false,
    blankWhenZero: false,
    synchronized: false,
    edited: null,
    source: from.source,
  };
}

/** The first that has some of these bytes and not others, and others that are not of these. */
function crossed(renames: readonly Rename[], from: number, to: number): Rename | undefined {
  for (const one of renames) {
    const end = one.offset + one.length;
    if (from < end && one.offset < to && (one.offset < from ? end < to : from < one.offset && to < end)) return one;
  }
  return undefined;
}

function find(
  named: NamedItems,
  record: Draft,
  name: string,
  reference: Reference,
  { diagnostics }: Context,
): Draft | null {
  const { source } = reference;
  const found = named.within(record, reference);
  const refuse = (why: string, hint?: string): null => {
    diagnostics.error('OVP_LAYOUT_RENAMES', `${name} renames ${referenceText(reference)}, ${why}`, source, hint);
    return null;
  };
  if (found.length === 0) {
    const near = diagnostics.near(reference.name, named.names(false));
    return refuse('which is not in this record', near.length > 0 ? `Did you mean ${near.join(' or ')}?` : undefined);
  }
  if (found.length > 1)
    return refuse(`which could be any of ${found.map(({ path }) => path).join(', ')}`, 'Qualify it: ITEM OF GROUP.');
  for (let at: Draft | null = found[0]!; at; at = at.parent) {
    if (at.occurs && at.level > 1) return refuse(`which is ${at === found[0] ? 'a table' : `in a table (${at.name})`}`);
  }
  return found[0]!;
}
