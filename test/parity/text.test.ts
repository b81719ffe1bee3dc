/**
 * Native = TypeScript, in text: JSON lines and CSV by the C core and by the encoders, over random layouts and records, with
 * every option. `OVERPUNCH_PARITY=N` runs N layouts, `OVERPUNCH_SEED=S` starts at seed S.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { type Part, DecodeLoop } from '../../src/batch/decode.js';
import { countFaults } from '../../src/batch/faults.js';
import type { Encoder } from '../../src/connectors/connector.js';
import { csv } from '../../src/connectors/csv.js';
import { jsonLines } from '../../src/connectors/json.js';
import { TextLoop, partOf } from '../../src/connectors/text.js';
import { Copybook } from '../../src/copybook.js';
import type { Engine, Records } from '../../src/engine/engine.js';
import { ProgramWord, TextFormat } from '../../src/engine/program.js';
import { Head } from '../../src/engine/slab.js';
import { createTsEngine } from '../../src/engine/ts/engine.js';
import type { ValueOptions } from '../../src/options.js';
import type { Plan } from '../../src/plan/plan.js';
import { lay, nativeEngine, planOf } from './plans.js';
import { Random, RecordWriter, randomCopybook, randomOptions } from './random.js';

const LAYOUTS = Number(process.env.OVERPUNCH_PARITY ?? 1000);
const FIRST = Number(process.env.OVERPUNCH_SEED ?? 1);
const CHUNK = 50;

const native = nativeEngine();

type Bytes = (value: bigint, negative: boolean) => Buffer;

function packed(digits: number): Bytes {
  const length = (digits >> 1) + 1;
  return (value, negative) =>
    Buffer.from(kept(value, digits).padStart(2 * length - 1, '0') + (negative ? 'd' : 'c'), 'hex');
}

function zoned(digits: number): Bytes {
  return (value, negative) => {
    const bytes = Buffer.from([...kept(value, digits)].map((digit) => 0xf0 + Number(digit)));
    bytes[digits - 1] = (bytes[digits - 1]! & 0x0f) | (negative ? 0xd0 : 0xc0);
    return bytes;
  };
}

function binary(length: number): Bytes {
  return (value, negative) => {
    const n = BigInt.asUintN(8 * length, negative ? -value : value);
    return Buffer.from(n.toString(16).padStart(2 * length, '0'), 'hex');
  };
}

/** The last so many digits. */
const kept = (value: bigint, digits: number): string => value.toString().padStart(digits, '0').slice(-digits);

const NUMBERS: readonly (readonly [clause: string, bytes: Bytes])[] = [
  ['S9(9) COMP-3', packed(9)],
  ['S9(7)V99 COMP-3', packed(9)],
  ['S9(4)V9(14) COMP-3', packed(18)],
  ['SV9(5) COMP-3', packed(5)],
  ['SPP9(3) COMP-3', packed(3)],
  ['S9(3)PP COMP-3', packed(3)],
  ['S9(3)P(33) COMP-3', packed(3)],
  ['S9(31) COMP-3', packed(31)],
  ['S9(7)', zoned(7)],
  ['S9(16)V99', zoned(18)],
  ['SV9(3)', zoned(3)],
  ['S9(2)P(30)', zoned(2)],
  ['S9(4) COMP-5', binary(2)],
  ['S9(9) COMP-5', binary(4)],
  ['S9(2)V99 COMP-5', binary(2)],
  ['S9(18) COMP-5', binary(8)],
  ['S9(15)V9(3) COMP-5', binary(8)],
];

describe.skipIf(!native)('native and TypeScript text agree', () => {
  const ts = createTsEngine('parity test');
  for (let from = FIRST; from < FIRST + LAYOUTS; from += CHUNK) {
    const to = Math.min(from + CHUNK, FIRST + LAYOUTS);
    it(`layouts ${from} to ${to - 1}`, () => {
      for (let seed = from; seed < to; seed++) compare(seed, native!, ts);
    });
  }
});

