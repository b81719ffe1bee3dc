/**
 * Framing options to code, and messages for what a scan finds wrong: the guesses are checked on real bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { codePage } from '../../src/codepage/codepage.js';
import { OverpunchError } from '../../src/errors.js';
import { type FramingCodeOptions, framingCode, framingError } from '../../src/framing/codes.js';
import { Framing, FramingWord, ScanFault } from '../../src/framing/framing.js';

function failure(options: object, lrecl: number | null = 80): OverpunchError {
  try {
    framingCode(options as FramingCodeOptions, lrecl);
  } catch (error) {
    expect(error).toBeInstanceOf(OverpunchError);
    return error as OverpunchError;
  }
  throw new Error(`${JSON.stringify(options)} was accepted`);
}

describe('framingCode', () => {
  it.each<[object, number | null, number[]]>([
    [{}, 80, [Framing.FIXED, 80, 0, 0, 0, 0, 0, 0]],
    [{ recfm: 'F', lrecl: 100 }, 80, [Framing.FIXED, 100, 0, 0, 0, 0, 0, 0]],
    [{ recfm: 'FB', lrecl: 100 }, null, [Framing.FIXED, 100, 0, 0, 0, 0, 0, 0]],
    [{ recfm: 'fb' }, 80, [Framing.FIXED, 80, 0, 0, 0, 0, 0, 0]],
    [{ recfm: 'V' }, null, [Framing.RDW, 0, 0, 0, 0, 0, 0, 0]],
    [{ recfm: 'V', rdwEndian: 'little', rdwAdjust: -4 }, 80, [Framing.RDW, 0, 1, -4, 0, 0, 0, 0]],
    [
      { recfm: 'VB', rdwEndian: 'big', rdwAdjust: 4, bdwEndian: 'little', bdwAdjust: 65535 },
      null,
      [Framing.BDW_RDW, 0, 0, 4, 1, 65535, 0, 0],
    ],
    [{ recfm: 'lines' }, null, [Framing.LINES, 0, 0, 0, 0, 0, 0, 0]],
    [{ recfm: 'lines', encoding: 'ascii' }, null, [Framing.LINES, 0, 0, 0, 0, 0, 1, 0]],
    [{ recfm: 'F', rdwEndian: 'big', rdwAdjust: 0 }, 80, [Framing.FIXED, 80, 0, 0, 0, 0, 0, 0]],
  ])('%j, layout %j', (options, lrecl, words) => {
    expect([...framingCode(options as FramingCodeOptions, lrecl)]).toEqual(words);
  });

  it.each<[object, string, string, string?]>([
    [{ recfm: 'X' }, 'OVP_OPTION_RECFM', 'There is no recfm "X"', 'F, FB, V, VB, lines'],
    [{ recfm: 'lnes' }, 'OVP_OPTION_RECFM', '"lnes"', 'Did you mean lines?'],
    [{ recfm: '' }, 'OVP_OPTION_RECFM', '""', 'recfm is one of'],
    [{ recfm: 5 }, 'OVP_OPTION_RECFM', 'recfm 5', 'recfm is one of'],
    [{ recfm: 'constructor' }, 'OVP_OPTION_RECFM', '"constructor"'],
    [{ recfm: 'VBS' }, 'OVP_OPTION_RECFM', 'recfm VBS is not read', 'RECFM VB first'],
    [{ recfm: 'u' }, 'OVP_OPTION_RECFM', 'recfm U is not read'],
    [{ recfm: 'FBA' }, 'OVP_OPTION_RECFM', 'without its last letter', 'Take recfm FB;'],
    [{ lrecl: 0 }, 'OVP_OPTION_LRECL', 'not 0'],
    [{ lrecl: -80 }, 'OVP_OPTION_LRECL', 'not -80'],
    [{ lrecl: 80.5 }, 'OVP_OPTION_LRECL', 'not 80.5'],
    [{ lrecl: Number.NaN }, 'OVP_OPTION_LRECL', 'not NaN'],
    [{ lrecl: '80' }, 'OVP_OPTION_LRECL', 'not "80"'],
    [{ recfm: 'V', lrecl: 2 ** 31 }, 'OVP_OPTION_LRECL', 'whole number'],
    [{ recfm: 'V', rdwEndian: 'litle' }, 'OVP_OPTION_RDW_ENDIAN', 'not "litle"', 'Did you mean little?'],
    [{ recfm: 'VB', bdwEndian: 1 }, 'OVP_OPTION_BDW_ENDIAN', 'bdwEndian is big or little, not 1'],
    [{ recfm: 'V', rdwAdjust: 65536 }, 'OVP_OPTION_RDW_ADJUST', 'not 65536', 'do not count their own four bytes'],
    [{ recfm: 'V', rdwAdjust: 0.5 }, 'OVP_OPTION_RDW_ADJUST', 'not 0.5'],
    [{ recfm: 'VB', bdwAdjust: '4' }, 'OVP_OPTION_BDW_ADJUST', 'not "4"'],
    [{ rdwAdjust: 4 }, 'OVP_OPTION_RDW_ADJUST', 'no meaning with recfm F', 'V and VB'],
    [{ recfm: 'lines', rdwEndian: 'little' }, 'OVP_OPTION_RDW_ENDIAN', 'no meaning with recfm lines'],
    [{ recfm: 'V', bdwAdjust: 4 }, 'OVP_OPTION_BDW_ADJUST', 'no meaning with recfm V', 'VB'],
    [{ recfm: 'V', bdwEndian: 'little' }, 'OVP_OPTION_BDW_ENDIAN', 'no meaning with recfm V'],
  ])('refuses %j', (options, code, message, hint) => {
    const error = failure(options);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    if (hint !== undefined) expect(error.hint).toContain(hint);
  });

  it('asks how records of several lengths are told apart', () => {
    expect(failure({}, null)).toMatchObject({ code: 'OVP_OPTION_RECFM', hint: expect.stringContaining('recfm V') });
    expect(failure({ recfm: 'F' }, null)).toMatchObject({ code: 'OVP_OPTION_LRECL' });
    expect(failure({}, 0)).toMatchObject({ code: 'OVP_OPTION_LRECL' });
  });
});

const ebcdic = (text: string): Uint8Array => codePage('037').encode(text) as Uint8Array;
const join = (...parts: (Uint8Array | number[])[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const body = (length: number): Uint8Array => ebcdic('SMITH 0042'.repeat(Math.ceil(length / 10)).slice(0, length));

interface Shape {
  readonly little?: boolean;
  /** What descriptors leave out of their lengths. */
  readonly less?: number;
  readonly blocked?: boolean;
}

