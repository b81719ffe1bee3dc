/**
 * Why records could not be found: reasons from the bytes to the likeliest cause and the option to try. Each guess is
 * tested on the bytes at hand before it is made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { DataPosition } from '../errors.js';
import { Framing, type FramingCode, FramingWord, ScanFault } from './framing.js';

export interface Finding {
  readonly code: FramingCode;
  /** One of ScanFault, with its FAULT_VALUE. */
  readonly fault: number;
  readonly value: number;
  readonly at: DataPosition;
  /** From the fault's place on, as far as at hand. */
  readonly bytes: Uint8Array;
  /** The source's first bytes, null where they are gone. */
  readonly head: Uint8Array | null;
}

/** Two bytes of length with two zero bytes, longer than any record of a real data set: not taken for one. */
const LONGEST = 32_760;
/** Records that are proof enough. */
const PROOF = 64;
/** Bytes looked at for padding and line ends. */
const SAMPLE = 4096;

/** One or two sentences with an option to try; undefined where nothing can be said. */
export function likelyCause(finding: Finding): string {
  return finding.code[FramingWord.FORMAT] === Framing.FIXED ? fixedCause(finding) : variableCause(finding);
}

function variableCause(finding: Finding): string {
  const { bytes, head, at, fault, code } = finding;
  if (fault === ScanFault.RDW_NOT_ZERO && bytes[2]! >= 1 && bytes[2]! <= 3 && bytes[3] === 0 && !isText(bytes)) {
    return 'Spanned records are not put together: copy the data set to RECFM VB first (IDCAMS REPRO, or a sort that copies).';
  }
  const isStart = at.record <= 1;
  const trailing = isStart ? undefined : trailingBytes(finding);
  if (trailing) return trailing;
  const other = head && betterOptions(finding, head, 1);
  if (other) return other;
  if (head && isStart) {
    const plain = plainData(head);
    if (plain) return plain;
  }
  if (fault === ScanFault.TRUNCATED && !isStart)
    return 'The records before it fit, so the file was probably cut off in transfer.';
  if (!isStart) {
    return (
      `The record before it (number ${at.record - 1}) has a wrong length or lost bytes: probably the file was changed in transfer. ` +
      'Transfer it in binary, with its descriptors (FTP: BINARY and SITE RDW).'
    );
  }
  if (code[FramingWord.FORMAT] === Framing.BDW_RDW) {
    return 'If the file has no BDWs try --recfm V; if its lengths do not count their own 4 bytes, --bdw-adjust 4 --rdw-adjust 4.';
  }
  const cut = fault === ScanFault.TRUNCATED ? 'The file was cut off in transfer, or these bytes are no RDW. ' : '';
  return `${cut}If the file has no RDWs try --recfm F; FTP drops them unless told SITE RDW.`;
}

/** A recfm with its options, as candidate for what the file is. */
function candidate(format: number, little: number, bdwAdjust: number, rdwAdjust: number): FramingCode {
  const code = new Int32Array(8);
  code[FramingWord.FORMAT] = format;
  code[FramingWord.RDW_LITTLE] = little;
  code[FramingWord.RDW_ADJUST] = rdwAdjust;
  if (format === Framing.BDW_RDW) {
    code[FramingWord.BDW_LITTLE] = little;
    code[FramingWord.BDW_ADJUST] = bdwAdjust;
  }
  return code;
}

/** The likelier first: what fits equally well is decided by the order. */
const CANDIDATES: readonly FramingCode[] = [
  candidate(Framing.RDW, 0, 0, 0),
  candidate(Framing.BDW_RDW, 0, 0, 0),
  candidate(Framing.RDW, 1, 0, 0),
  candidate(Framing.RDW, 0, 0, 4),
  candidate(Framing.RDW, 1, 0, 4),
  candidate(Framing.BDW_RDW, 0, 4, 4),
  candidate(Framing.BDW_RDW, 0, 4, 0),
  candidate(Framing.BDW_RDW, 0, 0, 4),
  candidate(Framing.BDW_RDW, 1, 0, 0),
  candidate(Framing.BDW_RDW, 1, 4, 4),
  candidate(Framing.BDW_RDW, 1, 4, 0),
  candidate(Framing.BDW_RDW, 1, 0, 4),
];

interface Fit {
  /** Records found before the first thing that does not fit, or the end of the bytes. */
  readonly records: number;
  readonly refuted: boolean;
  /** Length of the first record by its descriptor. */
  readonly first: number;
}