/** Numbers at which their lengths change: every power of ten, what is one below it, and zero, each with either sign. */
describe.skipIf(!native)('numbers of every length agree', () => {
  const ts = createTsEngine('parity test');
  const lines = NUMBERS.map(([clause], i) => `           05  N${i} PIC ${clause}.\n`).join('');
  const { layout } = Copybook.parse(`       01  R.\n${lines}`, { format: 'fixed' });
  const plan = planOf(layout, {});
  const list = Array.from({ length: 20 * 4 }, (_, i) => {
    const value = 10n ** BigInt(i >> 2) - BigInt((i >> 1) & 1);
    return Buffer.concat(NUMBERS.map(([, bytes]) => bytes(i < 78 ? value : 0n, (i & 1) === 1)));
  });
  for (const encoder of [jsonLines(plan.schema), csv(plan.schema)]) {
    it(encoder.program().code[ProgramWord.FORMAT] === TextFormat.JSON ? 'JSON lines' : 'CSV', () => {
      expect(written(native!, plan, encoder, strided(list))).toEqual(encoded(ts, plan, encoder, strided(list)));
    });
  }
});

interface Outcome {
  readonly text: string;
  readonly counts: { readonly records: number; readonly short: number; readonly long: number; readonly bad: number };
}

function compare(seed: number, native: Engine, ts: Engine): void {
  const random = new Random(seed * 3 + 1);
  const copybook = randomCopybook(random);
  const { layout } = Copybook.parse(copybook, { format: 'fixed' });
  const options = randomOptions(random, layout);
  const plan = planOf(layout, { ...options, text: random.pick(['utf8', 'utf8', 'latin1']) });
  const writer = new RecordWriter(random, layout, options);
  const quality = random.pick([100, 100, 99, 90, 50, 0]);
  const list = Array.from({ length: random.pick([1, 3, 40, 300, 700]) }, () => writer.record(quality));
  const records = random.chance(30) ? strided(list) : lay(list);
  const shown: ValueOptions = {
    names: random.pick(['cobol', 'camel', 'snake']),
    decimals: random.pick(['string', 'number']),
  };
  const encoder = random.chance(50) ? jsonLines(plan.schema, shown) : csv(plan.schema, shown);
  const place = `seed ${seed}: ${JSON.stringify(options)} ${JSON.stringify(shown)}\n${copybook}`;
  const expected = encoded(ts, plan, encoder, records);
  const actual = written(native, plan, encoder, records);
  if (actual.text !== expected.text) {
    const at = [...actual.text].findIndex((letter, i) => letter !== expected.text[i]);
    const around = (text: string): string => text.slice(Math.max(0, at - 60), at + 60);
    expect(around(actual.text), `byte ${at}, ${place}`).toBe(around(expected.text));
  }
  expect(actual, place).toEqual(expected);
}

/** Records of one length, as far as they are that long. */
function strided(list: readonly Uint8Array[]): Records {
  const stride = Math.max(1, list[0]!.length);
  const { data } = lay(list);
  return { data, starts: null, ends: null, first: 0, count: Math.floor(data.length / stride), stride };
}

function loopOf(engine: Engine, plan: Plan): DecodeLoop {
  return new DecodeLoop(engine, plan, { own: false, batchRecords: 512, typicalLength: 100 });
}

function encoded(engine: Engine, plan: Plan, encoder: Encoder, records: Records): Outcome {
  const counts = { records: 0, short: 0, long: 0, bad: 0 };
  let text = '';
  for (const { batch } of loopOf(engine, plan).batches({ records, firstRecord: 1, recordNumbers: null })) {
    encoder.encode(batch, (bytes) => {
      text += Buffer.from(bytes).toString('latin1');
    });
    counts.records += batch.length;
    counts.short += batch.slab.head[Head.SHORT]!;
    counts.long += batch.slab.head[Head.LONG]!;
    counts.bad += countFaults(batch);
  }
  return { text, counts };
}

function written(engine: Engine, plan: Plan, encoder: Encoder, records: Records): Outcome {
  const counts = { records: 0, short: 0, long: 0, bad: 0 };
  const loop = loopOf(engine, plan);
  const text = new TextLoop(engine.writer!.bind(engine), loop, encoder.program());
  const part: Part = { records, firstRecord: 1, recordNumbers: null };
  for (let done = 0; done < records.count; ) {
    const step = text.step(partOf(part, done, records.count - done));
    counts.records += step.records;
    counts.short += step.short;
    counts.long += step.long;
    done += step.records;
    for (const { batch } of loop.batches(partOf(part, done, step.aside))) {
      text.rows(batch);
      counts.records += batch.length;
      counts.short += batch.slab.head[Head.SHORT]!;
      counts.long += batch.slab.head[Head.LONG]!;
      counts.bad += countFaults(batch);
    }
    done += step.aside;
  }
  return { text: Buffer.concat(text.flush()).toString('latin1'), counts };
}
