/**
 * Where GnuCOBOL is no judge of IBM's rules, as rules over an item and its bytes, never over a seed. Each has its entry in
 * deviations.md, with the manual's section.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Item } from '../../src/index.js';
import type { JudgedValue, Verdict } from './judge.js';

export type Deviation = 'sign-code' | 'packed-pad' | 'edited-garbage' | 'double-byte' | 'nul-in-text';

/** The rule by which the judge's value of an item with these bytes does not count; null where it does. */
export function deviation(item: Item, bytes: Uint8Array, judged: JudgedValue, verdict: Verdict): Deviation | null {
  const written = judged[7];
  switch (item.kind) {
    case 'zoned':
      if (item.usage === 'NATIONAL') return null;
      return hasOtherZone(item, bytes, verdict) ? 'sign-code' : null;
    case 'packed':
      if (item.usage === 'COMP-6') return null;
      if (!(item.signed ? [0xc, 0xd, 0xf] : [0xf]).includes(bytes.at(-1)! & 15)) return 'sign-code';
      return item.digits % 2 === 0 && bytes[0]! >> 4 !== 0 ? 'packed-pad' : null;
    case 'edited':
      return item.edited!.numeric && !written ? 'edited-garbage' : null;
    case 'dbcs':
      return 'double-byte';
    default:
      return item.usage === 'UTF-8' ? 'double-byte' : null;
  }
}

/** The same for the item's condition-names. */
export function conditionDeviation(
  item: Item,
  bytes: Uint8Array,
  judged: JudgedValue | undefined,
  verdict: Verdict,
): Deviation | null {
  const isText = item.kind === 'text' || item.kind === 'group' || item.kind === 'edited';
  if (isText && bytes.includes(0)) return 'nul-in-text';
  return judged ? deviation(item, bytes, judged, verdict) : null;
}

/** A sign that one of the two may take and the other not. */
function hasOtherZone(item: Item, bytes: Uint8Array, { encoding }: Verdict): boolean {
  if (item.signed && item.sign.separate) return false;
  const at = item.signed && item.sign.leading ? bytes[0]! : bytes.at(-1)!;
  const zone = at >> 4;
  if ((at & 15) > 9 && encoding === 'ebcdic') return false; // no digit, whatever the sign
  if (encoding === 'ebcdic') return !(item.signed ? [0xc, 0xd, 0xf] : [0xf]).includes(zone);
  return !item.signed && zone !== 3;
}
