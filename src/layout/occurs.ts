/**
 * OCCURS DEPENDING ON: finds the counter of each variable table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Reference } from '../copybook/ast.js';
import { type SourcePosition, didYouMean } from '../errors.js';
import { type Context, type Draft, extentOf, isInside, shown } from './draft.js';
import { walk } from './item.js';
import type { NamedItems } from './named.js';

/** Tables without a counter for which names like it are looked for: where there are more, none was misspelt. */
const NEAR = 20;

/** Sets `dependingOn` of every table in a record; offsets are known by now. */
export function resolveCounters(record: Draft, named: NamedItems, context: Context): void {
  let missing = 0;
  for (const table of walk(record)) {
    const reference = context.entries.get(table)?.occurs?.dependingOn;
    if (table.occurs && reference) {
      const counter = findCounter(table, reference, named, context);
      if (counter === undefined) {
        const near = ++missing > NEAR ? [] : didYouMean(reference.name, named.names(true));
        const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
        const what = `the counter ${referenceText(reference)} is not in this record${hint}`;
        context.diagnostics.warn(`${shown(table)}: ${what}`, reference.source);
      }
      if (counter && isCounter(counter, table, reference.source, context))
        table.occurs = { ...table.occurs, dependingOn: counter };
    }
  }
}

export const referenceText = ({ name, qualifiers }: Reference): string => [name, ...qualifiers].join(' OF ');

/**
 * The nearest group around the table that holds an item of this name decides; two of them there are an error. Null where there is
 * an error, undefined where there is none of the name.
 */
function findCounter(
  table: Draft,
  reference: Reference,
  named: NamedItems,
  { diagnostics }: Context,
): Draft | null | undefined {
  const { source } = reference;
  for (let scope: Draft | null = table.parent; scope; scope = scope.parent) {
    const found = named.within(scope, reference, table);
    if (found.length > 1) {
      const places = found.map(({ path }) => path).join(', ');
      diagnostics.error(
        'OVP_LAYOUT_COUNTER',
        `${shown(table)}: ${referenceText(reference)} could be any of ${places}`,
        source,
        'Qualify it: COUNTER OF GROUP.',
      );
      return null;
    }
    if (found[0]) return found[0];
  }
  if (named.within(table, reference).length === 0) return undefined;
  diagnostics.error(
    'OVP_LAYOUT_COUNTER',
    `${shown(table)}: the counter ${referenceText(reference)} is inside the table that it counts`,
    source,
  );
  return null;
}

/** Can this item count that table? */
function isCounter(counter: Draft, table: Draft, source: SourcePosition, { diagnostics }: Context): boolean {
  const refuse = (why: string): boolean => {
    diagnostics.error('OVP_LAYOUT_COUNTER', `${shown(table)}: the counter ${shown(counter)} ${why}`, source);
    return false;
  };
  const { kind, scale } = counter;
  if (kind === 'group') return refuse('is a group; it must be a whole number');
  if (kind !== 'zoned' && kind !== 'packed' && kind !== 'binary')
    return refuse('must be a whole number: DISPLAY, packed or binary');
  if (scale > 0) return refuse(`has ${scale} digit${scale > 1 ? 's' : ''} behind the point; it must be a whole number`);
  for (let at: Draft | null = counter; at; at = at.parent) {
    if (at.occurs && !isInside(table, at))
      return refuse(`is in a table (${at.name}), so it is not one number for ${table.name}`);
  }
  if (counter.offset >= table.offset + extentOf(table)) {
    diagnostics.warn(`${shown(table)}: the counter ${shown(counter)} lies behind the table`, source);
  } else if (counter.offset >= table.offset) {
    diagnostics.warn(`${shown(table)}: the counter ${shown(counter)} shares storage with the table`, source);
  }
  return true;
}
