/**
 * From options to a framing code, and from what a scan found wrong to an error that says why and what to try.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type DataPosition, type ErrorCode, OverpunchError, didYouMean } from '../errors.js';
import type { FramingOptions } from '../options.js';
import { lengthAt, likelyCause } from './causes.js';
import { Framing, type FramingCode, FramingWord, ScanFault } from './framing.js';

/** Words of a framing code. */
const WORDS = 8;
const MAX_LRECL = 0x0fffffff;
const MAX_ADJUST = 0xffff;

const FORMATS: Readonly<Record<string, number>> = {
  F: Framing.FIXED,
  FB: Framing.FIXED,
  V: Framing.RDW,
  VB: Framing.BDW_RDW,
  LINES: Framing.LINES,
};

/** Formats that exist and are not read, with what to do instead. */
const UNREAD: Readonly<Record<string, string>> = {
  VS: 'Spanned records are not put together; copy the data set to RECFM VB first.',
  VBS: 'Spanned records are not put together; copy the data set to RECFM VB first.',
  U: 'Where records end is not in the bytes; if all are of one length, take recfm F and lrecl.',
};

export interface FramingCodeOptions extends FramingOptions {
  /** LINES: which bytes end a line. Default `ebcdic`. */
  readonly encoding?: 'ebcdic' | 'ascii';
}

/**
 * Checks the options and packs them. `lrecl` is the length that the copybook's records have, null where they have
 * several; the option of that name comes before it.
 * @throws OverpunchError OVP_OPTION_RECFM, OVP_OPTION_LRECL, OVP_OPTION_RDW_ENDIAN ...
 */
export function framingCode(options: FramingCodeOptions, lrecl: number | null): FramingCode {
  const code: FramingCode = new Int32Array(WORDS);
  const format = formatOf(options, lrecl);
  const length = lengthOf(options, lrecl, format);
  code[FramingWord.FORMAT] = format;
  code[FramingWord.LRECL] = length;
  code[FramingWord.RDW_LITTLE] = littleOf(options.rdwEndian, 'rdwEndian');
  code[FramingWord.RDW_ADJUST] = adjustOf(options.rdwAdjust, 'rdwAdjust');
  code[FramingWord.BDW_LITTLE] = littleOf(options.bdwEndian, 'bdwEndian');
  code[FramingWord.BDW_ADJUST] = adjustOf(options.bdwAdjust, 'bdwAdjust');
  code[FramingWord.ASCII] = options.encoding === 'ascii' ? 1 : 0;
  refuseUnused(code, options);
  return code;
}

function formatOf({ recfm }: FramingOptions, lrecl: number | null): number {
  if (recfm === undefined) {
    if (lrecl !== null) return Framing.FIXED;
    throw new OverpunchError(
      'OVP_OPTION_RECFM',
      'Records of this copybook have several lengths: recfm must say how they are told apart',
      {
        hint: 'Take recfm V (each record begins with an RDW), VB (with BDWs too), lines, or F with lrecl.',
      },
    );
  }
  const wanted = typeof recfm === 'string' ? (recfm as string).toUpperCase() : '';
  if (Object.hasOwn(FORMATS, wanted)) return FORMATS[wanted]!;
  const known = 'recfm is one of F, FB, V, VB, lines.';
  if (Object.hasOwn(UNREAD, wanted)) {
    throw new OverpunchError('OVP_OPTION_RECFM', `recfm ${wanted} is not read`, { hint: `${UNREAD[wanted]} ${known}` });
  }
  if (/^(?:F|FB|V|VB)[AM]$/.test(wanted)) {
    throw new OverpunchError('OVP_OPTION_RECFM', `recfm ${wanted} is given without its last letter`, {
      hint: `Take recfm ${wanted.slice(0, -1)}; the printer control byte is the first of each record, for which the copybook needs a PIC X.`,
    });
  }
  const near = didYouMean(wanted, Object.keys(FORMATS)).map((name) => (name === 'LINES' ? 'lines' : name));
  const guess = wanted !== '' && near.length > 0 ? `Did you mean ${near.join(' or ')}? ` : '';
  throw new OverpunchError('OVP_OPTION_RECFM', `There is no recfm ${JSON.stringify(recfm)}`, { hint: guess + known });
}

