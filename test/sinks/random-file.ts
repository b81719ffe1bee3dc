/**
 * Random layouts with records of them, as files with a descriptor a record; those with a key have a number in each record
 * that tells it from all others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Copybook, type DecodeOptions, type Layout, type OpenOptions, type OverpunchError } from '../../src/index.js';
import { compile } from '../../src/plan/compile.js';
import { Random, RecordWriter, randomCopybook, randomOptions } from '../parity/random.js';

export interface RandomFile {
  readonly bytes: Uint8Array;
  readonly options: OpenOptions;
  readonly text: string;
}

/** Digits of the key. */
const KEY = 6;

/** Null where the layout of this seed can't have the key: it has several records. */
export function randomFile(seed: number, count: number, { keyed }: { readonly keyed: boolean }): RandomFile | null {
  const random = new Random(seed);
  const free = randomCopybook(random);
  const heads = [...free.matchAll(/^ {7}01 .*$/gm)];
  if (keyed && heads.length > 1) return null;
  const text = keyed ? free.replace(heads[0]![0], `${heads[0]![0]}\n           05 THE-KEY PIC 9(${KEY}).`) : free;
  const copybook = Copybook.parse(text, { format: 'fixed' });
  let options = randomOptions(random, copybook.layout);
  if (!isCompiled(copybook.layout, options)) options = { ...options, record: {} };
  const writer = new RecordWriter(random, copybook.layout, options);
  const quality = random.pick([100, 100, 90, 50]);
  const zone = options.encoding === 'ascii' ? 0x30 : 0xf0;
  const parts: Uint8Array[] = [];
  for (let n = 1; n <= count; n++) {
    const record = writer.record(quality);
    const own = new Uint8Array(4 + (keyed ? Math.max(record.length, KEY) : record.length));
    own.set(record, 4);
    own.set([own.length >> 8, own.length & 255]);
    if (keyed) [...String(n).padStart(KEY, '0')].forEach((digit, k) => (own[4 + k] = zone + Number(digit)));
    parts.push(own);
  }
  return { bytes: Buffer.concat(parts), options: { copybook, recfm: 'V', ...options }, text };
}

/** A condition may name what lies behind a table of variable length, which is refused. */
function isCompiled(layout: Layout, options: DecodeOptions): boolean {
  try {
    return compile(layout, options) !== null;
  } catch (error) {
    if ((error as OverpunchError).code !== 'OVP_OPTION_CONDITION') throw error;
    return false;
  }
}
