/**
 * What a read can be told. The command line has the same names, hyphenated; a data set's JSON file has these.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export type Dialect = 'ibm' | 'gnucobol' | 'microfocus';
export type RecordFormat = 'F' | 'FB' | 'V' | 'VB' | 'lines';
export type Endian = 'big' | 'little';
export type Names = 'cobol' | 'camel' | 'snake';
/** What x'15' and x'25' of EBCDIC text are. */
export type Newlines = 'nel' | 'swap' | 'both';
export type Trim = 'right' | 'left' | 'both' | 'none';
export type EngineChoice = 'auto' | 'native' | 'ts';
export type BadDataPolicy = 'report' | 'throw' | 'null';

/** How a copybook is read and laid out. */
export interface LayoutOptions {
  /** Whose rules decide where compilers differ (sizes of binary items, SYNC). Default `ibm`. */
  readonly dialect?: Dialect;
  /** SYNCHRONIZED: `apply` makes slack bytes, `ignore` none. Default `ignore` under `microfocus` (without IBMCOMP), else `apply`. */
  readonly sync?: 'apply' | 'ignore';
  /** Bytes of POINTER, FUNCTION-POINTER and INDEX: 4 (31-bit programs), 8 (LP(64)). Default 8 under `gnucobol`, else 4. */
  readonly pointerSize?: 4 | 8;
  /** Source form: `fixed` (columns 7-72), `free`, `variable` (fixed without an end), or `auto` (default: detected). */
  readonly format?: 'auto' | 'fixed' | 'free' | 'variable';
  /** Folders in which COPY and its like look, in this order; the copybook's own folder comes last. */
  readonly copyPaths?: readonly string[];
  /** What COPY puts behind a name, in this order; default '', .cpy, .cbl, .cob, .copy, .inc. Case does not count. */
  readonly copyExtensions?: readonly string[];
  /** Words of the text that stand for others, as with COPY ... REPLACING: `{ ':TAG:': 'CUST' }`. */
  readonly replace?: Readonly<Record<string, string>>;
  /** Of a program, or a copybook with several records: the FD, the 01 level, or the section whose records are meant. */
  readonly from?: string;
  /** `comma`: DECIMAL-POINT IS COMMA, where the text does not say so itself. */
  readonly decimalPoint?: 'point' | 'comma';
  /** CURRENCY SIGN: the sign, or `EUR=U` where pictures have another symbol (U) for it. Default `$`. */
  readonly currency?: string;
}

/** What the bytes of a field mean. */
export interface DecodeOptions {
  /** `ebcdic` (default) or `ascii`: zones and signs of zoned numbers, spaces, the default code page. */
  readonly encoding?: 'ebcdic' | 'ascii';
  /** Code page of text, e.g. `037` (default), `1140`, `939` (mixed), `utf-8`; with `encoding: 'ascii'` the default is `latin-1`. */
  readonly codePage?: string;
  /** Code page by field name, for fields that differ. */
  readonly fieldCodePages?: Readonly<Record<string, string>>;
  /**
   * New lines in EBCDIC text. `nel` (default, as ICU and glibc): x'15' is U+0085 and x'25' U+000A; `swap` (z/OS UNIX, Java's
   * IBM1047): the other way round; `both` (Java's Cp037): both are U+000A, which is written as x'15'.
   */
  readonly newlines?: Newlines;
  /** Trailing spaces and x'00' are cut by default (`right`). */
  readonly trim?: Trim;
  /** COMP-1/COMP-2: IBM hexadecimal (default), IEEE 754 with the high byte first, or with the low byte first (GnuCOBOL, Micro Focus on x86). */
  readonly floats?: 'ibm' | 'ieee' | 'ieee-little';
  /** `lenient` reads leading spaces and x'00' of zoned numbers as zeros and drops trailing ones. Default `strict`. */
  readonly digits?: 'strict' | 'lenient';
  /**
   * COMP, COMP-4, BINARY: `bin` (default) takes what the bytes hold, `std` only numbers of no more digits than the picture:
   * others are bad data. COMP-5 and COMP-X always hold what their bytes can.
   */
  readonly trunc?: 'bin' | 'std';
  /** Byte order of COMP-5. Default: big under `ibm`, little under `gnucobol` and `microfocus`. */
  readonly comp5Endian?: Endian;
  /** Storage of OCCURS DEPENDING ON: `compact` (IBM's rule, default) or `padded` (always the maximum). */
  readonly odo?: 'compact' | 'padded';
  /** Edited pictures: the `number` they show (default) or their `text`. */
  readonly edited?: 'number' | 'text';
  /** Signs of zoned numbers in ASCII: `{A-I }J-R` (`overpunch`) or `0-9 p-y` (`p-y`). Default by dialect. */
  readonly asciiSigns?: 'overpunch' | 'p-y';
  /**
   * Numbers of only spaces, x'00' or x'FF' and text of only x'00' or x'FF': `null` (default), or taken for what the
   * bytes say (`keep`: such numbers are bad data, such text stays).
   */
  readonly absent?: 'null' | 'keep';
  /**
   * Record types and REDEFINES alternatives: item name -> condition under which it applies, e.g.
   * `{ 'CUSTOMER-BODY': "RECORD-TYPE = 'C'" }`.
   */
  readonly record?: Readonly<Record<string, string>>;
  /** Only these items (and what is in them) are decoded: `['BALANCE', 'CUSTOMER.NAME']`. */
  readonly select?: readonly string[];
  /** FILLER items with a picture are decoded too. Default false. */
  readonly filler?: boolean;
}

