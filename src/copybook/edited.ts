/**
 * Numeric-edited pictures: what each character position is. IBM Enterprise COBOL Language Reference, "PICTURE clause
 * editing": simple, special, fixed and floating insertion, zero suppression.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Fail, Run } from './picture.js';

/** One position of an edited picture, in order of the bytes; see IBM Language Reference, "PICTURE clause editing". */
export interface EditedPosition {
  /**
   * `9` a digit; `Z` digit or space; `*` digit or asterisk; `+` `-` `$` a position of a floating string (digit, space or
   * the string's symbol; the first holds no digit); `sign` a fixed + or -; `CR` `DB` the first byte of that pair
   * (the second is `pair`); `currency` a fixed currency sign; `point` the decimal point; `insert` `B 0 / ,`;
   * `text` a character of an alphanumeric-edited picture.
   */
  readonly role:
    | '9'
    | 'Z'
    | '*'
    | '+'
    | '-'
    | '$'
    | 'sign'
    | 'CR'
    | 'DB'
    | 'pair'
    | 'currency'
    | 'point'
    | 'insert'
    | 'text';
  /** The character shown there when it is not suppressed (`+`/`-` for signs, `C`, `R`, `D`, `B`, `,` ...); '' for digits and text. */
  readonly symbol: string;
  /** True when this position holds a digit of the value. */
  readonly digit: boolean;
}

export interface EditedPicture {
  readonly positions: EditedPosition[];
  /** The picture as if it were of 9, V, . and P only, for its digits and scale. */
  readonly places: Run[];
  readonly signed: boolean;
}

interface Symbol {
  readonly symbol: string;
  readonly at: number;
}

/** Symbols that may stand inside a floating string or among suppressed zeros. */
const INSERTED = 'B0/,';

export function editedPositions(runs: readonly Run[], currency: string, fail: Fail, text: string): EditedPicture {
  const symbols: Symbol[] = [];
  let characters = 0;
  for (const { symbol, count, at } of runs) {
    characters += count;
    if (characters > 1000) fail('an edited picture has at most 1000 characters', at);
    for (let i = 0; i < count; i++) symbols.push({ symbol, at });
  }
  const isCurrency = ({ symbol }: Symbol): boolean => currency.includes(symbol);
  const float = floating(symbols, isCurrency, fail);
  checkSigns(symbols, float, isCurrency, fail);
  checkSuppression(symbols, float, fail, text);
  const positions: EditedPosition[] = [];
  const places: Run[] = [];
  let started = false;
  symbols.forEach((one, i) => {
    const { symbol, at } = one;
    const add = (role: EditedPosition['role'], shown: string, digit: boolean): void => {
      positions.push({ role, symbol: shown, digit });
      if (digit) places.push({ symbol: '9', count: 1, at });
    };
    if (float && i >= float.start && i < float.end && symbol === float.symbol) {
      add(isCurrency(one) ? '$' : (symbol as '+' | '-'), symbol, started);
      started = true;
      return;
    }
    switch (symbol) {
      case '9':
      case 'Z':
      case '*':
        return add(symbol, '', true);
      case 'V':
      case 'P':
        places.push({ symbol, count: 1, at });
        return;
      case '.':
        places.push({ symbol, count: 1, at });
        return add('point', '.', false);
      case 'B':
        return add('insert', ' ', false);
      case '0':
      case '/':
      case ',':
        return add('insert', symbol, false);
      case '+':
      case '-':
        return add('sign', symbol, false);
      case 'CR':
      case 'DB':
        add(symbol, symbol[0]!, false);
        return add('pair', symbol[1]!, false);
      default:
        return add('currency', symbol, false);
    }
  });
  if (symbols.at(-1)!.symbol === '.') fail('a picture ends with no point', symbols.at(-1)!.at);
  return { positions, places, signed: symbols.some(({ symbol }) => ['+', '-', 'CR', 'DB'].includes(symbol)) };
}

interface Float {
  readonly symbol: string;
  readonly start: number;
  /** Behind the last of its symbols. */
  readonly end: number;
}

