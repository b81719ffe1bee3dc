/**
 * The one table of options: what the command line has with hyphens, and a data set's JSON file under the library's names.
 * Both are checked by it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { MAX_THREADS } from '../batch/threads.js';
import { OverpunchError, didYouMean } from '../errors.js';
import type { LayoutOptions, ReadOptions } from '../options.js';
import { MAX_RECORD_LENGTH } from '../plan/opcodes.js';

/** Everything that a job can be told, under the library's names. */
export type JobOptions = LayoutOptions & Omit<ReadOptions, 'onFault' | 'signal'>;
export type OptionKey = keyof JobOptions;

/** What an option's value is. */
type Value =
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'text' }
  /** Names with commas between them; several options add up. */
  | { readonly kind: 'list' }
  /** A path each; several options add up. */
  | { readonly kind: 'paths' }
  /** NAME=TEXT; several options add up. */
  | { readonly kind: 'map' }
  | { readonly kind: 'flag' };

export interface OptionSpec {
  readonly key: OptionKey;
  /** As commander wants it: `--code-page <page>`; null: only in a data set's file. */
  readonly flags: string | null;
  readonly help: string;
  readonly value: Value;
}

const hyphenated = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

type Keys<T> = { [K in OptionKey]-?: NonNullable<JobOptions[K]> extends T ? K : never }[OptionKey];

function choice<K extends Keys<string>>(
  key: K,
  values: readonly NonNullable<JobOptions[K]>[],
  help: string,
): OptionSpec {
  return { key, flags: `--${hyphenated(key)} <${values.join('|')}>`, help, value: { kind: 'choice', values } };
}

function integer(key: Keys<number>, help: string, min: number, max = Number.MAX_SAFE_INTEGER): OptionSpec {
  return { key, flags: `--${hyphenated(key)} <n>`, help, value: { kind: 'integer', min, max } };
}

function other(key: OptionKey, kind: 'text' | 'list' | 'map' | 'flag', argument: string, help: string): OptionSpec {
  return { key, flags: `--${hyphenated(key)}${argument}`, help, value: { kind } };
}

/** Options under one heading. */
export interface OptionGroup {
  readonly heading: string;
  readonly specs: readonly OptionSpec[];
}

export const LAYOUT_OPTIONS: readonly OptionSpec[] = [
  choice('dialect', ['ibm', 'gnucobol', 'microfocus'], 'whose COBOL it is (default ibm)'),
  choice('sync', ['apply', 'ignore'], 'slack bytes of SYNCHRONIZED (default apply; ignore for microfocus)'),
  integer('pointerSize', 'bytes of POINTER and INDEX, 4 or 8 (default 4; 8 for gnucobol)', 4, 8),
  choice('format', ['auto', 'fixed', 'free', 'variable'], 'source form of the copybook (default auto)'),
  other('from', 'text', ' <name>', 'of a program: the FD, 01 level or section whose records are meant'),
  {
    key: 'copyPaths',
    flags: '--copy-path <dir>',
    help: "where COPY looks, before the copybook's own folder (repeatable)",
    value: { kind: 'paths' },
  },
  other('copyExtensions', 'list', ' <list>', 'what COPY puts behind a name (default none, .cpy,.cbl,.cob,.copy,.inc)'),
  {
    ...other('replace', 'map', '', 'what stands for a word of the text, as REPLACING does; may be repeated'),
    flags: '--replace <word=text>',
  },
  choice('decimalPoint', ['point', 'comma'], 'comma: DECIMAL-POINT IS COMMA'),
  other('currency', 'text', ' <sign>', 'CURRENCY SIGN, or EUR=U with its picture symbol (default $)'),
];