/** Records of 46, 47, ... bytes with RDWs, three to a block where `blocked`. */
function file(count: number, { little = false, less = 0, blocked = false }: Shape = {}): Uint8Array {
  const descriptor = (length: number): number[] => {
    const [high, low] = [(length - less) >> 8, (length - less) & 0xff];
    return little ? [low, high, 0, 0] : [high, low, 0, 0];
  };
  const records = Array.from({ length: count }, (_, i) => join(descriptor(50 + i), body(46 + i)));
  if (!blocked) return join(...records);
  const blocks: Uint8Array[] = [];
  for (let i = 0; i < count; i += 3) {
    const block = join(...records.slice(i, i + 3));
    blocks.push(join(descriptor(block.length + 4), block));
  }
  return join(...blocks);
}

/** The fault at the file's first byte. */
function atStart(options: FramingCodeOptions, fault: number, bytes: Uint8Array, value = 0): OverpunchError {
  return framingError(framingCode(options, 80), fault, { record: 1, offset: 0 }, value, bytes);
}

describe('framingError at the first record', () => {
  it('shows the code, the place and the bytes', () => {
    const error = atStart({ recfm: 'V' }, ScanFault.RDW_TOO_SMALL, Uint8Array.of(0, 2, 0, 0, 9), 2);
    expect(error.code).toBe('OVP_FRAME_RDW');
    expect(error.data).toEqual({ record: 1, offset: 0 });
    expect(error.message).toContain("its length would be 2, and the RDW's own 4 bytes count; found x'0002000009'");
    expect(error.message).toContain('(record 1, byte 0)');
    expect(error.message.endsWith(error.hint!)).toBe(true);
  });

  it.each<[string, FramingCodeOptions, number, Uint8Array, string]>([
    [
      'little-endian',
      { recfm: 'V' },
      ScanFault.RDW_TOO_SMALL,
      file(9, { little: true }),
      '--rdw-endian little, the first 9',
    ],
    ['big-endian', { recfm: 'V', rdwEndian: 'little' }, 2, file(9), '--rdw-endian big, the first 9 records'],
    ['lengths without the RDW', { recfm: 'V' }, 3, file(9, { less: 4 }), '--rdw-adjust 4, the first 9 records'],
    ['both', { recfm: 'V' }, 3, file(9, { less: 4, little: true }), '--rdw-endian little --rdw-adjust 4, the first 9'],
    ['lengths with the RDW', { recfm: 'V', rdwAdjust: 4 }, 3, file(9), 'Read with --rdw-adjust 0, the first 9'],
    ['blocks', { recfm: 'V' }, 3, file(9, { blocked: true }), 'Read with --recfm VB, the first 9 records'],
    [
      'blocks without BDWs in their lengths',
      { recfm: 'V' },
      3,
      file(9, { blocked: true, less: 4 }),
      '--recfm VB --bdw-adjust 4 --rdw-adjust 4, the first 9',
    ],
    [
      'little-endian blocks',
      { recfm: 'VB' },
      ScanFault.BDW_TOO_SMALL,
      file(9, { blocked: true, little: true }),
      'Read with --bdw-endian little --rdw-endian little, the first 9',
    ],
    ['no blocks', { recfm: 'VB' }, ScanFault.RECORD_BEYOND_BLOCK, file(9), 'Read with --recfm V, the first 9 records'],
    ['more than enough', { recfm: 'V' }, 3, file(300, { little: true }), '--rdw-endian little, the first 64 records'],
    ['one record', { recfm: 'V' }, 3, file(1, { little: true }), 'first record has 50 bytes'],
    ['the start of one', { recfm: 'V' }, 3, file(1, { little: true }).subarray(0, 20), 'first record has 50 bytes'],
    ['text', { recfm: 'V' }, ScanFault.RDW_NOT_ZERO, body(200), 'EBCDIC characters, not with a length'],
    ['text', { recfm: 'VB' }, ScanFault.BDW_TOO_SMALL, body(200), 'Try --recfm F.'],
    ['EBCDIC lines', { recfm: 'V' }, 3, join(body(50), [0x15], body(50), [0x15]), 'Try --recfm lines.'],
    ['packed x15', { recfm: 'V' }, 3, join(body(50), [0x15, 0x0c], body(50)), 'Try --recfm F.'],
    ['ASCII lines', { recfm: 'V' }, 3, Buffer.from('SMITH 1\nJONES 2\n'), '--recfm lines --encoding ascii'],
    ['ASCII', { recfm: 'V' }, 3, Buffer.from('SMITH 1JONES 2 '), '--recfm F --encoding ascii'],
    [
      'z/OSMF',
      { recfm: 'V' },
      ScanFault.RDW_TOO_SMALL,
      join([0, 0, 0, 10], body(10), [0, 0, 0, 7], body(7), [0, 0, 0, 9], body(9)),
      'as z/OSMF writes in record mode',
    ],
    ['nothing known', { recfm: 'V' }, 3, Uint8Array.of(1, 2, 3, 4, 5, 6), 'try --recfm F'],
    ['nothing known', { recfm: 'VB' }, 4, Uint8Array.of(1, 2, 3, 4, 5, 6), '--bdw-adjust 4 --rdw-adjust 4'],
  ])('%s read as %j', (_, options, fault, bytes, hint) => {
    expect(atStart(options, fault, bytes).hint).toContain(hint);
  });

  it('knows spanned records, and text that looks like them', () => {
    const error = atStart({ recfm: 'V' }, ScanFault.RDW_NOT_ZERO, join([0, 50, 1, 0], body(46)));
    expect(error.code).toBe('OVP_FRAME_SPANNED');
    expect(error.message).toContain('the first segment of a spanned record');
    expect(error.hint).toContain('RECFM VB first');
    expect(atStart({ recfm: 'V' }, ScanFault.RDW_NOT_ZERO, Uint8Array.of(0, 50, 4, 0)).code).toBe('OVP_FRAME_RDW');
    expect(atStart({ recfm: 'V' }, ScanFault.RDW_NOT_ZERO, Uint8Array.of(0, 50, 1, 1)).code).toBe('OVP_FRAME_RDW');
  });

  it('says what a cut record lacks', () => {
    const bytes = file(1).subarray(0, 20);
    const error = atStart({ recfm: 'V' }, ScanFault.TRUNCATED, bytes, 20);
    expect(error.code).toBe('OVP_FRAME_TRUNCATED');
    expect(error.message).toContain('20 bytes are left of 50 by the RDW');
    expect(error.hint).toContain('cut off in transfer');
  });
});

