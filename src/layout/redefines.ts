/**
 * REDEFINES: which item each one shares its storage with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { didYouMean } from '../errors.js';
import { type Context, type Draft, drafts, extentOf, shown } from './draft.js';

/** Finds the target of each item's REDEFINES among the items before it in its group (`siblings`, in source order). */
export function resolveRedefines(siblings: readonly Draft[], context: Context): void {
  const { diagnostics, entries } = context;
  siblings.forEach((item, index) => {
    const { redefines } = entries.get(item)!;
    if (!redefines) return;
    const { name, source } = redefines;
    const before = siblings.slice(0, index);
    const target = before.findLast((one) => one.name === name && !one.filler);
    if (!target) {
      const later = siblings.slice(index + 1).some((one) => one.name === name);
      const near = didYouMean(
        name,
        before.filter((one) => !one.filler).map((one) => one.name),
      );
      const why = later ? 'comes only after it' : 'is not among the items before it in its group';
      const hint = later
        ? 'The item that is redefined must come first.'
        : near.length > 0
          ? `Did you mean ${near.join(' or ')}?`
          : undefined;
      diagnostics.error('OVP_LAYOUT_REDEFINES', `${shown(item)} redefines ${name}, which ${why}`, source, hint);
      return;
    }
    const area = areaOf(target);
    const between = siblings.slice(siblings.indexOf(target) + 1, index).find((one) => areaOf(one) !== area);
    if (between) {
      const hint = `Only items that redefine ${area.name} too may stand between the two.`;
      diagnostics.error(
        'OVP_LAYOUT_REDEFINES',
        `${shown(item)} redefines ${name}, but ${shown(between)} stands between them`,
        source,
        hint,
      );
      return;
    }
    item.redefines = target;
    if (target.occurs)
      diagnostics.warn(
        `${shown(item)} redefines ${name}, which is a table: it shares the storage of all its items`,
        source,
      );
  });
}

/** The first item of an area that several describe: what a chain of REDEFINES ends at. */
export function areaOf(item: Draft): Draft {
  let area = item;
  while (area.redefines) area = area.redefines;
  return area;
}

/** Things about alternatives that are legal but worth a word; offsets are known by now. */
export function checkAlternative(item: Draft, { diagnostics }: Context): void {
  const area = areaOf(item);
  const extra = extentOf(item) - extentOf(area);
  if (extra > 0 && item.level > 1) {
    diagnostics.warn(
      `${shown(item)} is ${extra} byte${extra > 1 ? 's' : ''} longer than ${area.name}, which it redefines; what follows comes after it`,
      item.source,
    );
  }
  for (const one of [item, area]) {
    const variable = [...drafts(one)].find(({ occurs }) => occurs?.dependingOnName);
    if (variable)
      diagnostics.warn(
        `${shown(variable)} has OCCURS DEPENDING ON where storage is redefined, which IBM's compiler refuses`,
        variable.source,
      );
  }
}
