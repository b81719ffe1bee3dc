/**
 * The addon's own promises: every argument is checked, a wrong one is an exception and never a crash; it works in worker
 * threads; and the engine is chosen, and its absence told, as documented. What bytes mean is tested for both engines
 * elsewhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadEngine } from '../../src/engine/load.js';
import { type Addon, LEVELS, loadNativeEngine, platformTag } from '../../src/engine/native.js';
import { MessageWord, Show } from '../../src/engine/message.js';
import { FULL, Head, allocateSlab, layoutSlab } from '../../src/engine/slab.js';
import { CallStep, type Threads } from '../../src/engine/threads.js';
import { OverpunchError } from '../../src/errors.js';
import { Framing, FramingWord, SCAN_STATE, Scan, ScanWord } from '../../src/framing/framing.js';
import { Flag, Op, PLAN_VERSION, Type, W, WIDTH } from '../../src/plan/opcodes.js';
import { PLAN_HEADER, PLAN_MAGIC, type Plan, PlanWord } from '../../src/plan/plan.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = join(root, 'build/Release/overpunch.node');
const hasAddon = existsSync(binary);
const addon = (hasAddon ? createRequire(import.meta.url)(binary) : undefined) as Addon;

/** One signed 32-bit binary at the start of each record. */
function plan(): Plan {
  const code = new Int32Array(PLAN_HEADER + 2 * WIDTH);
  code[PlanWord.MAGIC] = PLAN_MAGIC;
  code[PlanWord.VERSION] = PLAN_VERSION;
  code[PlanWord.INSTRUCTIONS] = 2;
  code[PlanWord.FRAMES] = 1;
  code[PlanWord.SPACES] = 1;
  code[PlanWord.COLUMNS] = 1;
  code[PlanWord.LENGTH] = 4;
  code[PLAN_HEADER + W.OP] = Op.ROOT;
  code[PLAN_HEADER + W.FRAME] = -1;
  const field = PLAN_HEADER + WIDTH;
  code[field + W.OP] = Op.BINARY;
  code[field + W.LENGTH] = 4;
  code[field + W.DIGITS] = 9;
  code[field + W.FLAGS] = Flag.SIGNED;
  code[field + W.TYPE] = Type.INT32;
  return { code, pool: new Uint8Array(0), schema: { children: [], tables: {} } };
}

const RECORDS = 100;
const data = Uint8Array.from({ length: 4 * RECORDS }, (_, i) => (i % 4 === 3 ? i >> 2 : 0));
const values = Array.from({ length: RECORDS }, (_, i) => i);
const starts = Uint32Array.from(values, (i) => 4 * i);
const ends = starts.map((start) => start + 4);