function lengthOf({ lrecl: given }: FramingOptions, layout: number | null, format: number): number {
  if (given !== undefined && !(Number.isInteger(given) && given > 0 && given <= MAX_LRECL)) {
    throw new OverpunchError(
      'OVP_OPTION_LRECL',
      `lrecl must be a whole number from 1 to ${MAX_LRECL}, not ${shown(given)}`,
    );
  }
  if (format !== Framing.FIXED) return 0;
  const length = given ?? layout;
  if (length === null) {
    throw new OverpunchError('OVP_OPTION_LRECL', 'Records of this copybook have several lengths: recfm F needs lrecl', {
      hint: "lrecl is the length that every record has in the file, e.g. as in the data set's DCB.",
    });
  }
  if (length <= 0) {
    throw new OverpunchError('OVP_OPTION_LRECL', 'The copybook has no bytes: recfm F needs lrecl');
  }
  return length;
}

function littleOf(endian: unknown, name: string): number {
  if (endian === undefined || endian === 'big') return 0;
  if (endian === 'little') return 1;
  const near = typeof endian === 'string' ? didYouMean(endian, ['big', 'little']) : [];
  const guess = near.length > 0 ? `Did you mean ${near[0]}?` : undefined;
  const message = `${name} is big or little, not ${shown(endian)}`;
  throw new OverpunchError(optionCode(name), message, { hint: guess });
}

function adjustOf(adjust: unknown, name: string): number {
  if (adjust === undefined) return 0;
  if (typeof adjust === 'number' && Number.isInteger(adjust) && Math.abs(adjust) <= MAX_ADJUST) return adjust;
  const message = `${name} must be a whole number from -${MAX_ADJUST} to ${MAX_ADJUST}, not ${shown(adjust)}`;
  throw new OverpunchError(optionCode(name), message, {
    hint: 'It is added to each length found: 4 where lengths do not count their own four bytes.',
  });
}

/** An option that would change nothing was meant for another record format. */
function refuseUnused(code: FramingCode, options: FramingOptions): void {
  const refuse = (name: string, formats: string): never => {
    const recfm = options.recfm ?? 'F';
    throw new OverpunchError(optionCode(name), `${name} has no meaning with recfm ${recfm}`, {
      hint: `It is for recfm ${formats}.`,
    });
  };
  const format = code[FramingWord.FORMAT];
  if (format !== Framing.BDW_RDW) {
    if (code[FramingWord.BDW_LITTLE] !== 0) refuse('bdwEndian', 'VB');
    if (code[FramingWord.BDW_ADJUST] !== 0) refuse('bdwAdjust', 'VB');
  }
  if (format === Framing.FIXED || format === Framing.LINES) {
    if (code[FramingWord.RDW_LITTLE] !== 0) refuse('rdwEndian', 'V and VB');
    if (code[FramingWord.RDW_ADJUST] !== 0) refuse('rdwAdjust', 'V and VB');
  }
}

