/**
 * Text words and what COPY ... REPLACING and REPLACE do with them. IBM Enterprise COBOL Language Reference, "COPY
 * statement", "Replacement and comparison rules": text words are compared, blanks and separators are not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import { ComposedSource } from './composed.js';
import type { Source } from './source.js';

/** A text word: a run of characters between separators, a literal, or one of `( ) : . =` and `==`. */
export interface TextWord {
  /** In upper case, but for literals. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Replacement {
  readonly kind: 'words' | 'leading' | 'trailing';
  readonly from: readonly string[];
  readonly to: string;
  /** As the statement has it, for messages. */
  readonly shown: string;
  /** How often it was found. */
  found: number;
}

/** Comparisons of words that the replacements of one text may take, and characters that they may put in. */
const MAX_COMPARED = 50_000_000;
/** A replacement that is got ready for a stretch of text costs as much as so many comparisons. */
const READY = 8;
const MAX_PUT = 5_000_000;

/** What the replacements of one text cost: how often words are looked at grows with both of them. */
export class ReplacingCost {
  private compared = 0;
  private put = 0;

  /** @throws OverpunchError OVP_SYNTAX_COPY */
  add(compared: number, put = 0): void {
    this.compared += compared;
    this.put += put;
    if (this.put > MAX_PUT) refuse(`replacements put in more than ${MAX_PUT} characters`);
    if (this.compared > MAX_COMPARED) refuse('there are too many replacements for a text of this length');
  }
}

function refuse(what: string): never {
  throw new OverpunchError('OVP_SYNTAX_COPY', what);
}

/** The option `replace`: whole words, or the runs of them that a key is. */
export function replacementsOf(pairs: Readonly<Record<string, string>>): Replacement[] {
  return Object.entries(pairs).map(([shown, to]) => {
    const from = textWords(shown).map(({ text }) => text);
    if (from.length > 0) return { kind: 'words', from, to, shown, found: 0 };
    throw new OverpunchError('OVP_OPTION_VALUE', 'replace: there is nothing to replace in an empty text');
  });
}

const WORD = /\s+|==|"(?:[^"\n]|"")*"?|'(?:[^'\n]|'')*'?|(?:[^\s"'():;,.=]|[.,](?=[^\s"'():;,.=]))+|[\s\S]/y;
const SEPARATOR = /^[\s,;]/;

/** The text words from `from` to `to`; separating commas and semicolons are as blanks. */
export function textWords(text: string, from = 0, to = text.length): TextWord[] {
  const words: TextWord[] = [];
  for (let at = from; at < to; ) {
    WORD.lastIndex = at;
    const found = WORD.exec(text)![0];
    const end = Math.min(to, at + found.length);
    if (!SEPARATOR.test(found)) {
      const isLiteral = found[0] === '"' || found[0] === "'";
      words.push({ text: isLiteral ? found : found.toUpperCase(), start: at, end });
    }
    at = end;
  }
  return words;
}

/** Appends a stretch of `source` to `into`, with these replacements made in it. */
export function replaceInto(
  into: ComposedSource,
  source: Source,
  list: readonly Replacement[],
  cost: ReplacingCost,
  from = 0,
  to = source.text.length,
): void {
  if (list.length === 0) return into.slice(source, from, to);
  cost.add(READY * list.length);
  const words = textWords(source.text, from, to);
  const byFirst = new Map<string, Replacement[]>();
  const partial = list.filter(({ kind }) => kind !== 'words');
  for (const one of list) {
    if (one.kind !== 'words') continue;
    const same = byFirst.get(one.from[0]!);
    if (same) same.push(one);
    else byFirst.set(one.from[0]!, [one]);
  }
  let at = from;
  for (let i = 0; i < words.length; ) {
    const { text, start, end } = words[i]!;
    const whole = byFirst.get(text)?.find(({ from: wanted }) => {
      let k = 1;
      while (k < wanted.length && words[i + k]?.text === wanted[k]) k++;
      cost.add(k);
      return k === wanted.length;
    });
    const part = whole ? undefined : partial.find((one) => isPartOf(one, text));
    cost.add(partial.length);
    const one = whole ?? part;
    if (!one) {
      i++;
      continue;
    }
    one.found++;
    const last = words[i + (whole ? whole.from.length - 1 : 0)]!.end;
    into.slice(source, at, start);
    const put = whole ? whole.to : withPart(one, source.text.slice(start, end));
    cost.add(0, put.length);
    into.put(put, source, start, last - start);
    at = last;
    i += whole ? whole.from.length : 1;
  }
  into.slice(source, at, to);
}

export function replaced(source: Source, list: readonly Replacement[], cost: ReplacingCost): Source {
  if (list.length === 0) return source;
  const result = new ComposedSource(source);
  replaceInto(result, source, list, cost);
  return result;
}

function isPartOf({ kind, from }: Replacement, word: string): boolean {
  const part = from[0]!;
  return word[0] !== '"' && word[0] !== "'" && (kind === 'leading' ? word.startsWith(part) : word.endsWith(part));
}

function withPart({ kind, from, to }: Replacement, word: string): string {
  const cut = from[0]!.length;
  return kind === 'leading' ? to + word.slice(cut) : word.slice(0, word.length - cut) + to;
}
