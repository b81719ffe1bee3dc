/**
 * Copybooks for tests of schemas: those of the oracle, beside it and from its generator, and the parity test's, which come
 * with records and options.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Copybook, type DecodeOptions, OverpunchError, type ValueOptions, open } from '../../src/index.js';
import { compile } from '../../src/plan/compile.js';
import { planOf } from '../parity/plans.js';
import { Random, RecordWriter, randomCopybook, randomOptions } from '../parity/random.js';

const ORACLE = fileURLToPath(new URL('../oracle/', import.meta.url));

export interface Case {
  readonly name: string;
  readonly copybook: Copybook;
  readonly options: DecodeOptions;
}

export interface DataCase extends Case {
  /** Records with an RDW each. */
  readonly data: Uint8Array;
}

/** Every copybook of the oracle that can be decoded, then random ones of its generator. */
export function oracleCases(count: number): Case[] {
  const files = readdirSync(`${ORACLE}copybooks`).sort();
  const texts = files.map((name) => [name, readFileSync(`${ORACLE}copybooks/${name}`, 'utf8')] as const);
  const script = `import sys, json; sys.path.insert(0, sys.argv[1]); import gen
for seed in range(1, int(sys.argv[2]) + 1): print(json.dumps(gen.generate(seed, 1)[0]))`;
  const made = spawnSync('python3', ['-B', '-c', script, ORACLE, String(count)], { encoding: 'utf8' });
  if (made.error) console.warn('there is no python3 here: only the copybooks beside the oracle are taken');
  else if (made.status !== 0) throw new Error(`the oracle's generator failed: ${made.stderr}`);
  const random = (made.error ? '' : made.stdout)
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line, n) => [`seed ${n + 1}`, JSON.parse(line) as string] as const);
  return [...texts, ...random].flatMap(([name, text]) => {
    const copybook = Copybook.parse(text, { dialect: name.includes('native') ? 'gnucobol' : 'ibm' });
    const options = { codePage: '939' };
    return canDecode(copybook, options) ? [{ name, copybook, options }] : [];
  });
}

/** Some of the oracle's have usages without a value yet. */
function canDecode({ layout }: Copybook, options: DecodeOptions): boolean {
  try {
    compile(layout, options);
    return true;
  } catch (error) {
    if (error instanceof OverpunchError && error.code === 'OVP_PLAN_UNSUPPORTED') return false;
    throw error;
  }
}

/** A copybook of the parity test with `count` records, some of which are bad. */
export function randomCase(seed: number, count = 12): DataCase {
  const random = new Random(seed * 7 + 5);
  const text = randomCopybook(random);
  const copybook = Copybook.parse(text, { format: 'fixed' });
  let options = randomOptions(random, copybook.layout);
  if (planOf(copybook.layout, options).schema.children.length === 0) return randomCase(seed + 10_000, count);
  try {
    compile(copybook.layout, options);
  } catch {
    options = { ...options, record: {} };
  }
  const writer = new RecordWriter(random, copybook.layout, options);
  const records = Array.from({ length: count }, () => writer.record(random.pick([100, 100, 50, 0])));
  return { name: `seed ${seed}:\n${text}`, copybook, options, data: framed(records) };
}

function framed(records: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    records
      .filter(({ length }) => length > 0)
      .flatMap((record) => [Buffer.from([(record.length + 4) >> 8, (record.length + 4) & 255, 0, 0]), record]),
  );
}

/** The records of a case as JSON lines. */
export async function linesOf({ copybook, options, data }: DataCase, shown: ValueOptions = {}): Promise<string[]> {
  const reader = open(data, { copybook, recfm: 'V', ...options, ...shown });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.toJsonLines()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString().split('\n').slice(0, -1);
}