/** The options with which the most records of the source's start fit, where those are `least` and more than now. */
function betterOptions({ code, fault, at, value }: Finding, head: Uint8Array, least: 1 | 2): string | undefined {
  const complete = fault === ScanFault.TRUNCATED && head.length === at.offset + value;
  let best: { options: string; records: number; first: number } | undefined;
  for (const other of CANDIDATES) {
    const { records, refuted, first } = walk(other, head, complete);
    const options = optionsOf(other, code);
    if (options === '' || first === 0 || (refuted && records < 8)) continue;
    const better = !best || records > best.records || (records === best.records && first < best.first);
    if (better) best = { options, records, first };
  }
  // What failed at the first record fits nothing now.
  const hasDescriptors = code[FramingWord.FORMAT] === Framing.RDW || code[FramingWord.FORMAT] === Framing.BDW_RDW;
  const own = hasDescriptors && at.record > 1 ? walk(code, head, complete).records : 0;
  if (best && best.records >= 2 && best.records > own) {
    return `Read with ${best.options}, the first ${best.records} records fit: try that.`;
  }
  if (own === 0 && wordLengths(head)) {
    return (
      'Each record seems to have its length before it as a 4-byte number, as z/OSMF writes in record mode; ' +
      'that is not read. Transfer the data set in binary with its RDWs.'
    );
  }
  if (!best || own > 0 || least > 1) return undefined;
  return `Read with ${best.options}, the first record has ${best.first} bytes, which can be: try that.`;
}

/** The options of `other` that `current` does not have already. */
function optionsOf(other: FramingCode, current: FramingCode): string {
  const options: string[] = [];
  const format = other[FramingWord.FORMAT]!;
  const differs = (word: number): boolean => other[word] !== current[word];
  if (differs(FramingWord.FORMAT)) options.push(`--recfm ${format === Framing.BDW_RDW ? 'VB' : 'V'}`);
  if (format === Framing.BDW_RDW) {
    if (differs(FramingWord.BDW_LITTLE))
      options.push(`--bdw-endian ${other[FramingWord.BDW_LITTLE] ? 'little' : 'big'}`);
    if (differs(FramingWord.BDW_ADJUST)) options.push(`--bdw-adjust ${other[FramingWord.BDW_ADJUST]}`);
  }
  if (differs(FramingWord.RDW_LITTLE)) options.push(`--rdw-endian ${other[FramingWord.RDW_LITTLE] ? 'little' : 'big'}`);
  if (differs(FramingWord.RDW_ADJUST)) options.push(`--rdw-adjust ${other[FramingWord.RDW_ADJUST]}`);
  return options.join(' ');
}

/** Follows the descriptors through the bytes; `complete`: nothing comes behind them. */
function walk(code: FramingCode, data: Uint8Array, complete: boolean): Fit {
  const blocked = code[FramingWord.FORMAT] === Framing.BDW_RDW;
  let at = 0;
  let records = 0;
  let first = 0;
  const refuted = (): Fit => ({ records, refuted: true, first });
  while (at + 4 <= data.length && records < PROOF) {
    let end = Number.POSITIVE_INFINITY;
    if (blocked) {
      const block = lengthAt(data, at, code[FramingWord.BDW_LITTLE]!, code[FramingWord.BDW_ADJUST]!);
      if (block < 8) return refuted();
      end = at + block;
      at += 4;
    }
    do {
      if (at + 4 > data.length) return { records, refuted: complete, first };
      const length = lengthAt(data, at, code[FramingWord.RDW_LITTLE]!, code[FramingWord.RDW_ADJUST]!);
      if (length < 4 || at + length > end) return refuted();
      if (first === 0) first = length;
      at += length;
      if (at > data.length) {
        // What goes on behind the bytes at hand may be right, but proves nothing.
        return { records, refuted: complete, first };
      }
      records++;
    } while (blocked && at < end && records < PROOF);
  }
  return { records, refuted: complete && at !== data.length && records < PROOF, first };
}

/** Length by the descriptor at `at`, adjusted; -1 where its other two bytes are not zero or it is too long. */
export function lengthAt(data: Uint8Array, at: number, little: number, adjust: number): number {
  const [a, b, c, d] = [data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!];
  let length = -1;
  if (c === 0 && d === 0) length = little ? a | (b << 8) : (a << 8) | b;
  else if (little && a === 0 && b === 0) length = c | (d << 8);
  return length < 0 || length > LONGEST ? -1 : length + adjust;
}

/** Two records at least, each behind a big-endian 32-bit length that does not count itself. */
function wordLengths(data: Uint8Array): boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  let records = 0;
  while (at + 4 <= data.length && records < PROOF) {
    const length = view.getUint32(at);
    if (length === 0 || length > LONGEST) return false;
    at += 4 + length;
    if (at <= data.length) records++;
  }
  return records >= 2;
}

