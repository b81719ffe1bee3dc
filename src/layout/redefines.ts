/**
 * REDEFINES: which item each one shares its storage with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Reference } from '../copybook/ast.js';
import type { Diagnostics } from '../copybook/diagnostics.js';
import type { SourcePosition } from '../errors.js';
import { type Context, type Draft, extentOf, shown } from './draft.js';
import { walk } from './item.js';

/** Finds the target of each item's REDEFINES among the items before it in its group (`siblings`, in source order). */
export function resolveRedefines(siblings: readonly Draft[], context: Context): void {
  const { diagnostics, entries, areas } = context;
  /** The last item of each name so far. */
  const named = new Map<string, number>();
  /** Where the items begin that share the area of the last one. */
  let from = 0;
  siblings.forEach((item, index) => {
    const { redefines } = entries.get(item)!;
    const target = redefines && siblings[named.get(redefines.name) ?? -1];
    const isNext = target && named.get(redefines.name)! >= from;
    if (redefines && !target)
      diagnostics.error('OVP_LAYOUT_REDEFINES', ...unknownTarget(item, redefines, index, siblings, diagnostics));
    else if (redefines && target && !isNext) {
      const area = areaOf(target, context);
      const between = siblings
        .slice(named.get(redefines.name)! + 1, index)
        .find((one) => areaOf(one, context) !== area)!;
      diagnostics.error(
        'OVP_LAYOUT_REDEFINES',
        `${shown(item)} redefines ${redefines.name}, but ${shown(between)} stands between them`,
        redefines.source,
        `Only items that redefine ${area.name} too may stand between the two.`,
      );
    } else if (redefines && target) {
      item.redefines = target;
      areas.set(item, areaOf(target, context));
      if (target.occurs)
        diagnostics.warn(
          `${shown(item)} redefines ${redefines.name}, which is a table: it shares the storage of all its items`,
          redefines.source,
        );
    }
    if (!item.redefines) from = index;
    if (!item.filler) named.set(item.name, index);
  });
}

/** Message, place and hint for a REDEFINES of a name that is not there. */
function unknownTarget(
  item: Draft,
  { name, source }: Reference,
  index: number,
  siblings: readonly Draft[],
  diagnostics: Diagnostics,
): [string, SourcePosition, string | undefined] {
  if (siblings.slice(index + 1).some((one) => one.name === name)) {
    const hint = 'The item that is redefined must come first.';
    return [`${shown(item)} redefines ${name}, which comes only after it`, source, hint];
  }
  const before = siblings.slice(0, index).filter((one) => !one.filler);
  const near = diagnostics.near(
    name,
    before.map((one) => one.name),
  );
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : 'An item redefines one of the same level before it in its group. Is that one in another text, which must come first?';
  return [`${shown(item)} redefines ${name}, which is not among the items before it in its group`, source, hint];
}

/** The first item of an area that several describe: what a chain of REDEFINES ends at. */
export const areaOf = (item: Draft, { areas }: Pick<Context, 'areas'>): Draft => areas.get(item) ?? item;

/** Things about alternatives that are legal but worth a word; offsets are known by now. */
export function checkAlternative(item: Draft, context: Context): void {
  const { diagnostics } = context;
  const area = areaOf(item, context);
  const extra = extentOf(item) - extentOf(area);
  if (extra > 0 && item.level > 1) {
    diagnostics.warn(
      `${shown(item)} is ${extra} byte${extra > 1 ? 's' : ''} longer than ${area.name}, which it redefines; what follows comes after it`,
      item.source,
    );
  }
  for (const one of [item, area]) {
    const variable = variableIn(one, context);
    if (variable)
      diagnostics.warn(
        `${shown(variable)} has OCCURS DEPENDING ON where storage is redefined, which IBM's compiler refuses`,
        variable.source,
      );
  }
}

/** The first table of variable length in an item, itself included. */
function variableIn(item: Draft, { variable }: Context): Draft | null {
  let found = variable.get(item);
  if (found === undefined) {
    found = [...walk(item)].find(({ occurs }) => occurs?.dependingOnName) ?? null;
    variable.set(item, found);
  }
  return found;
}
