/**
 * Checks the code pages of text fields: every character that their part of the pool can give lies inside it, and is short
 * enough for the column.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import {
  DOUBLE_EXTRA,
  DOUBLE_TABLE,
  DOUBLE_TABLES,
  DOUBLE_WARDS,
  Flag,
  Op,
  TEXT_POOL,
  TEXT_POOL_LATIN1,
} from '../../plan/opcodes.js';
import type { Instruction, Plan } from '../../plan/plan.js';
import { refuse } from './refuse.js';

/** An instruction's bytes in the pool: `least` at least, all of them inside. */
export function checkPool(plan: Plan, i: Instruction, least: number): void {
  if (i.poolLength < least) refuse(i, 'POOL_LENGTH', `${i.poolLength} bytes; ${least} are needed`);
  if (i.pool < 0 || i.pool + i.poolLength > plan.pool.length) refuse(i, 'POOL', 'not inside the pool');
}

export class CodePages {
  /** Double-byte tables that were good. */
  private readonly good = new Set<string>();

  constructor(private readonly plan: Plan) {}

  /** TEXT. */
  single(i: Instruction): void {
    const isLatin1 = (i.flags & Flag.LATIN1) !== 0;
    if (i.digits < 1 || i.digits > (isLatin1 ? 1 : 4))
      refuse(i, 'DIGITS', `a character does not take ${i.digits} bytes`);
    checkPool(this.plan, i, TEXT_POOL + (isLatin1 ? TEXT_POOL_LATIN1 : 0));
    // an entry has room for 3 bytes; with LATIN1 it only says whether there is a character
    const most = isLatin1 ? 3 : Math.min(3, i.digits);
    for (let byte = 0; byte < 256; byte++) {
      if (this.plan.pool[i.pool + 4 * byte]! > most)
        refuse(i, 'POOL', `character ${byte} takes more than ${most} bytes`);
    }
  }

  /** Mixed and double-byte text: every character that the pool can give is inside it, and short enough for the column. */
  double(i: Instruction): void {
    if (i.flags & Flag.LATIN1) refuse(i, 'FLAGS', 'the column holds UTF-8');
    if (i.digits < 2 || i.digits > 4) refuse(i, 'DIGITS', `a byte does not become ${i.digits}`);
    if (i.op === Op.TEXT_DBCS && i.length % 2 !== 0) refuse(i, 'LENGTH', 'half a character');
    checkPool(this.plan, i, DOUBLE_TABLES);
    // fields of one page have the same pool; it is large, so once is enough
    const key = `${i.pool} ${i.poolLength} ${i.digits}`;
    if (this.good.has(key)) return;
    const pool = this.plan.pool.subarray(i.pool, i.pool + i.poolLength);
    const most = Math.min(3, i.digits);
    for (let byte = 0; byte < 256; byte++) {
      if (pool[4 * byte]! > most) refuse(i, 'POOL', `character ${byte} takes more than ${most} bytes`);
      const table = pool[DOUBLE_WARDS + byte]!;
      if (table > 0) this.table(i, pool, table);
    }
    this.good.add(key);
  }

  private table(i: Instruction, pool: Uint8Array, table: number): void {
    const from = DOUBLE_TABLES + (table - 1) * DOUBLE_TABLE;
    if (from + DOUBLE_TABLE > pool.length) refuse(i, 'POOL', `has no table ${table}`);
    for (let at = from; at < from + DOUBLE_TABLE; at += 2) {
      const extra = (pool[at]! | (pool[at + 1]! << 8)) - 0xd800;
      if (extra < 0 || extra > 0x7ff) continue;
      const place = DOUBLE_TABLES + extra * DOUBLE_EXTRA;
      if (place + DOUBLE_EXTRA > pool.length) refuse(i, 'POOL', `has no extra ${extra}`);
      const length = pool[place]!;
      if (length < 1 || length >= DOUBLE_EXTRA || length > 2 * i.digits)
        refuse(i, 'POOL', `extra ${extra} takes ${length} bytes`);
    }
  }
}