/** A value and, after it, the same with its buffer detached. */
function detached<T extends Uint8Array | Uint32Array | Int32Array>(array: T): T {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

describe.skipIf(!hasAddon)('the addon', () => {
  const layout = layoutSlab(plan(), [RECORDS]);
  const { code, pool } = layout.plan;
  const newDecode = () => addon.prepare(code, pool, layout.table, layout.byteLength);
  const newSlab = () => new Uint8Array(layout.byteLength);
  const column = (slab: Uint8Array): number[] => {
    const place = layout.table[8]!;
    return [...new Int32Array(slab.buffer, slab.byteOffset + place, RECORDS)];
  };

  it('decodes by stride, and by starts and ends', () => {
    const decode = newDecode();
    for (const where of [[4], [starts, ends]] as [number][]) {
      const slab = newSlab();
      decode(slab, data, 0, RECORDS, ...where);
      expect(column(slab)).toEqual(values);
    }
  });

  it('keeps its own copy of the plan and the table', () => {
    const own = { code: code.slice(), pool: pool.slice(), table: layout.table.slice() };
    const decode = addon.prepare(own.code, own.pool, own.table, layout.byteLength);
    own.code.fill(-1);
    own.table.fill(0x7fffffff);
    const slab = newSlab();
    decode(slab, data, 0, RECORDS, 4);
    expect(column(slab)).toEqual(values);
  });

  it('survives its decoders', async () => {
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 200; i++) newDecode()(newSlab(), data, 0, RECORDS, 4);
      await new Promise((done) => setImmediate(done));
    }
  });

  // biome-ignore lint/suspicious/noExplicitAny: wrong arguments are the point
  const wrong = (f: (...args: any[]) => unknown, args: unknown[], error: new () => Error, text: string | RegExp) => {
    expect(() => f(...args)).toThrow(error);
    expect(() => f(...args)).toThrow(text);
  };
  const notBytes = [
    undefined,
    null,
    1,
    'bytes',
    {},
    [],
    new ArrayBuffer(8),
    new DataView(new ArrayBuffer(8)),
    new Int8Array(8),
  ];
  const notUint32 = [undefined, null, '1', {}, 1n, Symbol('one')];
  const beyond = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32];

  describe('prepare', () => {
    it('wants typed arrays and a length', () => {
      const args = [code, pool, layout.table, layout.byteLength];
      const swap = (at: number, value: unknown) => args.map((arg, i) => (i === at ? value : arg));
      for (const value of [...notBytes, new Uint8Array(64)])
        wrong(addon.prepare, swap(0, value), TypeError, 'code must be');
      for (const value of notBytes) wrong(addon.prepare, swap(1, value), TypeError, 'pool must be');
      for (const value of notBytes) wrong(addon.prepare, swap(2, value), TypeError, 'table must be');
      for (const value of notUint32) wrong(addon.prepare, swap(3, value), TypeError, 'slabLength must be');
      for (const value of beyond) wrong(addon.prepare, swap(3, value), RangeError, 'slabLength must be');
      wrong(addon.prepare, [], TypeError, 'code must be');
    });

    it('refuses plans and tables that are not in order', () => {
      const refuses = (args: Parameters<Addon['prepare']>, part: 'plan' | 'slab') =>
        expect(() => addon.prepare(...args)).toThrow(expect.objectContaining({ code: 'OVP_PLAN_INVALID', part }));
      const { table, byteLength } = layout;
      refuses([new Int32Array(0), pool, table, byteLength], 'plan');
      refuses([code.subarray(0, code.length - 1), pool, table, byteLength], 'plan');
      refuses([detached(code.slice()), pool, table, byteLength], 'plan');
      refuses([code, new Uint8Array(1), table, byteLength], 'plan');
      refuses([code, pool, new Int32Array(0), byteLength], 'slab');
      refuses([code, pool, detached(table.slice()), byteLength], 'slab');
      refuses([code, pool, table, 0], 'slab');
      refuses([code, pool, table, 64], 'slab');
    });

    it('refuses every plan with one word out of order, or takes it and decodes safely', () => {
      for (let at = 0; at < code.length; at++) {
        for (const word of [-2, -1, 1, 2, 64, 0x7fffffff, -0x80000000]) {
          const changed = code.slice();
          changed[at] = word;
          let decode: ReturnType<Addon['prepare']>;
          try {
            decode = addon.prepare(changed, pool, layout.table, layout.byteLength);
          } catch (error) {
            expect(error).toHaveProperty('code', 'OVP_PLAN_INVALID');
            continue;
          }
          decode(newSlab(), data, 0, 10, 4);
        }
      }
    });
  });

  describe('decode', () => {
    const decode = hasAddon ? newDecode() : undefined!;
    const strided = () => [newSlab(), data, 0, RECORDS, 4] as unknown[];
    const listed = () => [newSlab(), data, 0, RECORDS, starts, ends] as unknown[];
    const swap = (args: unknown[], at: number, value: unknown) => args.map((arg, i) => (i === at ? value : arg));

    it('wants typed arrays and numbers', () => {
      for (const value of notBytes) {
        wrong(decode, swap(strided(), 0, value), TypeError, 'slab must be');
        wrong(decode, swap(strided(), 1, value), TypeError, 'data must be');
        wrong(decode, swap(listed(), 4, value), TypeError, 'starts must be');
        wrong(decode, swap(listed(), 5, value), TypeError, 'ends must be');
      }
      for (const [at, name] of [
        [2, 'first'],
        [3, 'count'],
        [4, 'stride'],
      ] as const) {
        for (const value of notUint32) wrong(decode, swap(strided(), at, value), TypeError, `${name} must be`);
        for (const value of beyond) wrong(decode, swap(strided(), at, value), RangeError, `${name} must be`);
      }
      wrong(decode, [], TypeError, 'slab must be');
    });

    it('wants a slab of its layout, where words can be written', () => {
      wrong(decode, swap(strided(), 0, new Uint8Array(layout.byteLength - 1)), RangeError, 'length differs');
      wrong(decode, swap(strided(), 0, new Uint8Array(layout.byteLength + 64)), RangeError, 'length differs');
      wrong(decode, swap(strided(), 0, detached(newSlab())), RangeError, 'length differs');
      const shifted = new Uint8Array(new ArrayBuffer(layout.byteLength + 8), 4, layout.byteLength);
      wrong(decode, swap(strided(), 0, shifted), RangeError, 'multiple of 8');
    });

    it('wants input that its output does not overwrite', () => {
      const slab = newSlab();
      wrong(decode, [slab, slab.subarray(0, 400), 0, RECORDS, 4], RangeError, 'shares memory');
      const words = new Uint32Array(slab.buffer, 64, RECORDS);
      wrong(decode, [slab, data, 0, RECORDS, words, ends], RangeError, 'shares memory');
      wrong(decode, [slab, data, 0, RECORDS, starts, words], RangeError, 'shares memory');
    });

    it('wants every record inside the data', () => {
      const outside = /not inside the data/;
      wrong(decode, swap(strided(), 1, data.subarray(1)), RangeError, outside);
      wrong(decode, swap(strided(), 1, detached(data.slice())), RangeError, outside);
      wrong(decode, swap(strided(), 2, 1), RangeError, outside);
      wrong(decode, swap(strided(), 2, 0xffffffff), RangeError, outside);
      wrong(decode, swap(strided(), 4, 0xffffffff), RangeError, outside);
      wrong(decode, swap(listed(), 1, data.subarray(1)), RangeError, outside);
      wrong(decode, swap(listed(), 1, new Uint8Array(0)), RangeError, outside);
      wrong(
        decode,
        swap(
          listed(),
          4,
          starts.map((start, i) => (i === 50 ? 0xfffffff0 : start)),
        ),
        RangeError,
        outside,
      );
      wrong(
        decode,
        swap(
          listed(),
          4,
          starts.map((start, i) => (i === 50 ? start + 8 : start)),
        ),
        RangeError,
        outside,
      );
      wrong(
        decode,
        swap(
          listed(),
          5,
          ends.map((end, i) => (i === 99 ? end + 1 : end)),
        ),
        RangeError,
        outside,
      );
    });

    it('wants as many starts and ends as records', () => {
      for (const at of [4, 5]) {
        wrong(decode, swap(listed(), at, starts.subarray(1)), RangeError, 'fewer entries');
        wrong(decode, swap(listed(), at, detached(starts.slice())), RangeError, 'fewer entries');
      }
      wrong(decode, swap(listed(), 2, 1), RangeError, 'fewer entries');
      wrong(decode, swap(listed(), 3, 0xffffffff), RangeError, 'fewer entries');
    });

    it('takes no records, and says FULL where they do not fit', () => {
      const slab = newSlab();
      const head = new Int32Array(slab.buffer);
      decode(slab, new Uint8Array(0), 0, 0, 4);
      expect([head[Head.STATUS], head[Head.RECORDS]]).toEqual([0, 0]);
      decode(slab, data, 0, 0, new Uint32Array(0), new Uint32Array(0));
      expect([head[Head.STATUS], head[Head.RECORDS]]).toEqual([0, 0]);
      decode(slab, new Uint8Array(4 * (RECORDS + 1)), 0, RECORDS + 1, 4);
      expect(head[Head.STATUS]).toBe(FULL);
      expect(head[Head.RECORDS]).toBeLessThanOrEqual(RECORDS);
    });
  });

  describe('prepareMessage', () => {
    const words = Int32Array.of(1, 0, Show.INT32, 0, 16);
    const image = () => new Uint8Array(48);
    const args = () => [code, pool, words, image(), 1];
    const swap = (at: number, value: unknown) => args().map((arg, i) => (i === at ? value : arg));
    const refused = (args: unknown[], part: 'plan' | 'message') => {
      const error = expect.objectContaining({ code: 'OVP_PLAN_INVALID', part });
      expect(() => addon.prepareMessage(...(args as Parameters<Addon['prepareMessage']>))).toThrow(error);
    };

    it('reads messages into the image', () => {
      const own = image();
      const read = addon.prepareMessage(code, pool, words, own, 1);
      expect(read(Uint8Array.of(0, 0, 1, 2))).toBe('');
      expect(own[0]! & 1).toBe(1);
      expect(new Int32Array(own.buffer)[4]).toBe(258);
      expect(read(Uint8Array.of(0, 0, 1))).toBeUndefined();
      expect(read(Uint8Array.of(255, 255, 255, 255, 7))).toBe('');
      expect(new Int32Array(own.buffer)[4]).toBe(-1);
    });

    it('wants typed arrays', () => {
      for (const value of notBytes) {
        wrong(addon.prepareMessage, swap(0, value), TypeError, 'code must be');
        wrong(addon.prepareMessage, swap(1, value), TypeError, 'pool must be');
        wrong(addon.prepareMessage, swap(2, value), TypeError, 'words must be');
        wrong(addon.prepareMessage, swap(3, value), TypeError, 'images must be');
      }
      for (const value of notUint32) wrong(addon.prepareMessage, swap(4, value), TypeError, 'capacity must be');
      wrong(addon.prepareMessage, [], TypeError, 'code must be');
      const read = addon.prepareMessage(code, pool, words, image(), 1);
      for (const value of notBytes) wrong(read, [value], TypeError, 'bytes must be');
      wrong(read, [], TypeError, 'bytes must be');
      for (const value of notBytes) wrong(read, [value, 0, 1, 4], TypeError, 'data must be');
      for (const value of notUint32) {
        wrong(read, [data, value, 1, 4], TypeError, 'first must be');
        wrong(read, [data, 0, value, 4], TypeError, 'count must be');
        wrong(read, [data, 0, 1, value], TypeError, 'stride must be');
      }
    });

    it('refuses programs and images that are not in order', () => {
      const changed = (word: number, value: number) => swap(2, words.with(word, value));
      refused(swap(0, new Int32Array(0)), 'plan');
      refused(swap(0, detached(code.slice())), 'plan');
      for (const value of [-1, 0, 2, 0x7fffffff]) {
        refused(changed(MessageWord.INSTRUCTION, value), 'message');
      }
      for (const value of [-1, 65536, 0x7fffffff]) {
        refused(changed(MessageWord.OFFSET, value), 'message');
      }
      for (const value of [-1, Show.TEXT, Show.INT128, 6]) {
        refused(changed(MessageWord.SHOW, value), 'message');
      }
      for (const value of [-8, 0, 20, 32, 0x7ffffff8]) {
        refused(changed(MessageWord.PLACE, value), 'message');
      }
      refused(swap(2, new Int32Array(0)), 'message');
      refused(swap(2, words.slice(0, 4)), 'message');
      refused(swap(2, detached(words.slice())), 'message');
      refused(swap(3, new Uint8Array(32)), 'message');
      for (const images of [detached(image()), new Uint8Array(0), new Uint8Array(40), new Uint8Array(15)])
        wrong(addon.prepareMessage, swap(3, images), RangeError, 'as many as capacity says');
      for (const capacity of [0, 3, 2 ** 32 - 1])
        wrong(addon.prepareMessage, swap(4, capacity), RangeError, 'as many as capacity says');
      wrong(addon.prepareMessage, swap(3, new Uint8Array(new ArrayBuffer(64), 4, 48)), RangeError, 'multiple of 8');
    });

    it('reads several messages, up to one that needs columns', () => {
      const images = new Uint8Array(3 * 32 + 16);
      const read = addon.prepareMessage(code, pool, words, images, 3);
      const found = new Int32Array(images.buffer);
      const many = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0);
      expect(read(many, 0, 3, 4)).toBe('');
      expect([found[4], found[12], found[20], found[24]]).toEqual([1, 2, 3, 3]);
      expect(read(many, 0, 3, Uint32Array.of(8, 0, 4), Uint32Array.of(12, 3, 8))).toBe('');
      expect([found[4], found[24]]).toEqual([3, 1]);
      wrong(read, [many, 0, 4, 3], RangeError, 'number of images');
      wrong(read, [many, 2, 3, 4], RangeError, 'not inside the data');
      wrong(read, [many, 0, 1, Uint32Array.of(12), Uint32Array.of(14)], RangeError, 'not inside the data');
      wrong(read, [many, 0, 2, Uint32Array.of(0), Uint32Array.of(4)], RangeError, 'fewer entries');
      wrong(read, [images, 0, 1, 4], RangeError, 'share memory');
      wrong(read, [detached(new Uint8Array(4)), 0, 1, 4], RangeError, 'not inside the data');
    });

    it('keeps its own copy of the plan and the program, and leaves a detached message to others', () => {
      const [ownCode, ownWords] = [code.slice(), words.slice()];
      const own = image();
      const read = addon.prepareMessage(ownCode, pool, ownWords, own, 1);
      ownCode.fill(-1);
      ownWords.fill(0x7fffffff);
      expect(read(Uint8Array.of(0, 0, 0, 9))).toBe('');
      expect(new Int32Array(own.buffer)[4]).toBe(9);
      expect(read(detached(new Uint8Array(4)))).toBeUndefined();
    });

    it('survives its readers', async () => {
      for (let round = 0; round < 20; round++) {
        for (let i = 0; i < 200; i++) addon.prepareMessage(code, pool, words, image(), 1)(data);
        await new Promise((done) => setImmediate(done));
      }
    });
  });

  describe('digits', () => {
    const args = () => [Int32Array.of(1234, 0, 0, 0, -5, -1, -1, -1), Uint8Array.of(3), 0, 2, 2, new Int32Array(3)];
    const swap = (at: number, value: unknown) => args().map((arg, i) => (i === at ? value : arg));

    it('writes numbers', () => {
      const ends = new Int32Array(3);
      expect(addon.digits(...(swap(5, ends) as Parameters<Addon['digits']>))).toBe('12.34-0.05');
      expect([...ends]).toEqual([0, 5, 10]);
    });

    it('wants typed arrays and numbers', () => {
      for (const value of notBytes) {
        wrong(addon.digits, swap(0, value), TypeError, 'values must be');
        wrong(addon.digits, swap(1, value), TypeError, 'validity must be');
        wrong(addon.digits, swap(5, value), TypeError, 'ends must be');
      }
      for (const [at, name] of [
        [2, 'from'],
        [3, 'count'],
        [4, 'scale'],
      ] as const) {
        for (const value of notUint32) wrong(addon.digits, swap(at, value), TypeError, `${name} must be`);
        for (const value of beyond) wrong(addon.digits, swap(at, value), RangeError, `${name} must be`);
      }
      wrong(addon.digits, [], TypeError, 'values must be');
    });

    it('wants as many values, bits and ends as numbers', () => {
      wrong(addon.digits, swap(2, 1), RangeError, 'fewer entries');
      wrong(addon.digits, swap(2, 2 ** 32 - 1), RangeError, 'fewer entries');
      wrong(addon.digits, swap(3, 3), RangeError, 'fewer entries');
      wrong(addon.digits, swap(3, 257), RangeError, 'at most 256');
      wrong(addon.digits, swap(4, 39), RangeError, 'at most 38');
      wrong(addon.digits, swap(0, new Int32Array(7)), RangeError, 'fewer entries');
      wrong(addon.digits, swap(1, new Uint8Array(0)), RangeError, 'fewer entries');
      wrong(addon.digits, swap(5, new Int32Array(2)), RangeError, 'fewer entries');
      wrong(addon.digits, swap(0, detached(new Int32Array(8))), RangeError, 'fewer entries');
      wrong(addon.digits, swap(1, detached(new Uint8Array(1))), RangeError, 'fewer entries');
      wrong(addon.digits, swap(5, detached(new Int32Array(3))), RangeError, 'fewer entries');
      const shared = new Int32Array(16);
      wrong(addon.digits, swap(0, shared).with(5, shared.subarray(4)), RangeError, 'shares memory');
    });
  });

  describe('scan', () => {
    const framing = new Int32Array(8);
    framing[FramingWord.FORMAT] = Framing.RDW;
    const rdw = Uint8Array.of(0, 6, 0, 0, 0xc1, 0xc2, 0, 5, 0, 0, 0xc3);
    const args = () => [
      framing,
      rdw,
      0,
      rdw.length,
      new Uint32Array(4),
      new Uint32Array(4),
      new Int32Array(SCAN_STATE),
    ];
    const swap = (at: number, value: unknown) => args().map((arg, i) => (i === at ? value : arg));

    it('finds records', () => {
      const [starts, ends, state] = [new Uint32Array(4), new Uint32Array(4), new Int32Array(SCAN_STATE)];
      state[ScanWord.FINAL] = 1;
      expect(addon.scan(framing, rdw, 0, rdw.length, starts, ends, state)).toBe(2);
      expect([...starts.subarray(0, 2), ...ends.subarray(0, 2)]).toEqual([4, 10, 6, 11]);
      expect([state[ScanWord.STATUS], state[ScanWord.NEXT]]).toEqual([Scan.MORE, 11]);
    });

    it('wants typed arrays and numbers', () => {
      for (const value of notBytes) {
        wrong(addon.scan, swap(0, value), TypeError, 'framing must be');
        wrong(addon.scan, swap(1, value), TypeError, 'data must be');
        wrong(addon.scan, swap(4, value), TypeError, 'starts must be');
        wrong(addon.scan, swap(5, value), TypeError, 'ends must be');
        wrong(addon.scan, swap(6, value), TypeError, 'state must be');
      }
      for (const value of notUint32) wrong(addon.scan, swap(2, value), TypeError, 'from must be');
      for (const value of beyond) wrong(addon.scan, swap(3, value), RangeError, 'to must be');
      wrong(addon.scan, [], TypeError, 'framing must be');
    });

    it('wants room and a range inside the data', () => {
      wrong(addon.scan, swap(0, new Int32Array(7)), RangeError, '8 words');
      wrong(addon.scan, swap(6, new Int32Array(7)), RangeError, '8 words');
      wrong(addon.scan, swap(6, detached(new Int32Array(8))), RangeError, '8 words');
      wrong(addon.scan, swap(3, rdw.length + 1), RangeError, 'inside data');
      wrong(addon.scan, swap(2, rdw.length + 1), RangeError, 'inside data');
      wrong(addon.scan, swap(1, detached(rdw.slice())), RangeError, 'inside data');
      wrong(addon.scan, swap(4, new Uint32Array(3)), RangeError, 'same length');
      wrong(addon.scan, swap(4, detached(new Uint32Array(4))), RangeError, 'same length');
      wrong(addon.scan, swap(0, Int32Array.of(99, 0, 0, 0, 0, 0, 0, 0)), RangeError, 'framing');
      const shared = new ArrayBuffer(64);
      wrong(
        addon.scan,
        [framing, new Uint8Array(shared), 0, 64, new Uint32Array(shared), new Uint32Array(16), new Int32Array(8)],
        RangeError,
        'share memory',
      );
    });
  });

  describe('levels', () => {
    const before = addon?.level();
    afterEach(() => void addon.setLevel(before));

    it('are set to what was asked for, or to the best below it', () => {
      expect(addon.setLevel('portable')).toBe('portable');
      expect(addon.level()).toBe('portable');
      let best = 'portable';
      for (const level of LEVELS) {
        const got = addon.setLevel(level);
        expect([level, best]).toContain(got);
        best = got;
      }
      expect(addon.setLevel('neon')).toBe(best);
    });

    it('have names', () => {
      wrong(addon.setLevel, ['sse9'], RangeError, 'level must be');
      for (const value of [undefined, null, 1, {}]) wrong(addon.setLevel, [value], TypeError, 'level must be');
    });
  });

  describe('calls begun for threads', () => {
    /** Steps and waits until the oldest call has ended. */
    async function ended(threads: Threads): Promise<void> {
      for (;;) {
        const step = threads.step();
        if (step === CallStep.ENDED) return;
        if (step === CallStep.RUNNING) await threads.wait();
      }
    }

    /** Whether a thread of this process is one of the addon's. */
    function isOwn(task: string): boolean {
      try {
        return readFileSync(`/proc/self/task/${task}/comm`, 'utf8') === 'overpunch\n';
      } catch {
        return false; // it has just ended
      }
    }

    const made: Threads[] = [];
    const makeThreads = (count: number): Threads => {
      const threads = addon.makeThreads(count);
      made.push(threads);
      return threads;
    };
    afterEach(() => {
      for (const threads of made.splice(0)) threads.end();
    });

    it('decode by stride, and by starts and ends', async () => {
      for (const count of [0, 1, 3]) {
        const threads = makeThreads(count);
        for (const where of [[4], [starts, ends]] as [number][]) {
          const slab = newSlab();
          newDecode().begin(threads, slab, data, 0, RECORDS, ...where);
          await ended(threads);
          expect(column(slab)).toEqual(values);
        }
      }
    });

    it('are one a decoder at a time', async () => {
      const threads = makeThreads(1);
      const decode = newDecode();
      const slab = newSlab();
      decode.begin(threads, slab, data, 0, RECORDS, 4);
      wrong(decode, [newSlab(), data, 0, RECORDS, 4], RangeError, 'at work');
      wrong(decode.begin, [threads, newSlab(), data, 0, RECORDS, 4], RangeError, 'at work');
      await ended(threads);
      decode(newSlab(), data, 0, RECORDS, 4);
      expect(column(slab)).toEqual(values);
    });

    it('are refused at once for wrong arguments, and throw in their turn what is wrong with records', async () => {
      const threads = makeThreads(2);
      const decode = newDecode();
      wrong(decode.begin, [threads, newSlab(), data, 0, RECORDS, '4'], TypeError, 'stride must be');
      wrong(decode.begin, [threads, new Uint8Array(8), data, 0, RECORDS, 4], RangeError, 'its length differs');
      for (const other of [undefined, null, 1, {}, newSlab(), decode])
        wrong(decode.begin, [other, newSlab(), data, 0, RECORDS, 4], TypeError, 'threads must be');
      const far = ends.map(() => data.length + 1);
      const [first, last] = [newSlab(), newSlab()];
      newDecode().begin(threads, first, data, 0, RECORDS, 4);
      newDecode().begin(threads, newSlab(), data, 0, RECORDS + 1, 4);
      newDecode().begin(threads, newSlab(), data, 0, RECORDS, starts, far);
      newDecode().begin(threads, last, data, 0, RECORDS, 4);
      await ended(threads);
      expect(column(first)).toEqual(values);
      await expect(ended(threads)).rejects.toThrow(RangeError);
      await expect(ended(threads)).rejects.toThrow('is not inside the data');
      await ended(threads);
      expect(column(last)).toEqual(values);
      expect(() => threads.step()).toThrow('no call was begun');
      expect(() => threads.wait()).toThrow('no call was begun');
    });

    it.skipIf(process.platform === 'win32')('read records from a file first', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'overpunch-native-'));
      const file = join(folder, 'records');
      writeFileSync(file, Buffer.concat([Buffer.alloc(12, 0xff), data]));
      const descriptor = openSync(file, 'r');
      const directory = openSync(folder, 'r');
      try {
        const threads = makeThreads(1);
        const bytes = new Uint8Array(data.length + 4);
        const slab = newSlab();
        newDecode().begin(threads, slab, bytes, 4, RECORDS, 4, descriptor, 12);
        await ended(threads);
        expect(column(slab)).toEqual(values);
        expect(bytes).toEqual(Uint8Array.from([0, 0, 0, 0, ...data]));

        const failed = async (from: number, position: number): Promise<unknown> => {
          newDecode().begin(threads, newSlab(), bytes.slice(), 4, RECORDS, 4, from, position);
          return ended(threads).then(
            () => 'read',
            (error: Error & { syscall?: string; errno?: number }) => [error.syscall, error.errno],
          );
        };
        expect(await failed(descriptor, 13)).toEqual(['read', 0]);
        expect(await failed(descriptor, 2 ** 40)).toEqual(['read', 0]);
        expect(await failed(directory, 0)).toEqual(['read', -constants.errno.EISDIR]);
        // outside of the data: nothing is read
        newDecode().begin(threads, newSlab(), bytes, 8, RECORDS, 4, descriptor, 12);
        await expect(ended(threads)).rejects.toThrow('are not inside the data');

        const { begin } = newDecode();
        wrong(begin, [threads, slab, bytes, 4, RECORDS, 4, -1, 12], RangeError, 'descriptor must be');
        wrong(begin, [threads, slab, bytes, 4, RECORDS, 4, descriptor, -1], RangeError, 'position must be');
        wrong(begin, [threads, slab, bytes, 4, RECORDS, 4, descriptor, '0'], TypeError, 'position must be');
      } finally {
        closeSync(descriptor);
        closeSync(directory);
        rmSync(folder, { recursive: true });
      }
    });

    it('survive their decoders and their arguments', async () => {
      const threads = makeThreads(3);
      const slabs: Uint8Array[] = [];
      for (let i = 0; i < 300; i++) {
        slabs.push(newSlab());
        newDecode().begin(threads, slabs[i]!, data.slice(), 0, RECORDS, 4);
      }
      for (const slab of slabs) {
        await ended(threads);
        expect(column(slab)).toEqual(values);
      }
    });

    it('are waited for without a step', async () => {
      const threads = makeThreads(1);
      const decoders = Array.from({ length: 200 }, newDecode);
      for (const decode of decoders) decode.begin(threads, newSlab(), data, 0, RECORDS, 4);
      // nobody helps: the other thread makes them all
      for (let done = 0; done < decoders.length; done++) {
        await threads.wait();
        expect(threads.step()).toBe(CallStep.ENDED);
      }
    });

    it('are forgotten at the end', () => {
      const threads = makeThreads(2);
      const decoders = Array.from({ length: 20 }, newDecode);
      for (const decode of decoders) decode.begin(threads, newSlab(), data, 0, RECORDS, 4);
      threads.end();
      threads.end();
      expect(() => threads.step()).toThrow('no call was begun');
      for (const decode of decoders) {
        wrong(decode.begin, [threads, newSlab(), data, 0, RECORDS, 4], RangeError, 'have ended');
        decode(newSlab(), data, 0, RECORDS, 4);
      }
    });

    it.skipIf(process.platform !== 'linux')('do not keep threads that nobody has any more', async () => {
      setFlagsFromString('--expose-gc');
      const gc = runInNewContext('gc') as () => void;
      const count = (): number => readdirSync('/proc/self/task').filter(isOwn).length;
      const forget = (): void => {
        const threads = addon.makeThreads(2);
        for (let i = 0; i < 20; i++) newDecode().begin(threads, newSlab(), data, 0, RECORDS, 4);
      };
      forget();
      expect(count()).toBeGreaterThan(0);
      const until = Date.now() + 10_000;
      while (count() > 0 && Date.now() < until) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(count()).toBe(0);
    });

    it('have a number of threads that is checked', () => {
      wrong(addon.makeThreads, [-1], RangeError, 'count must be');
      wrong(addon.makeThreads, [1025], RangeError, 'count is 1024 at most');
      wrong(addon.makeThreads, ['2'], TypeError, 'count must be');
    });

    it.each(['', 'process.exit(0)'])('may be under way when their worker ends (%s)', async (how) => {
      const script = `
        const { workerData: { binary, code, pool, table, byteLength, data } } = require('node:worker_threads');
        const addon = require(binary);
        const threads = addon.makeThreads(2);
        for (let i = 0; i < 50; i++)
          addon.prepare(code, pool, table, byteLength).begin(threads, new Uint8Array(byteLength), data, 0, ${RECORDS}, 4);
        ${how};`;
      const workerData = { binary, code, pool, table: layout.table, byteLength: layout.byteLength, data };
      const worker = new Worker(script, { eval: true, workerData });
      expect(await new Promise((resolve) => worker.once('exit', resolve))).toBe(0);
    });
  });

  it('decodes in several worker threads at a time, and unloads with them', async () => {
    const script = `
      const { parentPort, workerData: { binary, code, pool, table, byteLength, data } } = require('node:worker_threads');
      const addon = require(binary);
      const decode = addon.prepare(code, pool, table, byteLength);
      const slab = new Uint8Array(byteLength);
      for (let i = 0; i < 2000; i++) decode(slab, data, 0, ${RECORDS}, 4);
      parentPort.postMessage(slab);`;
    const workerData = { binary, code, pool, table: layout.table, byteLength: layout.byteLength, data };
    const slabs = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const worker = new Worker(script, { eval: true, workerData });
        const exited = new Promise<number>((resolve) => worker.once('exit', resolve));
        const slab = await new Promise<Uint8Array>((resolve, reject) => {
          worker.once('message', resolve);
          worker.once('error', reject);
        });
        expect(await exited).toBe(0);
        return slab;
      }),
    );
    for (const slab of slabs) expect(column(slab)).toEqual(values);
    const slab = newSlab();
    newDecode()(slab, data, 0, RECORDS, 4);
    expect(column(slab)).toEqual(values);
  });
});

