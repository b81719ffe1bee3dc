/**
 * Plan files that are damaged, of another version, or made by somebody who means harm: a clear error, whatever is in them.
 * Native code must not trust a word of them; the checksum is made good here, so that what is behind it is looked at.
 * `OVERPUNCH_PLAN_FUZZ=N` tries N changes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Copybook, planFile } from '../../src/index.js';
import { Duckdb } from '../../src/sql/extension.js';
import { Folder } from '../cli/run.js';
import { Random, randomCopybook, randomOptions } from '../parity/random.js';
import { rowsOf, whyNoSql } from './same.js';

const CHANGES = Number(process.env.OVERPUNCH_PLAN_FUZZ ?? 1000);
const folder = new Folder();
const { layout } = Copybook.parse(
  `01 R.
   05 K PIC X.
   05 A PIC X(14).
   05 B REDEFINES A. 10 N PIC S9(7)V99 COMP-3. 10 M PIC 9(4) COMP.
   05 C PIC 9.
   05 T OCCURS 0 TO 3 DEPENDING ON C. 10 X PIC X(3). 10 Y OCCURS 2 PIC 9.
   05 Z PIC ZZ9.`,
  { format: 'free' },
);
const options = { record: { B: "K = 'B'" }, recfm: 'V' as const, where: "K <> 'Q'" };

describe.skipIf(whyNoSql())('a plan file', () => {
  let duckdb: Duckdb;
  const data = folder.file('data', Buffer.alloc(4000, 0xf1));
  const path = folder.file('plan');
  const read = async (bytes: Uint8Array, parameters = ''): Promise<unknown> => {
    writeFileSync(path, bytes);
    return rowsOf(duckdb, `FROM read_copybook('${data}', plan := '${path}'${parameters})`).catch(
      (error: Error) => error.message,
    );
  };
  beforeAll(async () => {
    duckdb = await Duckdb.open({ threads: 1 });
  });
  afterAll(() => {
    duckdb.close();
    folder.remove();
  });

  it('is looked for beside the data', async () => {
    const beside = folder.file('beside.dat', Buffer.from([0xf1, 0xf2]));
    await expect(rowsOf(duckdb, `FROM read_copybook('${beside}')`)).rejects.toThrow('overpunch plan COPYBOOK -o FILE');
    writeFileSync(`${beside}.plan`, planFile(Copybook.parse('01 R.\n05 A PIC 9.', { format: 'free' }).layout, {}));
    expect(await rowsOf(duckdb, `FROM read_copybook('${beside}')`)).toEqual([{ a: '1' }, { a: '2' }]);
  });

  it('is refused when it is another file, cut off, longer, changed, or of another version', async () => {
    const good = planFile(layout, options);
    expect(await read(new Uint8Array(0))).toContain('is no plan file');
    expect(await read(Buffer.from('hello, world'))).toContain('this is no plan file');
    for (const length of [8, 60, 127, 128, good.length - 1])
      expect(await read(good.subarray(0, length))).toContain('OVP_PLAN_FILE');
    expect(await read(Buffer.concat([good, Buffer.alloc(4)]))).toContain('it was cut off, or something was added');
    const changed = good.slice();
    changed[200]! ^= 1;
    expect(await read(changed)).toContain('its checksum is wrong');
    const newer = good.slice();
    newer[8] = 9;
    expect(await read(newer)).toContain('has version 9');
  });

  it(`never does harm: ${CHANGES} changes of words and bytes`, { timeout: 300_000 }, async () => {
    const random = new Random(20);
    const copybooks = Array.from({ length: 12 }, () => {
      const text = randomCopybook(random);
      const of = Copybook.parse(text, { format: 'fixed' }).layout;
      const decode = { ...randomOptions(random, of), record: {}, recfm: 'F' as const, lrecl: 40 };
      return planFile(of, decode);
    });
    const plans = [planFile(layout, options), ...copybooks];
    let refused = 0;
    for (let i = 0; i < CHANGES; i++) {
      const file = random.pick(plans).slice();
      const words = new Int32Array(file.buffer);
      for (let n = 1 + random.below(3); n > 0; n--) {
        if (random.chance(80)) {
          const at = 5 + random.below(Math.min(words.length - 5, random.chance(50) ? 400 : 40_000));
          words[at] = random.pick([
            -1,
            0,
            1,
            2,
            3,
            words[at]! + 1,
            words[at]! - 1,
            0x7fffffff,
            -0x80000000,
            random.below(70_000),
          ]);
        } else {
          file[20 + random.below(file.length - 20)] = random.below(256);
        }
      }
      seal(file);
      const answer = await read(file, random.chance(30) ? ', bad := true, record_number := true' : '');
      if (typeof answer !== 'string') continue;
      refused++;
      expect(answer).toMatch(/OVP_[A-Z]+_[A-Z]+|Parser|Binder|duplicate|Invalid|Cannot|already|width|scale/i);
    }
    expect(refused).toBeGreaterThan(CHANGES / 10);
  });
});

/** Makes the checksum good again. */
function seal(file: Uint8Array): void {
  let crc = -1;
  for (let i = 20; i < file.length; i++) {
    crc ^= file[i]!;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  new DataView(file.buffer).setInt32(16, ~crc, true);
}