describe('framingError at a later record', () => {
  const later = (fault: number, bytes: Uint8Array, value: number, head?: Uint8Array): OverpunchError =>
    framingError(framingCode({ recfm: 'V' }, null), fault, { record: 12, offset: 600 }, value, bytes, head);

  it('blames the transfer', () => {
    const error = later(ScanFault.RDW_NOT_ZERO, body(100), 0);
    expect(error.message).toContain('(record 12, byte 600)');
    expect(error.hint).toContain('(number 11) has a wrong length or lost bytes');
    expect(later(ScanFault.RDW_NOT_ZERO, body(100), 0, file(11)).hint).toContain('(number 11)');
  });

  it('goes back to the start of the file where that is at hand', () => {
    expect(later(ScanFault.RDW_NOT_ZERO, body(100), 0, file(40, { little: true })).hint).toContain(
      '--rdw-endian little',
    );
  });

  it.each<[string, number, number[], string]>([
    ['padding', ScanFault.RDW_TOO_SMALL, new Array<number>(500).fill(0), "only x'00'"],
    ['a new line', ScanFault.TRUNCATED, [0x0a], 'A line end was added'],
    ['CRLF', ScanFault.TRUNCATED, [0x0d, 0x0a], 'A line end was added'],
    ['end of file', ScanFault.TRUNCATED, [0x1a], "x'1A' of DOS"],
    ['a cut record', ScanFault.TRUNCATED, [0, 80, 0, 0, 0xc1], 'cut off in transfer'],
    ['a cut RDW', ScanFault.TRUNCATED, [0, 80], 'cut off in transfer'],
  ])('knows %s at the end', (_, fault, bytes, hint) => {
    const error = later(fault, Uint8Array.from(bytes), bytes.length);
    expect(error.hint).toContain(hint);
    if (!hint.includes('cut')) expect(error.hint).toContain('--limit 11');
  });
});