/** What stands behind the last record of a file, where it is of no record: padding, marks of an end. */
function trailingBytes({ bytes, at, value, fault, code }: Finding): string | undefined {
  const rest = bytes.subarray(0, SAMPLE);
  if (rest.length === 0) return undefined;
  const limit = `--limit ${at.record - 1} reads the records before.`;
  if (rest.length > 1 && rest.every((byte) => byte === 0)) {
    return `From here on there is only x'00': the file is probably padded behind its last record. ${limit}`;
  }
  const isLast = fault === ScanFault.TRUNCATED && value <= 4 && rest.length >= value;
  if (!isLast) return undefined;
  const marks = rest.subarray(0, value);
  if (marks.every(isLineEnd)) return `A line end was added behind the last record. ${limit}`;
  if (marks.every((byte) => byte === 0x1a || isLineEnd(byte))) {
    return `The end-of-file mark x'1A' of DOS was added behind the last record. ${limit}`;
  }
  const isFixed = code[FramingWord.FORMAT] === Framing.FIXED;
  return !isFixed && marks.every((byte) => byte === 0)
    ? `A zero byte was added behind the last record. ${limit}`
    : undefined;
}

/** The source begins with characters where a length should be. */
function plainData(head: Uint8Array): string | undefined {
  const sample = head.subarray(0, SAMPLE);
  if (isEbcdic(sample)) {
    const found = 'The file begins with EBCDIC characters, not with a length: ';
    return sample.some(isLineEnd) && sample.every((byte) => byte >= 0x40 || isLineEnd(byte))
      ? `${found}it is text in lines. Try --recfm lines.`
      : `${found}it is probably RECFM F, or its RDWs were left out in transfer (FTP: SITE RDW keeps them). Try --recfm F.`;
  }
  if (!isAscii(sample)) return undefined;
  const lines = sample.includes(0x0a) ? 'try --recfm lines --encoding ascii' : 'try --recfm F --encoding ascii';
  return (
    `The file begins with ASCII characters, not with a length: it is a text file (${lines}), ` +
    'or it was converted in transfer, which destroys packed and binary fields (transfer it in binary).'
  );
}

function fixedCause(finding: Finding): string {
  const { code, at, value, bytes, head } = finding;
  const lrecl = code[FramingWord.LRECL]!;
  const total = at.offset + value;
  const complete = at.record - 1;
  const trailing = complete > 0 ? trailingBytes(finding) : undefined;
  if (trailing) return trailing;
  const other = head && head.length >= 8 ? betterOptions(finding, head, 2) : undefined;
  if (other) return other;
  const last = bytes[value - 1];
  for (const extra of [1, 2]) {
    if (total % (lrecl + extra) !== 0 || last === undefined || !isLineEnd(last)) continue;
    const records = total / (lrecl + extra);
    return `${total} bytes are ${records} records of ${lrecl} with a line end each: try --lrecl ${lrecl + extra}, or --recfm lines.`;
  }
  const guesses: string[] = [];
  if (total % (lrecl + 4) === 0) {
    guesses.push(`${total / (lrecl + 4)} records of ${lrecl} with an RDW of 4 bytes each (--recfm V)`);
  }
  for (const length of nearDivisors(total, lrecl))
    guesses.push(`${total / length} records of ${length} (--lrecl ${length})`);
  if (guesses.length > 0)
    return `${total} bytes are ${guesses.slice(0, 3).join(', or ')}: does the copybook match the file?`;
  if (complete === 0) return 'Is it the right file, and does the copybook match it?';
  return `No length near ${lrecl} divides ${total} bytes: the file was probably cut off in transfer. --limit ${complete} reads the whole records.`;
}

/** Lengths within a tenth of `near` (but 16 bytes at least) that divide `total`, the nearest first. */
function nearDivisors(total: number, near: number): number[] {
  const reach = Math.min(Math.max(16, Math.floor(near / 10)), 1000);
  const found: number[] = [];
  for (let distance = 1; distance <= reach; distance++) {
    for (const length of [near + distance, near - distance]) {
      if (length > 1 && length !== near + 4 && total % length === 0) found.push(length);
    }
  }
  return found.slice(0, 3);
}

function isLineEnd(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x15 || byte === 0x25;
}

/** The first four bytes are characters, and so are most of those behind them. */
function isEbcdic(bytes: Uint8Array): boolean {
  return mostly(bytes, (byte) => {
    const low = byte & 0x0f;
    if (byte >= 0xf0) return low <= 9;
    if (byte >= 0x81)
      return low >= (byte >= 0xe0 || (byte >= 0xa0 && byte < 0xb0) ? 2 : 1) && low <= 9 && (byte & 0xf0) !== 0xb0;
    return (
      byte === 0x40 || (byte > 0x4a && byte < 0x80 && (low >= 0x0a || byte === 0x50 || byte === 0x60 || byte === 0x61))
    );
  });
}

function isAscii(bytes: Uint8Array): boolean {
  return mostly(bytes, (byte) => byte >= 0x20 && byte < 0x7f);
}

function isText(bytes: Uint8Array): boolean {
  return isEbcdic(bytes) || isAscii(bytes);
}

function mostly(bytes: Uint8Array, test: (byte: number) => boolean): boolean {
  const sample = bytes.subarray(0, 64);
  let count = 0;
  for (const byte of sample) if (test(byte)) count++;
  return sample.length > 0 && sample.subarray(0, 4).every(test) && count * 2 >= sample.length;
}