const FRAMING: readonly OptionSpec[] = [
  // what it can be is checked by framing/codes.ts, which knows what to do about the formats that it can't
  other('recfm', 'text', ' <F|FB|V|VB|lines>', 'record format (default F)'),
  integer('lrecl', "record length of F and FB (default: the copybook's)", 1, MAX_RECORD_LENGTH),
  choice('rdwEndian', ['big', 'little'], 'byte order of record descriptors (default big)'),
  integer('rdwAdjust', 'added to the length in a record descriptor', -65535, 65535),
  choice('bdwEndian', ['big', 'little'], 'byte order of block descriptors (default big)'),
  integer('bdwAdjust', 'added to the length in a block descriptor', -65535, 65535),
];

const DECODING: readonly OptionSpec[] = [
  choice('encoding', ['ebcdic', 'ascii'], 'default ebcdic'),
  other('codePage', 'text', ' <page>', 'code page of text (default 037; latin-1 with --encoding ascii)'),
  {
    ...other('fieldCodePages', 'map', '', 'code page of one field; may be repeated'),
    flags: '--field-code-page <name=page>',
  },
  choice(
    'newlines',
    ['nel', 'swap', 'both'],
    "x'15' and x'25' in text: U+0085 and U+000A (default nel), swapped, or both U+000A",
  ),
  choice('floats', ['ibm', 'ieee', 'ieee-little'], 'COMP-1 and COMP-2 (default ibm, which is hexadecimal)'),
  choice('trunc', ['bin', 'std'], 'COMP: what the bytes hold (default bin), or no more digits than the picture'),
  choice('digits', ['strict', 'lenient'], "spaces and x'00' in zoned numbers: bad (default) or zeros"),
  choice('comp5Endian', ['big', 'little'], 'byte order of COMP-5 (default by dialect)'),
  choice('asciiSigns', ['overpunch', 'p-y'], 'signs of zoned numbers in ASCII (default by dialect)'),
  choice('absent', ['null', 'keep'], "numbers of only spaces, x'00' or x'FF': null (default) or bad"),
  choice('odo', ['compact', 'padded'], 'storage of OCCURS DEPENDING ON (default compact)'),
  other('record', 'map', ' <name=condition>', 'record type or REDEFINES: BODY="TYPE = \'C\'"; may be repeated'),
];

const ITEMS: readonly OptionSpec[] = [
  other('select', 'list', ' <names>', 'only these items: BALANCE,CUSTOMER.NAME'),
  other('filler', 'flag', '', 'FILLER items too'),
];

const SELECTION: readonly OptionSpec[] = [
  ...ITEMS,
  other('where', 'text', ' <condition>', 'only these records: "BALANCE > 1000 AND STATUS = \'A\'"'),
  integer('skip', 'leave out the first records', 0),
  integer('limit', 'stop after so many records', 0),
];

const VALUES: readonly OptionSpec[] = [
  choice('names', ['cobol', 'camel', 'snake'], 'keys (default camel in JSON, snake in CSV, cobol in head)'),
  choice('trim', ['right', 'both', 'left', 'none'], 'where spaces of text are cut (default right)'),
  choice('decimals', ['string', 'number'], 'scaled decimals (default string, which is exact)'),
  choice('edited', ['number', 'text'], 'edited pictures (default number)'),
];

const RUNNING: readonly OptionSpec[] = [
  choice('onBadData', ['report', 'throw', 'null'], 'bad values: reported (default), the end, or just null'),
  choice('engine', ['auto', 'native', 'ts'], 'default auto: native where there is a binary'),
  integer('threads', 'threads of the native engine (default: one a processor)', 1, MAX_THREADS),
  { ...integer('batchRecords', '', 1, 1 << 20), flags: null },
  { ...integer('maxFaults', '', 0), flags: null },
];

/** The options of every command that reads data, as its help has them. */
export const READ_GROUPS: readonly OptionGroup[] = [
  { heading: 'Records in the file:', specs: FRAMING },
  { heading: 'What the bytes mean:', specs: DECODING },
  { heading: 'What is read:', specs: SELECTION },
  { heading: 'How values are shown:', specs: VALUES },
  { heading: 'The copybook:', specs: LAYOUT_OPTIONS },
  { heading: 'The run:', specs: RUNNING },
];
/** The options of commands that say what would be read, and read no data. */
export const SCHEMA_GROUPS: readonly OptionGroup[] = [
  { heading: 'What the bytes mean:', specs: DECODING },
  { heading: 'What is read:', specs: ITEMS },
  { heading: 'How values are shown:', specs: VALUES },
  { heading: 'The copybook:', specs: LAYOUT_OPTIONS },
];
export const JOB_OPTIONS: readonly OptionSpec[] = READ_GROUPS.flatMap(({ specs }) => specs);

