/**
 * Clauses that don't go together: errors where the item can't be what it says, warnings where a clause does nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { DataEntry, Literal, UsageClause } from '../copybook/ast.js';
import { type Context, type Draft, shown } from './draft.js';

/** Checks one item; `from` is what its group hands down. */
export function checkEntry(
  item: Draft,
  entry: DataEntry,
  from: { readonly usage: UsageClause | null },
  context: Context,
): void {
  if (item.children.length > 0) group(item, entry, context);
  else elementary(item, entry, context);
  const { diagnostics } = context;
  if (entry.usage && from.usage && entry.usage.usage !== from.usage.usage) {
    diagnostics.warn(
      `${shown(item)} is USAGE ${entry.usage.usage}, its group ${from.usage.usage}: its own clause counts`,
      entry.usage.source,
    );
  }
  if (item.level === 1 && item.occurs)
    diagnostics.warn(`${shown(item)}: OCCURS at level 01 is an extension of other compilers`, item.source);
  conditions(item, entry, context);
}

function group(item: Draft, entry: DataEntry, { diagnostics }: Context): void {
  for (const [clause, source] of [
    ['JUSTIFIED', entry.justified],
    ['BLANK WHEN ZERO', entry.blankWhenZero],
  ] as const) {
    if (source) diagnostics.error('OVP_LAYOUT_ITEM', `${shown(item)}: ${clause} is not for groups`, source);
  }
  if (entry.synchronized && item.level > 1) {
    diagnostics.warn(
      `${shown(item)}: SYNC on a group below level 01 is taken to hold for all items in it`,
      entry.synchronized,
    );
  }
}

function elementary(item: Draft, entry: DataEntry, { diagnostics, dialect, sync }: Context): void {
  if (item.kind === 'group') return; // what it is could not be told, which is an error already
  const { justified, blankWhenZero, sign, picture } = entry;
  const refuse = (what: string, source: DataEntry['source']): void => {
    diagnostics.error('OVP_LAYOUT_ITEM', `${shown(item)}: ${what}`, source);
  };
  if (justified && !['text', 'national', 'dbcs'].includes(item.kind)) refuse('JUSTIFIED is only for text', justified);
  if (blankWhenZero) {
    const kind = picture?.picture.kind;
    const numeric = kind === 'zoned' || (kind === 'edited' && picture?.picture.edited?.numeric === true);
    if (!numeric || !['DISPLAY', 'NATIONAL'].includes(item.usage))
      refuse('BLANK WHEN ZERO is only for numbers that are characters', blankWhenZero);
    else if (kind === 'zoned' && picture?.picture.signed)
      refuse('BLANK WHEN ZERO and a sign (S) exclude each other', blankWhenZero);
    else if (picture?.picture.edited?.positions.some(({ role }) => role === '*'))
      refuse('BLANK WHEN ZERO and * exclude each other', blankWhenZero);
  }
  if (sign) {
    if (['packed', 'binary', 'float', 'pointer'].includes(item.kind))
      refuse(`SIGN is only for numbers that are characters, not USAGE ${item.usage}`, sign.source);
    else if (!(picture?.picture.kind === 'zoned' && picture.picture.signed)) {
      diagnostics.warn(`${shown(item)}: SIGN does nothing without an S in the picture`, sign.source);
    }
  }
  if (entry.synchronized && dialect === 'microfocus' && !sync) {
    diagnostics.warn(
      `${shown(item)}: SYNC does nothing (Micro Focus aligns only under directive IBMCOMP: sync apply)`,
      entry.synchronized,
    );
  }
}

/** 88 levels whose values can't be in the item. */
function conditions(item: Draft, entry: DataEntry, { diagnostics }: Context): void {
  const numeric = ['zoned', 'packed', 'binary', 'float'].includes(item.kind);
  for (const condition of entry.conditions) {
    for (const { from, to } of condition.values) {
      if (numeric && [from, to].some((value) => value?.kind === 'text')) {
        diagnostics.warn(`${condition.name} compares the number ${item.name} with text`, condition.source);
      }
      if (isBackwards(from, to)) {
        diagnostics.warn(
          `${condition.name}: the range ${from.value} THRU ${to!.value} holds nothing`,
          condition.source,
        );
      }
    }
  }
}

const isBackwards = (from: Literal, to: Literal | null): boolean =>
  from.kind === 'number' && to?.kind === 'number' && Number(from.value) > Number(to.value);
