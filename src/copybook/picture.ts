/**
 * PICTURE strings: which category an item has, how many characters and digits, where the point is, and for edited pictures
 * what each character position is. IBM Enterprise COBOL Language Reference, "PICTURE clause".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, type SourcePosition } from '../errors.js';
import { type EditedPosition, editedPositions } from './edited.js';
import { PLAIN_RULES, type TextRules } from './rules.js';

export type PictureKind = 'text' | 'zoned' | 'edited' | 'national' | 'dbcs' | 'utf8';

export interface Picture {
  /** As written, in upper case. */
  readonly text: string;
  readonly kind: PictureKind;
  /** Character positions: S, V and P take none. */
  readonly characters: number;
  /** Bytes of it as USAGE DISPLAY (N: NATIONAL, G: DISPLAY-1, U: UTF-8), without a separate sign. */
  readonly byteLength: number;
  /** Digits in storage; P counts none. */
  readonly digits: number;
  /** Digits behind the point; negative with P on the right. */
  readonly scale: number;
  readonly signed: boolean;
  /** Edited pictures: does it show a number, and what is each position. */
  readonly edited: { readonly numeric: boolean; readonly positions: readonly EditedPosition[] } | null;
}

/** One symbol, repeated; `at` is its index in the text. CR and DB are one symbol. */
export interface Run {
  readonly symbol: string;
  readonly count: number;
  readonly at: number;
}

export type Fail = (message: string, at: number, length?: number, hint?: string) => never;

export const MAX_DIGITS = 38;
const MAX_CHARACTERS = 0x0fffffff;
const MAX_EDITED = 1000;
/** Bytes of a character. */
const WIDTH: Readonly<Record<string, number>> = { N: 2, G: 2, U: 4 };

/** Reads a picture string; `source` is where it stands, for errors. */
export function parsePicture(picture: string, source?: SourcePosition, rules: TextRules = PLAIN_RULES): Picture {
  const text = picture.toUpperCase();
  const fail: Fail = (message, at, length = 1, hint) => {
    const where = source && { ...source, column: source.column + at, length: Math.min(length, source.text.length) };
    const shown = text.length > 100 ? `${text.slice(0, 100)}...` : text;
    throw new OverpunchError(
      'OVP_SYNTAX_PICTURE',
      `PICTURE ${shown}: ${message} (character ${at + 1} of the picture)`,
      {
        source: where,
        hint,
      },
    );
  };
  const runs = scan(text, fail, rules);
  const has = (symbols: string): boolean => runs.some(({ symbol }) => symbols.includes(symbol[0]!));
  if (has('E')) return external(text, runs, fail);
  if (has('XA')) return alphanumeric(text, runs, fail);
  for (const [symbol, kind] of [
    ['N', 'national'],
    ['G', 'dbcs'],
    ['U', 'utf8'],
  ] as const) {
    if (has(symbol) && !rules.currencies.has(symbol)) return wide(text, runs, symbol, kind, fail);
  }
  if (runs.every(({ symbol }) => '9SVP'.includes(symbol))) return numeric(text, runs, fail);
  return numericEdited(text, runs, fail, rules);
}

/** Symbols with their repetition counts. */
function scan(text: string, fail: Fail, { currencies, constants }: TextRules): Run[] {
  const runs: Run[] = [];
  let characters = 0;
  for (let i = 0; i < text.length; ) {
    const at = i;
    let symbol = text[i]!;
    if (symbol === 'C' || symbol === 'D') {
      const pair = symbol === 'C' ? 'CR' : 'DB';
      if (!text.startsWith(pair, i)) fail(`${symbol} must be followed by ${pair[1]}`, at, 1, hintFor(text, symbol));
      symbol = pair;
    } else if (symbol === '(') fail('a repetition count must follow the symbol that it repeats', at);
    else if (!'ABEGNPSUVXZ90/,.+-*'.includes(symbol) && !currencies.has(symbol)) {
      fail(`${JSON.stringify(symbol)} is no picture symbol`, at, 1, hintFor(text, symbol));
    }
    i += symbol.length;
    let count = 1;
    if (text[i] === '(') {
      const close = text.indexOf(')', i);
      if (close < 0) fail('the repetition count has no closing parenthesis', i, 1, 'A picture contains no blanks.');
      const digits = text.slice(i + 1, close);
      const constant = constants.get(digits);
      const number = constant?.kind === 'number' ? constant.value : digits;
      if (!/^\d+$/.test(number))
        fail(`a repetition count must be a number, not ${JSON.stringify(number)}`, i, close + 1 - i, countHint(number));
      count = Number(number);
      if (count === 0) fail('a repetition count must be at least 1', i, close + 1 - i);
      if ('SV.CRDBE'.includes(symbol) && symbol !== 'B' && count > 1)
        fail(`${symbol} can't be repeated`, i, close + 1 - i);
      i = close + 1;
    }
    characters += count;
    if (characters > MAX_CHARACTERS) fail(`more than ${MAX_CHARACTERS} characters`, at, i - at);
    runs.push({ symbol, count, at });
  }
  return runs;
}

