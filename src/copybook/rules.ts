/**
 * What a program says of how its data is to be read (SPECIAL-NAMES), or the options in its place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import type { Literal } from './ast.js';

export interface TextRules {
  /** DECIMAL-POINT IS COMMA: in numbers and pictures comma and point change places. */
  readonly decimalComma: boolean;
  /** Symbols of pictures that are currency signs, each with the sign that it stands for. */
  readonly currencies: ReadonlyMap<string, string>;
  /** Named constants (level 78, CONSTANT); the parser adds them. */
  readonly constants: Map<string, Literal>;
}

/** Signs that need no CURRENCY SIGN clause; compilers have them by their locale or code page. */
const USUAL = ['$', '£', '€', '¥'];
/** No letter or mark of a picture, and no separator, can be a currency sign's symbol. */
const TAKEN = /[0-9ABCDEGNPRSUVXZ*+\-/,.;()"= ]/i;

export function rulesOf(decimalComma: boolean, currencies: readonly Currency[]): TextRules {
  const map = new Map(USUAL.map((sign) => [sign, sign]));
  for (const { sign, symbol } of currencies) map.set(symbol, sign);
  return { decimalComma, currencies: map, constants: new Map() };
}

export const PLAIN_RULES: TextRules = rulesOf(false, []);

export interface Currency {
  readonly sign: string;
  /** Upper case, as pictures are. */
  readonly symbol: string;
}

/** The option: `$`, or `EUR=U` for CURRENCY SIGN IS 'EUR' WITH PICTURE SYMBOL 'U'. */
export function currencyOf(text: string): Currency {
  const at = text.indexOf('=');
  const sign = at < 0 ? text : text.slice(0, at);
  const symbol = (at < 0 ? text : text.slice(at + 1)).toUpperCase();
  const problem = currencyProblem(sign, symbol);
  if (problem) throw new OverpunchError('OVP_OPTION_VALUE', `currency can't be '${text}': ${problem}`);
  return { sign, symbol };
}

export function currencyProblem(sign: string, symbol: string): string | null {
  if (sign === '') return 'the sign is empty';
  if ([...symbol].length !== 1) return `the picture symbol must be one character, not '${symbol}'`;
  // IBM: U and the like are free when they stand for a sign of their own
  if (TAKEN.test(symbol) && symbol !== 'U') return `'${symbol}' has another meaning in pictures`;
  return null;
}