describe('framingError for recfm F', () => {
  const short = (lrecl: number, total: number, rest?: Uint8Array, head?: Uint8Array): OverpunchError => {
    const record = Math.floor(total / lrecl) + 1;
    const offset = (record - 1) * lrecl;
    const bytes = rest ?? body(total - offset);
    return framingError(framingCode({}, lrecl), ScanFault.TRUNCATED, { record, offset }, total - offset, bytes, head);
  };

  it('counts what is left over', () => {
    const error = short(80, 1010);
    expect(error.code).toBe('OVP_FRAME_LENGTH');
    expect(error.message).toContain(
      "The file's length is not a multiple of LRECL: 50 bytes are left over where a record has 80",
    );
    expect(error.data).toEqual({ record: 13, offset: 960 });
  });

  it.each<[string, OverpunchError, string]>([
    [
      'a line end at the end',
      short(80, 801, Uint8Array.of(0x0a)),
      'A line end was added behind the last record. --limit 10',
    ],
    ["x'1A' at the end", short(80, 801, Uint8Array.of(0x1a)), "x'1A' of DOS"],
    ['line ends', short(80, 81 * 50, join(body(49), [0x25])), '50 records of 80 with a line end each: try --lrecl 81'],
    ['CRLF', short(80, 82 * 30, join(body(58), [0x0d, 0x0a])), '30 records of 80 with a line end each: try --lrecl 82'],
    ['RDWs', short(80, 84 * 7), '7 records of 80 with an RDW of 4 bytes each (--recfm V)'],
    ['another length', short(80, 78 * 101), '101 records of 78 (--lrecl 78): does the copybook match the file?'],
    ['a cut file', short(80, 10_007), 'cut off in transfer. --limit 125 reads the whole records.'],
    ['padding', short(80, 850, new Uint8Array(50)), 'padded behind its last record. --limit 10'],
    ['a tiny file', short(80, 3), 'does the copybook match it?'],
    ['RDWs seen', short(80, 5 * 80 + 3, undefined, file(7)), 'Read with --recfm V, the first 7 records fit'],
    ['blocks seen', short(80, 5 * 80 + 3, undefined, file(7, { blocked: true })), 'Read with --recfm VB, the first 7'],
  ])('knows %s', (_, error, hint) => {
    expect(error.hint).toContain(hint);
  });

  it('does not take binary zeros for RDWs', () => {
    const record = join([0, 50, 0, 0], body(76));
    expect(short(80, 803, body(3), join(record, record, record)).hint).not.toContain('RDW of');
    expect(short(80, 803, body(3), join(record, record, record)).hint).not.toContain('Read with');
  });
});