const BY_KEY = new Map<string, OptionSpec>(JOB_OPTIONS.map((spec) => [spec.key, spec]));

/** Those of the options that say how a copybook is read. */
export function layoutOptions(options: Partial<JobOptions>): LayoutOptions {
  return Object.fromEntries(
    LAYOUT_OPTIONS.map(({ key }) => [key, options[key]]).filter(([, value]) => value !== undefined),
  );
}

/**
 * Options from a JSON object, every key and value checked.
 * @throws OverpunchError OVP_OPTION_DATASET, OVP_OPTION_VALUE
 */
export function checkOptions(
  json: Readonly<Record<string, unknown>>,
  file: string,
  otherKeys: readonly string[],
): Partial<JobOptions> {
  const options: [string, unknown][] = [];
  for (const [key, value] of Object.entries(json)) {
    if (otherKeys.includes(key)) continue;
    const spec = BY_KEY.get(key);
    if (!spec) throw unknownKey(key, file, [...otherKeys, ...BY_KEY.keys()]);
    options.push([key, checkValue(spec, value, `${file}: ${key}`)]);
  }
  return Object.fromEntries(options) as Partial<JobOptions>;
}

function unknownKey(key: string, file: string, keys: readonly string[]): OverpunchError {
  const camel = key.replace(/^-+/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const near = didYouMean(camel, keys);
  return new OverpunchError('OVP_OPTION_DATASET', `${file}: there is no option '${key}'`, {
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Options: ${keys.join(', ')}.`,
  });
}

function checkValue({ value }: OptionSpec, given: unknown, origin: string): unknown {
  switch (value.kind) {
    case 'choice':
      return checkChoice(given, value.values, origin);
    case 'integer':
      return checkInteger(given, value, origin);
    case 'flag':
      if (typeof given === 'boolean') return given;
      throw wrong(origin, given, 'It can be true or false.');
    case 'paths':
      if (Array.isArray(given) && given.every(isText)) return given;
      throw wrong(origin, given, 'It is a list of paths: ["copybooks"].');
    case 'list':
      if (Array.isArray(given) && given.every(isText)) return given;
      throw wrong(origin, given, 'It is a list of names: ["A", "B.C"].');
    case 'map':
      if (isObject(given) && Object.values(given).every(isText)) return given;
      throw wrong(origin, given, 'It is an object of names and texts: {"NAME": "text"}.');
    case 'text':
      if (isText(given)) return given;
      throw wrong(origin, given, 'It is a text.');
  }
}

/** The value among `values` that was meant, whatever its case. */
export function checkChoice(given: unknown, values: readonly string[], origin: string): string {
  const found = isText(given) && values.find((value) => value.toLowerCase() === given.toLowerCase());
  if (found) return found;
  const near = isText(given) ? didYouMean(given, values) : [];
  const guess = near.length > 0 ? `Did you mean ${near.join(' or ')}? ` : '';
  throw wrong(origin, given, `${guess}It can be ${values.join(', ')}.`);
}

export function checkInteger(given: unknown, { min, max }: { min: number; max: number }, origin: string): number {
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= min && given <= max) return given;
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} up` : `from ${min} to ${max}`;
  throw wrong(origin, given, `It is a whole number ${range}.`);
}

export function wrong(origin: string, given: unknown, hint: string): OverpunchError {
  const shown = typeof given === 'string' ? `'${given}'` : JSON.stringify(given);
  return new OverpunchError('OVP_OPTION_VALUE', `${origin} can't be ${shown}`, { hint });
}

const isText = (value: unknown): value is string => typeof value === 'string';
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