function optionCode(name: string): ErrorCode {
  return `OVP_OPTION_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/**
 * The error for a fault of a scan (or for a last record of recfm F that is too short: TRUNCATED).
 *
 * @param at the record that could not be read, and the offset of its first byte or descriptor
 * @param value FAULT_VALUE of the scan
 * @param bytes what is at that offset, as much as is at hand: the more, the better the guess
 * @param head the first bytes of the source, where they are still at hand
 */
export function framingError(
  code: FramingCode,
  fault: number,
  at: DataPosition,
  value: number,
  bytes: Uint8Array,
  head?: Uint8Array,
): OverpunchError {
  const [family, message] = describe(code, fault, value, bytes, at);
  const hint = likelyCause({ code, fault, at, value, bytes, head: head ?? (at.offset === 0 ? bytes : null) });
  return new OverpunchError(family, `${message}; found ${hex(bytes)}`, { data: at, hint });
}

function describe(
  code: FramingCode,
  fault: number,
  value: number,
  bytes: Uint8Array,
  at: DataPosition,
): [ErrorCode, string] {
  const format = code[FramingWord.FORMAT];
  const added = (adjust: number): string =>
    adjust === 0 ? '' : ` (with ${adjust > 0 ? `${adjust} added` : `${-adjust} taken away`})`;
  const rdwAdjust = added(code[FramingWord.RDW_ADJUST]!);
  switch (fault) {
    case ScanFault.TRUNCATED: {
      if (format === Framing.FIXED) {
        const lrecl = code[FramingWord.LRECL]!;
        const whole =
          at.offset === 0 ? 'The file is shorter than one record' : "The file's length is not a multiple of LRECL";
        return ['OVP_FRAME_LENGTH', `${whole}: ${plural(value, 'byte')} left over where a record has ${lrecl}`];
      }
      if (value < 4) {
        return [
          'OVP_FRAME_TRUNCATED',
          `The file ends inside the four bytes of a descriptor: ${plural(value, 'byte')} left`,
        ];
      }
      const length =
        format === Framing.RDW ? lengthAt(bytes, 0, code[FramingWord.RDW_LITTLE]!, code[FramingWord.RDW_ADJUST]!) : -1;
      const wanted = length > 0 ? ` of ${length} by the RDW${rdwAdjust}` : '';
      return ['OVP_FRAME_TRUNCATED', `The file ends inside a record: ${plural(value, 'byte')} left${wanted}`];
    }
    case ScanFault.RDW_TOO_SMALL:
      return [
        'OVP_FRAME_RDW',
        `This is no RDW: its length would be ${value}${rdwAdjust}, and the RDW's own 4 bytes count`,
      ];
    case ScanFault.RDW_NOT_ZERO: {
      const segment = spanned(bytes);
      if (segment) return ['OVP_FRAME_SPANNED', `This is the ${segment} segment of a spanned record (RECFM VS or VBS)`];
      return ['OVP_FRAME_RDW', 'This is no RDW: its third and fourth byte must be zero'];
    }
    case ScanFault.BDW_TOO_SMALL: {
      const bdwAdjust = added(code[FramingWord.BDW_ADJUST]!);
      return [
        'OVP_FRAME_BDW',
        `This is no BDW: its length would be ${value}${bdwAdjust}, and a block has at least 8 bytes`,
      ];
    }
    case ScanFault.RECORD_BEYOND_BLOCK:
      return ['OVP_FRAME_BLOCK', `A record of ${value} bytes (by its RDW) reaches beyond its block`];
    case ScanFault.BLOCK_REST:
      return ['OVP_FRAME_BLOCK', `A block ends inside an RDW: ${plural(value, 'byte')} of it left`];
    default:
      return ['OVP_FRAME_RDW', `The record can't be found (fault ${fault}, value ${value})`];
  }
}

/** Which segment an RDW with bytes 3-4 of x'0100' to x'0300' begins; undefined where that is not what it is. */
function spanned(bytes: Uint8Array): string | undefined {
  if (bytes.length < 4 || bytes[3] !== 0 || ((bytes[0]! << 8) | bytes[1]!) < 4) return undefined;
  return [undefined, 'first', 'last', 'middle'][bytes[2]!];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? ' is' : 's are'}`;
}

/** The first bytes as x'C1C2C3'. */
function hex(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'no bytes';
  const shownBytes = bytes.subarray(0, 16);
  const digits = Array.from(shownBytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');
  return `x'${digits}'${bytes.length > shownBytes.length ? '...' : ''}`;
}