/** The floating string: two or more of one sign or currency symbol, with nothing but insertions and the point between. */
function floating(symbols: readonly Symbol[], isCurrency: (s: Symbol) => boolean, fail: Fail): Float | null {
  let found: Float | null = null;
  for (let i = 0; i < symbols.length; i++) {
    const { symbol } = symbols[i]!;
    if (!(symbol === '+' || symbol === '-' || isCurrency(symbols[i]!))) continue;
    let last = i;
    for (let j = i + 1; j < symbols.length; j++) {
      const next = symbols[j]!.symbol;
      if (next === symbol) last = j;
      else if (!(INSERTED.includes(next) || next === '.' || next === 'V')) break;
    }
    if (last === i) continue;
    if (found) fail('a picture has one floating string at most', symbols[i]!.at);
    found = { symbol, start: i, end: last + 1 };
    i = last;
  }
  return found;
}

/** Signs and currency: where a fixed one may stand, and that there is one of each. */
function checkSigns(
  symbols: readonly Symbol[],
  float: Float | null,
  isCurrency: (s: Symbol) => boolean,
  fail: Fail,
): void {
  let sign: Symbol | null = null;
  let cash: Symbol | null = null;
  symbols.forEach((one, i) => {
    const inFloat = float !== null && i >= float.start && i < float.end;
    if (inFloat && i > float.start) return;
    const { symbol, at } = one;
    if (isCurrency(one)) {
      if (cash) fail('a picture has one currency sign (or one floating string of them)', at);
      cash = one;
      const before = symbols
        .slice(0, i)
        .find((s) => !(INSERTED.includes(s.symbol) || s.symbol === '+' || s.symbol === '-'));
      if (before && !inFloat) fail(`${symbol} must stand in front; only a sign may come before it`, at);
      return;
    }
    if (!['+', '-', 'CR', 'DB'].includes(symbol)) return;
    if (sign) fail(`a second sign: ${sign.symbol} is there already`, at, symbol.length);
    sign = one;
    if (inFloat) return;
    const ends = i === symbols.length - 1;
    if (symbol === 'CR' || symbol === 'DB') {
      if (!ends) fail(`${symbol} must be the last symbol`, at, 2);
    } else if (i !== 0 && !ends) fail(`a fixed ${symbol} must be the first or the last symbol`, at);
  });
}

/** Z, * and floating strings: one kind only, in front of all 9s, and behind the point all or none. */
function checkSuppression(symbols: readonly Symbol[], float: Float | null, fail: Fail, text: string): void {
  const suppresses = (s: Symbol, i: number): boolean =>
    s.symbol === 'Z' ||
    s.symbol === '*' ||
    (float !== null && s.symbol === float.symbol && i >= float.start && i < float.end);
  const kinds = symbols.filter(suppresses);
  const kind = kinds[0];
  if (!kind) return;
  const other = kinds.find(({ symbol }) => symbol !== kind.symbol);
  if (other) fail(`${other.symbol} and ${kind.symbol} can't both replace leading zeros`, other.at);
  const firstNine = symbols.findIndex(({ symbol }) => symbol === '9');
  const behindNine = symbols.find((s, i) => firstNine >= 0 && i > firstNine && suppresses(s, i));
  if (behindNine) fail(`${behindNine.symbol} can't stand behind a 9`, behindNine.at);
  const point = symbols.findIndex(({ symbol }) => symbol === '.' || symbol === 'V');
  if (point < 0) return;
  const behind = symbols.filter((s, i) => i > point && suppresses(s, i)).length;
  const digits = symbols.filter((s, i) => i > point && (s.symbol === '9' || suppresses(s, i))).length;
  const before = symbols.slice(0, point).some(({ symbol }) => symbol === '9');
  if (behind > 0 && (behind < digits || before)) {
    const at = symbols.find((s, i) => i > point && suppresses(s, i))!;
    fail(`behind the point all digits or none can be ${at.symbol}; ${text} has both`, at.at);
  }
}
