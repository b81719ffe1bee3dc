/**
 * Tokens of the condition language, with their places in the text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, type SourcePosition } from '../errors.js';
import type { Literal } from '../layout/item.js';

export interface Token {
  /** `word`: a name or keyword, with its qualifiers (`A.B.C`); `symbol`: an operator, parenthesis or comma. */
  readonly kind: 'word' | 'symbol' | 'literal' | 'end';
  /** Upper case for words. */
  readonly text: string;
  readonly literal: Literal | null;
  readonly start: number;
  readonly length: number;
}

export interface Source {
  readonly text: string;
  /** What the text is, for messages: `--where`, the name of an option. */
  readonly origin: string;
  /** Each line as messages show it, and where it starts. */
  readonly lines: readonly { readonly start: number; readonly text: string }[];
}

/** Symbols of other languages, and what is written here. */
const FOREIGN: Readonly<Record<string, string>> = {
  '==': '=',
  '===': '=',
  '!==': '<>',
  '=>': '>=',
  '=<': '<=',
  '&&': 'AND',
  '||': 'OR',
  '!': 'NOT',
  '^=': '<>',
  '¬=': '<>',
  '~=': '<>',
};

const SYMBOL = /<>|!=(?!=)|<=|>=(?!=)|=(?![=<>])|<|>|[(),]/y;
const WORD = /[\p{L}\p{N}_$#@-]+(?:\.[\p{L}\p{N}_$#@-]+)*/uy;
const NUMBER = /[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?![\p{L}\p{N}_$#@-]|\.[\p{L}\p{N}])/uy;
const FLOAT = /[+-]?(?:\d+\.\d*|\.\d+)E[+-]?\d{1,2}(?![\p{L}\p{N}_$#@.-])/iuy;

export function sourceOf(text: string, origin: string): Source {
  const lines: { start: number; text: string }[] = [];
  let start = 0;
  // Lines at even places, what ends them at odd ones.
  text.split(/(\r\n|\r|\n)/).forEach((part, i) => {
    // A tab would move the caret away from its place.
    if (i % 2 === 0) lines.push({ start, text: part.replace(/\t/g, ' ') });
    start += part.length;
  });
  return { text, origin, lines };
}

/** The place of `length` characters at `start`. */
export function position({ origin, lines }: Source, start: number, length: number): SourcePosition {
  let low = 0;
  for (let high = lines.length; high - low > 1; ) {
    const middle = (low + high) >> 1;
    if (lines[middle]!.start <= start) low = middle;
    else high = middle;
  }
  const line = lines[low]!;
  const column = start - line.start + 1;
  const room = Math.max(1, line.text.length - column + 1);
  return { file: origin, line: low + 1, column, length: Math.min(Math.max(1, length), room), text: line.text };
}

export function conditionError(
  source: Source,
  at: { readonly start: number; readonly length: number },
  message: string,
  hint?: string,
): OverpunchError {
  return new OverpunchError('OVP_OPTION_CONDITION', message, { source: position(source, at.start, at.length), hint });
}

/** All tokens, an `end` last. @throws OverpunchError OVP_OPTION_CONDITION */
export function tokenize(source: Source): Token[] {
  const { text } = source;
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const push = (kind: Token['kind'], shown: string, length: number, literal: Literal | null = null): void => {
    tokens.push({ kind, text: shown, literal, start: at, length });
    at += length;
  };
  for (;;) {
    at += match(/\s*/y)!.length;
    if (at >= text.length) break;
    const quoted = match(/X?["']/iy);
    if (quoted) {
      const literal = quotedLiteral(source, at, quoted);
      push('literal', text.slice(at, at + literal.length), literal.length, literal.value);
      continue;
    }
    const float = match(FLOAT);
    if (float) {
      push('literal', float, float.length, { kind: 'number', value: expandExponent(float) });
      continue;
    }
    const number = match(NUMBER);
    if (number) {
      push('literal', number, number.length, { kind: 'number', value: plainNumber(number) });
      continue;
    }
    const word = match(WORD);
    if (word && !word.startsWith('-')) {
      if (!/\p{L}/u.test(word)) {
        const message = `'${word}' is neither a number nor a name`;
        throw conditionError(source, { start: at, length: word.length }, message, `Text stands in quotes: '${word}'.`);
      }
      push('word', word.toUpperCase(), word.length);
      continue;
    }
    const symbol = match(SYMBOL);
    if (symbol) {
      push('symbol', symbol === '!=' ? '<>' : symbol, symbol.length);
      continue;
    }
    throw stray(source, at, match(/[=!&|<>^¬~]+|[\s\S]/uy)!);
  }
  push('end', 'the end', 0);
  return tokens;
}

function stray(source: Source, start: number, found: string): OverpunchError {
  const here = { start, length: found.length };
  const meant = Object.hasOwn(FOREIGN, found) ? FOREIGN[found] : undefined;
  if (meant !== undefined) return conditionError(source, here, `'${found}' is not an operator here`, `Write ${meant}.`);
  if (/[‘’“”„«»`´]/.test(found)) {
    return conditionError(
      source,
      here,
      `'${found}' does not quote text`,
      `Text stands in plain quotes: 'text' or "text".`,
    );
  }
  const hint = /^[-+*/]/.test(found) ? 'Conditions compare fields with constants; they do not calculate.' : undefined;
  return conditionError(source, here, `'${found}' has no meaning here`, hint);
}

/** Text in quotes from `start` on, where a doubled quote is one; `X` before it makes it hexadecimal. */
function quotedLiteral(source: Source, start: number, opening: string): { value: Literal; length: number } {
  const { text } = source;
  const quote = opening[opening.length - 1]!;
  let value = '';
  let at = start + opening.length;
  for (;;) {
    const close = text.indexOf(quote, at);
    if (close < 0) {
      const hint = `Close it with ${quote}; a ${quote} inside is written twice.`;
      throw conditionError(source, { start, length: opening.length }, 'This text has no closing quote', hint);
    }
    value += text.slice(at, close);
    at = close + 1;
    if (text[at] !== quote) break;
    value += quote;
    at++;
  }
  const length = at - start;
  if (opening.length === 1) return { value: { kind: 'text', value }, length };
  if (!/^(?:[0-9a-f]{2})+$/i.test(value)) {
    const hint = "Two hexadecimal digits a byte: X'C1C2'.";
    throw conditionError(source, { start, length }, `${text.slice(start, at)} is not bytes in hexadecimal`, hint);
  }
  return { value: { kind: 'hex', value: value.toUpperCase() }, length };
}

/** Without a plus, and with a digit before the point. */
function plainNumber(written: string): string {
  return written.replace(/^\+/, '').replace(/^(-?)\./, '$10.');
}

/** `1.5E+3` as `1500`: numbers are exact decimals everywhere else. */
function expandExponent(written: string): string {
  const [, sign, whole, fraction, exponent] = /^([+-]?)(\d*)\.(\d*)E([+-]?\d+)$/i.exec(written)!;
  const digits = whole! + fraction!;
  const point = whole!.length + Number(exponent);
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const split = Math.max(1, point);
  const tail = padded.slice(split);
  return (sign === '-' ? '-' : '') + padded.slice(0, split) + (tail === '' ? '' : `.${tail}`);
}