/** A letter that looks like a digit, or the name of a constant that is not there. */
const countHint = (count: string): string | undefined =>
  /^[\dOIL]+$/.test(count) ? `Did you mean ${count.replaceAll('O', '0').replace(/[IL]/g, '1')}?` : undefined;

function hintFor(text: string, symbol: string): string | undefined {
  if (text.includes('COMP') || symbol === '"' || symbol === "'" || /VALUE|USAGE|OCCURS/.test(text))
    return 'A blank must end the picture.';
  if (/\.\d/.test(text)) return 'A period that ends an entry needs a blank or a new line behind it.';
  if (/^1+$/.test(text.replace(/\(.*/, '')))
    return 'Boolean data (PICTURE 1) is not supported: describe the bytes that hold the bits, as PIC X.';
  return symbol === 'L' || symbol === 'O' || symbol === 'I' ? 'A digit may have been meant: 0 or 1.' : undefined;
}

const sum = (runs: readonly Run[], symbols: string): number =>
  runs.reduce((total, { symbol, count }) => (symbols.includes(symbol) ? total + count : total), 0);

const plain = { digits: 0, scale: 0, signed: false, edited: null };

function alphanumeric(text: string, runs: Run[], fail: Fail): Picture {
  const wrong = runs.find(({ symbol }) => !'XA9B0/'.includes(symbol));
  if (wrong) fail(`${wrong.symbol} can't stand in a picture with X or A`, wrong.at, wrong.symbol.length);
  const characters = sum(runs, 'XA9B0/');
  const shared = { text, ...plain, characters, byteLength: characters };
  if (sum(runs, 'B0/') === 0) return { ...shared, kind: 'text' };
  if (characters > MAX_EDITED) fail(`an edited picture has at most ${MAX_EDITED} characters`, 0, text.length);
  const positions = runs.flatMap(({ symbol, count }): EditedPosition[] =>
    Array.from({ length: count }, () =>
      'B0/'.includes(symbol)
        ? { role: 'insert', symbol: symbol === 'B' ? ' ' : symbol, digit: false }
        : { role: 'text', symbol: '', digit: false },
    ),
  );
  return { ...shared, kind: 'edited', edited: { numeric: false, positions } };
}

/** N, G or U, with the insertions that each allows; read as text all the same. */
function wide(text: string, runs: Run[], symbol: string, kind: PictureKind, fail: Fail): Picture {
  const allowed = symbol === 'N' ? 'NB0/' : symbol === 'G' ? 'GB' : 'U';
  const wrong = runs.find((run) => !allowed.includes(run.symbol));
  if (wrong) fail(`${wrong.symbol} can't stand in a picture with ${symbol}`, wrong.at, wrong.symbol.length);
  const characters = sum(runs, allowed);
  return { text, ...plain, kind, characters, byteLength: characters * WIDTH[symbol]! };
}

/** 9, S, V and P: digits, scale, sign. */
function numeric(text: string, runs: Run[], fail: Fail): Picture {
  const { digits, scale } = point(runs, '9', fail, text);
  const signs = runs.filter(({ symbol }) => symbol === 'S');
  if (signs[0] && signs[0] !== runs[0]) fail('S must be the first symbol', signs[0].at);
  if (signs[1]) fail('S can be there only once', signs[1].at);
  return {
    text,
    kind: 'zoned',
    characters: digits,
    byteLength: digits,
    digits,
    scale,
    signed: signs.length > 0,
    edited: null,
  };
}

/**
 * Where the point is. V and P: P stands only to the left or only to the right of all digits, in one run, and V
 * beside them says nothing new.
 */
function point(runs: readonly Run[], places: string, fail: Fail, text: string): { digits: number; scale: number } {
  const points = runs.filter(({ symbol }) => symbol === 'V' || symbol === '.');
  if (points[1]) fail(`only one decimal point is possible (V or .)`, points[1].at);
  const digits = sum(runs, places);
  const scaling = runs.filter(({ symbol }) => symbol === 'P');
  const count = sum(scaling, 'P');
  if (digits === 0) fail('a number needs at least one digit position', 0, text.length);
  if (digits + count > MAX_DIGITS) {
    fail(`${digits + count} digits; at most ${MAX_DIGITS} are possible`, 0, text.length);
  }
  const isPlace = ({ symbol }: Run): boolean => places.includes(symbol);
  const firstPlace = runs.findIndex(isPlace);
  const lastPlace = runs.length - 1 - [...runs].reverse().findIndex(isPlace);
  const pointAt = points[0] ? runs.indexOf(points[0]) : -1;
  if (scaling.length > 0) {
    const first = runs.indexOf(scaling[0]!);
    const last = runs.indexOf(scaling.at(-1)!);
    const left = first < firstPlace;
    const misplaced = scaling.find((run) => {
      const at = runs.indexOf(run);
      return left ? at > firstPlace : at < lastPlace;
    });
    if (misplaced) fail('P must stand to the left or to the right of all digits', misplaced.at);
    const split = runs.slice(first, last + 1).find(({ symbol }) => symbol !== 'P');
    if (split) fail(`${split.symbol} can't stand between P and P`, split.at);
    if (pointAt >= 0) {
      if (points[0]!.symbol === '.') fail('a picture with P has no decimal point to show', points[0]!.at);
      if (left ? pointAt > first : pointAt < last)
        fail(`V must stand ${left ? 'to the left' : 'to the right'} of P`, points[0]!.at);
    }
    return { digits, scale: left ? digits + count : -count };
  }
  return { digits, scale: pointAt < 0 ? 0 : sum(runs.slice(pointAt), places) };
}

const SWAPPED: Readonly<Record<string, string>> = { ',': '.', '.': ',' };

function numericEdited(text: string, written: Run[], fail: Fail, { decimalComma, currencies }: TextRules): Picture {
  // with DECIMAL-POINT IS COMMA the two change places, in the picture and in what it shows
  const runs = decimalComma ? written.map((run) => ({ ...run, symbol: SWAPPED[run.symbol] ?? run.symbol })) : written;
  const sign = runs.find(({ symbol }) => symbol === 'S');
  if (sign) fail("S can't stand in an edited picture; + - CR or DB show a sign", sign.at);
  if (sum(runs, '9Z*+-0/,.B') + runs.length > MAX_EDITED)
    fail(`an edited picture has at most ${MAX_EDITED} characters`, 0, text.length);
  const found = editedPositions(runs, [...currencies.keys()].join(''), fail, text);
  const { places, signed } = found;
  const { digits, scale } = point(places, '9', fail, text);
  const positions = found.positions.flatMap((position) => positionsShown(position, decimalComma, currencies));
  // a floating sign of several characters moves all that is behind it: only the text can be told
  const isText = found.positions.some(({ role, symbol }) => role === '$' && (currencies.get(symbol)?.length ?? 1) > 1);
  return {
    text,
    kind: 'edited',
    characters: positions.length,
    byteLength: positions.length,
    digits,
    scale,
    signed,
    edited: isText ? { numeric: false, positions: asText(positions.length) } : { numeric: true, positions },
  };
}

/** A position with the characters that it shows: a currency sign may be of several. */
function positionsShown(
  position: EditedPosition,
  decimalComma: boolean,
  currencies: ReadonlyMap<string, string>,
): EditedPosition[] {
  const { role, symbol, digit } = position;
  if (role === 'point' || (role === 'insert' && symbol === ','))
    return [{ ...position, symbol: (decimalComma && SWAPPED[symbol]) || symbol }];
  if (role === '$' && digit) return [{ ...position, symbol: currencies.get(symbol)!.slice(0, 1) }];
  if (role !== '$' && role !== 'currency') return [position];
  return [...currencies.get(symbol)!].map((char) => ({ ...position, symbol: char }));
}

const asText = (length: number): EditedPosition[] =>
  Array.from({ length }, (): EditedPosition => ({ role: 'text', symbol: '', digit: false }));

/** External floating point, `+9(4).99E+99`: kept as the text that it is. */
function external(text: string, runs: Run[], fail: Fail): Picture {
  const shape = runs
    .map(({ symbol }) => symbol)
    .join('')
    .replace(/9+/g, '9');
  const e = runs.findIndex(({ symbol }) => symbol === 'E');
  if (!/^[+-](9|9[.V]|9?[.V]9)E[+-]9$/.test(shape)) {
    fail('with E it must be a sign, digits with at most one point, E, a sign and 99', runs[e]!.at);
  }
  if (sum(runs.slice(e), '9') !== 2) fail('the exponent must have two digits, 99', runs[e]!.at);
  const characters = runs.reduce((total, { symbol, count }) => (symbol === 'V' ? total : total + count), 0);
  const positions = asText(Math.min(characters, MAX_EDITED));
  if (characters > MAX_EDITED) fail(`an edited picture has at most ${MAX_EDITED} characters`, 0, text.length);
  return { text, ...plain, kind: 'edited', characters, byteLength: characters, edited: { numeric: false, positions } };
}