describe.skipIf(!hasAddon)('the native engine', () => {
  const engine = hasAddon ? loadNativeEngine() : undefined!;

  it('says what it is', () => {
    expect(engine.name).toBe('native');
    expect(engine.reason).toMatch(
      /^native addon build.Release.overpunch\.node, instruction set (portable|avx2|avx512)/,
    );
  });

  it('decodes into a slab of its layout, and into no other', () => {
    const layout = layoutSlab(plan(), [RECORDS]);
    const decoder = engine.prepare(layout);
    const slab = allocateSlab(layout);
    decoder.decode(slab, { data, starts: null, ends: null, first: 4, count: 10, stride: 4 });
    expect(slab.head[Head.RECORDS]).toBe(10);
    decoder.decode(slab, { data, starts, ends, first: 1, count: 10, stride: 0 });
    expect(slab.head[Head.RECORDS]).toBe(10);
    expect([...new Int32Array(slab.bytes.buffer, layout.table[8], 10)]).toEqual(values.slice(1, 11));

    const records = { data, starts: null, ends: null, first: 0, count: 10, stride: 4 };
    const other = allocateSlab(layoutSlab(plan(), [RECORDS]));
    expect(() => decoder.decode(other, records)).toThrow(RangeError);
    expect(() => decoder.decode(slab, { ...records, starts })).toThrow('both starts and ends');
    expect(() => decoder.decode(slab, { ...records, count: RECORDS + 1 })).toThrow(RangeError);
  });

  it('names the instruction and the word that are wrong', () => {
    const bad = plan();
    bad.code[PLAN_HEADER + WIDTH + W.LENGTH] = -5;
    const prepare = (): unknown => engine.prepare({ ...layoutSlab(plan(), [RECORDS]), plan: bad });
    expect(prepare).toThrow(OverpunchError);
    expect(prepare).toThrow(expect.objectContaining({ code: 'OVP_PLAN_INVALID' }));
    expect(prepare).toThrow(/instruction 1 \(BINARY\), word LENGTH/);
    bad.code[PlanWord.MAGIC] = 0;
    expect(prepare).toThrow(/header, word MAGIC/);
    const layout = layoutSlab(plan(), [RECORDS]);
    expect(() => engine.prepare({ ...layout, byteLength: 64 })).toThrow(/slab's layout/);
  });
});

describe('the choice of engine', () => {
  beforeEach(() => vi.stubEnv('OVERPUNCH_ENGINE', undefined));
  afterEach(() => vi.unstubAllEnvs());

  it('is the native one where there is an addon', () => {
    expect(loadEngine().name).toBe(hasAddon ? 'native' : 'ts');
    expect(loadEngine('auto')).toBe(loadEngine());
  });

  it('is what was asked for, above the environment', () => {
    expect(loadEngine('ts').name).toBe('ts');
    vi.stubEnv('OVERPUNCH_ENGINE', 'ts');
    expect(loadEngine().name).toBe('ts');
    expect(loadEngine().reason).toContain('OVERPUNCH_ENGINE');
    expect(loadEngine('auto').name).toBe('ts');
    if (hasAddon) expect(loadEngine('native').name).toBe('native');
  });

  it('must be one that exists', () => {
    const code = 'OVP_OPTION_ENGINE';
    expect(() => loadEngine('natve' as 'native')).toThrow(expect.objectContaining({ code }));
    expect(() => loadEngine('natve' as 'native')).toThrow(/engine is 'natve'\n {2}did you mean native\?/);
    expect(() => loadEngine('' as 'native')).toThrow(/auto, native, ts/);
    vi.stubEnv('OVERPUNCH_ENGINE', 'typescript');
    expect(() => loadEngine()).toThrow(/OVERPUNCH_ENGINE is 'typescript'/);
    expect(loadEngine('ts').name).toBe('ts');
  });

  it.skipIf(!hasAddon)('holds the instruction set down to OVERPUNCH_LEVEL', () => {
    const before = addon.level();
    vi.stubEnv('OVERPUNCH_LEVEL', 'portable');
    expect(loadNativeEngine().reason).toMatch(/instruction set portable$/);
    vi.stubEnv('OVERPUNCH_LEVEL', 'avx3');
    expect(() => loadNativeEngine()).toThrow(expect.objectContaining({ code: 'OVP_OPTION_LEVEL' }));
    addon.setLevel(before);
  });
});

describe.skipIf(!existsSync(join(root, 'dist/engine/load.js')))('a package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-package-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A copy of the built package whose addon is `place` with the given content, and what loading an engine says there. */
  function load(name: string, choice: string, place?: string, content?: string): string {
    const home = join(folder, name);
    if (!existsSync(home)) {
      mkdirSync(home);
      copyFileSync(join(root, 'package.json'), join(home, 'package.json'));
      cpSync(join(root, 'dist'), join(home, 'dist'), { recursive: true });
      symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'), 'junction');
      if (place) {
        mkdirSync(join(home, place), { recursive: true });
        const file = join(home, place, 'overpunch.node');
        if (content === undefined) copyFileSync(binary, file);
        else writeFileSync(file, content);
      }
    }
    const script = `
      const { loadEngine } = await import('./dist/engine/load.js');
      try { const { name, reason } = loadEngine('${choice}'); console.log(name + ': ' + reason); }
      catch (error) { console.log(error.code + ': ' + error.message + ' / ' + (error.cause?.code ?? 'no cause')); }`;
    const env = { ...process.env, OVERPUNCH_ENGINE: '', OVERPUNCH_LEVEL: '' };
    return execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: home, env, encoding: 'utf8' });
  }

  it('without a binary runs on the TypeScript engine, and says so where native was asked for', () => {
    expect(load('none', 'auto')).toMatch(/^ts: there is no native addon for /);
    expect(load('none', 'native')).toMatch(/^OVP_ENGINE_MISSING: there is no native addon for .*\n {2}build it with/);
  });

  it('with a binary that cannot be loaded says why, and falls back to nothing', () => {
    for (const place of ['build/Release', `prebuilds/${platformTag()}`]) {
      const name = place.replace('/', '-');
      for (const choice of ['auto', 'native']) {
        const said = load(name, choice, place, 'not a shared library');
        expect(said).toMatch(/^OVP_ENGINE_BROKEN: the native addon cannot be loaded: [^\n]+\n {2}rebuild it/);
        expect(said).toContain('ERR_DLOPEN_FAILED');
      }
      expect(load(name, 'ts')).toMatch(/^ts: /);
    }
  });

  it.skipIf(!hasAddon)('finds a prebuilt binary', () => {
    expect(load('prebuilt', 'native', `prebuilds/${platformTag()}`)).toMatch(/^native: native addon prebuilds/);
  });
});