it('every fault has a code and names its bytes', () => {
  const families = Object.values(ScanFault).map((fault) => {
    const error = framingError(
      framingCode({ recfm: 'VB' }, null),
      fault,
      { record: 3, offset: 99 },
      3,
      Uint8Array.of(1, 2),
    );
    expect(error.message).toContain("found x'0102'");
    expect(error.message).toContain('(record 3, byte 99)');
    return error.code;
  });
  expect(families).toEqual([
    'OVP_FRAME_TRUNCATED',
    'OVP_FRAME_RDW',
    'OVP_FRAME_RDW',
    'OVP_FRAME_BDW',
    'OVP_FRAME_BLOCK',
    'OVP_FRAME_BLOCK',
  ]);
  const empty = framingError(framingCode({ recfm: 'V' }, null), 1, { record: 1, offset: 0 }, 0, new Uint8Array(0));
  expect(empty.message).toContain('found no bytes');
  expect(framingCode({ recfm: 'V' }, null)[FramingWord.FORMAT]).toBe(Framing.RDW);
});

it('any bytes get a hint', () => {
  let seed = 11;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const codes = [
    framingCode({}, 80),
    framingCode({ recfm: 'V', rdwAdjust: 65535 }, null),
    framingCode({ recfm: 'VB' }, null),
  ];
  for (let i = 0; i < 5000; i++) {
    const bytes = Uint8Array.from({ length: random(40) }, () => (random(2) ? 0 : random(256)));
    const record = 1 + random(3);
    const at = { record, offset: (record - 1) * 80 };
    const head = random(2) ? undefined : Uint8Array.from({ length: random(200) }, () => random(random(2) ? 8 : 256));
    const error = framingError(codes[i % 3]!, 1 + random(6), at, bytes.length, bytes, head);
    expect(error.hint).toMatch(/\S.*[.?]$/);
    expect(error.hint).not.toMatch(/undefined|NaN|null|-1 /);
  }
});