/** Where records begin and end. */
export interface FramingOptions {
  /** Default: `F` where every record of the copybook has one length, else an error asks for it. */
  readonly recfm?: RecordFormat;
  /** Length of a record for F and FB; default the layout's. */
  readonly lrecl?: number;
  readonly rdwEndian?: Endian;
  /** Added to the length found in an RDW (whose own 4 bytes count). Default 0. */
  readonly rdwAdjust?: number;
  readonly bdwEndian?: Endian;
  readonly bdwAdjust?: number;
}

/** How values are shown. */
export interface ValueOptions {
  /** Keys: default `camel` in objects and JSON, `snake` in CSV and columns. */
  readonly names?: Names;
  /** Scaled decimals: `string` (default, exact, full scale) or `number`. */
  readonly decimals?: 'string' | 'number';
}

export interface ReadOptions extends DecodeOptions, FramingOptions, ValueOptions {
  readonly engine?: EngineChoice;
  /** Records left out at the start. */
  readonly skip?: number;
  /** Records read at most (after `skip` and `where`). */
  readonly limit?: number;
  /** Only records for which this condition holds, e.g. `"BALANCE > 1000 AND STATUS = 'A'"`. */
  readonly where?: string;
  readonly onBadData?: BadDataPolicy;
  /** How many faults keep their details (all are counted). Default 1000. */
  readonly maxFaults?: number;
  /** Called for each fault, beyond `maxFaults` too. */
  readonly onFault?: (fault: Fault) => void;
  /**
   * Threads that the native engine decodes on, in the same order and with the same results; `availableParallelism()` of
   * node:os is one for each processor. The calling thread is one of them: it decodes a part wherever it would only wait, and
   * lets the event loop go on after each. The others are started for the read and end with it. Default 1: the calling thread
   * alone. Bytes in memory are best in a SharedArrayBuffer; others are copied piece by piece, since they could be transferred
   * while they are read.
   * A sort writes records of one length in order on as many threads of its own.
   */
  readonly threads?: number;
  /** Records in a batch at most. Default: about 1 MB of input, 256 to 16,384 records. */
  readonly batchRecords?: number;
  readonly signal?: AbortSignal;
}

/** A value that could not be read: it is null in the output, and this says why. */
export interface Fault {
  /** 1-based number of the record in the source. */
  readonly record: number;
  /** Byte offset of the field from the start of the source. */
  readonly offset: number;
  /** Path of the field with subscripts: `ACCOUNT.TXN(3).AMOUNT`. */
  readonly field: string;
  readonly reason: string;
  /** The field's bytes in hexadecimal (the first 64 at most). */
  readonly hex: string;
}
