/**
 * Scans: RDW, BDW and lines, in one piece and in chunks, and every fault.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Framing, FramingWord, SCAN_STATE, Scan, ScanFault, ScanWord } from '../../src/framing/framing.js';
import { engines } from './engines.js';
import { hex } from './plans.js';

function framing(words: Partial<Record<keyof typeof FramingWord, number>>): Int32Array {
  const code = new Int32Array(8);
  for (const [name, value] of Object.entries(words)) code[FramingWord[name as keyof typeof FramingWord]] = value;
  return code;
}

const rdw = (words: Partial<Record<keyof typeof FramingWord, number>> = {}): Int32Array =>
  framing({ FORMAT: Framing.RDW, ...words });
const bdw = (words: Partial<Record<keyof typeof FramingWord, number>> = {}): Int32Array =>
  framing({ FORMAT: Framing.BDW_RDW, ...words });
const lines = (ASCII: number): Int32Array => framing({ FORMAT: Framing.LINES, ASCII });

describe.each(engines())('scan, engine $name', (engine) => {
  function scan(
    code: Int32Array,
    data: Uint8Array,
    { final = true, from = 0, to = data.length, room = 100, left = 0 } = {},
  ) {
    const starts = new Uint32Array(room);
    const ends = new Uint32Array(room);
    const state = new Int32Array(SCAN_STATE);
    state[ScanWord.FINAL] = +final;
    state[ScanWord.BLOCK_LEFT] = left;
    const n = engine.scan(code, data, from, to, starts, ends, state);
    return {
      records: Array.from({ length: n }, (_, i) => [starts[i], ends[i]]),
      next: state[ScanWord.NEXT],
      status: state[ScanWord.STATUS],
      left: state[ScanWord.BLOCK_LEFT],
      fault:
        state[ScanWord.STATUS] === Scan.FAULT
          ? [state[ScanWord.FAULT], state[ScanWord.FAULT_AT], state[ScanWord.FAULT_VALUE]]
          : null,
    };
  }

  test('finds records by RDW', () => {
    const found = scan(rdw(), hex('00060000 C1C2 00040000 00050000 C3'));
    expect(found).toEqual({
      records: [
        [4, 6],
        [10, 10],
        [14, 15],
      ],
      next: 15,
      status: Scan.MORE,
      left: 0,
      fault: null,
    });
    expect(scan(rdw(), new Uint8Array(0))).toMatchObject({ records: [], next: 0, status: Scan.MORE });
  });

  test('reads little-endian lengths in either half', () => {
    expect(scan(rdw({ RDW_LITTLE: 1 }), hex('06000000 C1C2 00000500 C3 04000700')).records).toEqual([
      [4, 6],
      [10, 11],
      [15, 15],
    ]);
  });

  test('adjusts lengths', () => {
    expect(scan(rdw({ RDW_ADJUST: 4 }), hex('00020000 C1C2 00000000')).records).toEqual([
      [4, 6],
      [10, 10],
    ]);
    expect(scan(rdw({ RDW_ADJUST: -1 }), hex('00060000 C1')).records).toEqual([[4, 5]]);
    expect(scan(rdw({ RDW_ADJUST: -1 }), hex('00050000 00060000')).fault).toEqual([ScanFault.TRUNCATED, 4, 4]);
    expect(scan(rdw({ RDW_ADJUST: -1 }), hex('00050000 00040000')).fault).toEqual([ScanFault.RDW_TOO_SMALL, 4, 4]);
  });

  test('finds faults of RDWs', () => {
    const good = '00050000 C1';
    expect(scan(rdw(), hex(`${good} 00030000`))).toMatchObject({
      records: [[4, 5]],
      next: 5,
      fault: [ScanFault.RDW_TOO_SMALL, 5, 3],
    });
    expect(scan(rdw(), hex(`${good} 00060100 C1C2`))).toMatchObject({ next: 5, fault: [ScanFault.RDW_NOT_ZERO, 5, 6] });
    expect(scan(rdw(), hex(`${good} 00060001 C1C2`)).fault).toEqual([ScanFault.RDW_NOT_ZERO, 5, 6]);
    expect(scan(rdw(), hex(`${good} 00060000 C1`)).fault).toEqual([ScanFault.TRUNCATED, 5, 5]);
    expect(scan(rdw(), hex(`${good} 0006`)).fault).toEqual([ScanFault.TRUNCATED, 5, 2]);
  });

  test('asks for more where the source goes on', () => {
    const data = hex('00050000 C1 00060000 C1C2');
    for (let to = 0; to <= data.length; to++) {
      const found = scan(rdw(), data, { final: false, to });
      const complete = to < 5 ? 0 : to < 11 ? 1 : 2;
      expect(found).toMatchObject({
        records: [
          [4, 5],
          [9, 11],
        ].slice(0, complete),
        next: [0, 5, 11][complete],
        status: Scan.MORE,
      });
    }
  });

  test('stops when the arrays are full', () => {
    const data = hex('00050000 C1 00060000 C1C2 00040000');
    expect(scan(rdw(), data, { room: 2 })).toMatchObject({
      records: [
        [4, 5],
        [9, 11],
      ],
      next: 11,
      status: Scan.FULL,
    });
    expect(scan(rdw(), data, { room: 2, from: 5 })).toMatchObject({
      records: [
        [9, 11],
        [15, 15],
      ],
      next: 15,
      status: Scan.MORE,
    });
  });

  const blocks = '0012 0000 00050000 C1 00090000 C2C3C4C5C6 | 000C 0000 00080000 C7C8C9CA'.replace('|', '');

  test('finds records in blocks', () => {
    const found = scan(bdw(), hex(blocks));
    expect(found).toEqual({
      records: [
        [8, 9],
        [13, 18],
        [26, 30],
      ],
      next: 30,
      status: Scan.MORE,
      left: 0,
      fault: null,
    });
    expect(scan(bdw({ BDW_LITTLE: 1, RDW_LITTLE: 1 }), hex('0D000000 00000500 C1 04000000')).records).toEqual([
      [8, 9],
      [13, 13],
    ]);
    expect(scan(bdw({ BDW_ADJUST: 4 }), hex('00050000 00050000 C1')).records).toEqual([[8, 9]]);
    expect(scan(bdw(), hex('80000009 00050000 C1')).records).toEqual([[8, 9]]);
  });

  test('carries the rest of a block from chunk to chunk', () => {
    const data = hex(blocks);
    for (let cut = 0; cut <= data.length; cut++) {
      for (const room of [1, 100]) {
        const records: (number | undefined)[][] = [];
        let next = 0;
        let left = 0;
        for (const to of [cut, data.length]) {
          for (;;) {
            const found = scan(bdw(), data, { final: to === data.length, from: next, to, left, room });
            records.push(...found.records);
            next = found.next!;
            left = found.left!;
            expect(found.fault).toBeNull();
            if (found.status !== Scan.FULL) break;
          }
        }
        expect([records, next, left]).toEqual([
          [
            [8, 9],
            [13, 18],
            [26, 30],
          ],
          30,
          0,
        ]);
      }
    }
  });

  test('finds faults of blocks', () => {
    expect(scan(bdw(), hex('00070000 000300')).fault).toEqual([ScanFault.BDW_TOO_SMALL, 0, 7]);
    expect(scan(bdw({ BDW_ADJUST: -1 }), hex('00080000 00040000')).fault).toEqual([ScanFault.BDW_TOO_SMALL, 0, 8]);
    expect(scan(bdw(), hex('000B0000 00050000 C1 0000'))).toMatchObject({
      records: [[8, 9]],
      fault: [ScanFault.BLOCK_REST, 9, 2],
    });
    expect(scan(bdw(), hex('00090000 00060000 C1C2'))).toMatchObject({
      records: [],
      fault: [ScanFault.RECORD_BEYOND_BLOCK, 4, 6],
    });
    expect(scan(bdw(), hex('00120000 00050000 C1 0009')).fault).toEqual([ScanFault.TRUNCATED, 9, 2]);
    expect(scan(bdw(), hex('00120000 00050000 C1')).fault).toEqual([ScanFault.TRUNCATED, 9, 0]);
    expect(scan(bdw(), hex('0012')).fault).toEqual([ScanFault.TRUNCATED, 0, 2]);
    expect(scan(bdw(), hex('00120000 00050100 C1')).fault).toEqual([ScanFault.RDW_NOT_ZERO, 4, 5]);
    expect(scan(bdw(), hex('00120000 00030000 C1')).fault).toEqual([ScanFault.RDW_TOO_SMALL, 4, 3]);
  });

  test('finds lines', () => {
    const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'latin1'));
    expect(scan(lines(1), text('ab\ncd\r\n\n\r\ne'))).toMatchObject({
      records: [
        [0, 2],
        [3, 5],
        [7, 7],
        [8, 8],
        [10, 11],
      ],
      next: 11,
      status: Scan.MORE,
    });
    expect(scan(lines(1), text('ab\n')).records).toEqual([[0, 2]]);
    expect(scan(lines(1), text('a\rb\n')).records).toEqual([[0, 3]]);
    expect(scan(lines(0), hex('C1 15 C2 25 C3 0D 25 C4 0D 15 C5'))).toMatchObject({
      records: [
        [0, 1],
        [2, 3],
        [4, 5],
        [7, 8],
        [10, 11],
      ],
    });
    expect(scan(lines(0), hex('0A C1 15')).records).toEqual([[0, 2]]);
  });

  test('keeps an incomplete line for the next chunk', () => {
    const data = new Uint8Array(Buffer.from('abc\r\ndefgh\ni', 'latin1'));
    for (let to = 0; to <= data.length; to++) {
      const complete = to < 5 ? 0 : to < 11 ? 1 : 2;
      const found = scan(lines(1), data, { final: false, to });
      expect(found).toMatchObject({
        records: [
          [0, 3],
          [5, 10],
        ].slice(0, complete),
        next: [0, 5, 11][complete],
        status: Scan.MORE,
      });
    }
    expect(scan(lines(1), data, { room: 1 })).toMatchObject({ records: [[0, 3]], next: 5, status: Scan.FULL });
    const long = new Uint8Array(1000).fill(0x41);
    long.set([0x0a], 777);
    expect(scan(lines(1), long).records).toEqual([
      [0, 777],
      [778, 1000],
    ]);
  });

  test('refuses what is outside the data', () => {
    expect(() => scan(rdw(), new Uint8Array(4), { to: 5 })).toThrow(RangeError);
    expect(() => scan(rdw(), new Uint8Array(4), { from: 5 })).toThrow(RangeError);
    expect(() => scan(framing({ FORMAT: Framing.FIXED }), new Uint8Array(4))).toThrow();
  });
});
