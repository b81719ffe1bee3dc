/**
 * Whole programs: where their data is described, and what SPECIAL-NAMES says of how it is read. Only the sections that are
 * asked for are taken apart; all other text is passed over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { ComposedSource } from './composed.js';
import type { Diagnostics } from './diagnostics.js';
import { textWords } from './replace.js';
import { type Currency, currencyProblem } from './rules.js';
import type { Source } from './source.js';

export type SectionName = 'FILE' | 'WORKING-STORAGE' | 'LOCAL-STORAGE' | 'LINKAGE';

export interface Section {
  readonly name: SectionName;
  readonly source: Source;
}

export interface Program {
  /** It has a division other than DATA, so it is a program and no copybook. */
  readonly isProgram: boolean;
  /** In order of the text; empty for a copybook that has no section's header. */
  readonly sections: readonly Section[];
  readonly decimalComma: boolean;
  readonly currencies: readonly Currency[];
}

const HEADER =
  /(?<=^|\.)[ ]*(?:(ID|IDENTIFICATION|ENVIRONMENT|DATA|PROCEDURE)[ ]+DIVISION\b|([A-Z-]+)[ ]+SECTION[ ]*(?:\.|$))/gim;
/** REPLACE holds for all text behind it, so those before a section are read with it. */
const REPLACE =
  /(?<=^|\.)[ ]*REPLACE\s+(?:OFF\s*|(?:ALSO\s+)?(?:(?:LEADING\s+|TRAILING\s+)?==[^=]*==\s+BY\s+==[^=]*==\s*)+)\./gim;
/** Sections of data in a text; a program has one of each kind. */
const MAX_SECTIONS = 100;
const DATA_SECTIONS: ReadonlySet<string> = new Set(['FILE', 'WORKING-STORAGE', 'LOCAL-STORAGE', 'LINKAGE']);

interface Header {
  readonly division: string | null;
  readonly section: string | null;
  readonly start: number;
}

export function splitProgram(source: Source, diagnostics: Diagnostics): Program {
  const { text } = source;
  const headers = headersOf(text);
  const isProgram = headers.some(({ division }) => division !== null && division !== 'DATA');
  const sections: Section[] = [];
  const first = headers.find(isEnvironment);
  const next = headers.find((header) => first && header.start > first.start && !isEnvironment(header));
  const environment = first ? text.slice(first.start, next?.start) : '';
  const replacing = headers.length > 0 ? [...text.matchAll(REPLACE)] : [];
  headers.forEach(({ section, start }, i) => {
    const end = headers[i + 1]?.start ?? text.length;
    if (section === null || !DATA_SECTIONS.has(section)) return;
    if (sections.length === MAX_SECTIONS) {
      const what = `a text has at most ${MAX_SECTIONS} sections of data`;
      diagnostics.fail('OVP_SYNTAX_PROGRAM', what, source.position(start, section.length));
    }
    const part = new ComposedSource(source);
    for (const match of replacing) {
      if (match.index + match[0].length > start) break;
      part.slice(source, match.index, match.index + match[0].length);
      part.put('\n', source, match.index, 1);
    }
    part.slice(source, start, end);
    sections.push({ name: section as SectionName, source: part });
  });
  return { isProgram, sections, ...specialNames(source, environment, first?.start ?? 0, diagnostics) };
}

const isEnvironment = ({ division, section }: Header): boolean =>
  division === 'ENVIRONMENT' || section === 'CONFIGURATION' || section === 'INPUT-OUTPUT';

function headersOf(text: string): Header[] {
  if (!/\b(?:SECTION|DIVISION)\b/i.test(text)) return [];
  return [...text.matchAll(HEADER)].map(([all, division, section], i, found): Header => {
    const start = (found[i]!.index ?? 0) + all.length - all.trimStart().length;
    const word = division?.toUpperCase() ?? null;
    return {
      division: word === 'ID' ? 'IDENTIFICATION' : word,
      section: section?.toUpperCase() ?? null,
      start,
    };
  });
}

/** DECIMAL-POINT IS COMMA, and CURRENCY SIGN IS 'x' WITH PICTURE SYMBOL 'y'. */
function specialNames(
  source: Source,
  environment: string,
  offset: number,
  diagnostics: Diagnostics,
): Pick<Program, 'decimalComma' | 'currencies'> {
  const words = textWords(environment);
  const currencies: Currency[] = [];
  let decimalComma = false;
  let at = 0;
  const accept = (...texts: string[]): void => {
    while (texts.includes(words[at]?.text ?? '')) at++;
  };
  const literal = (): string => unquoted(words[at++]?.text ?? '');
  while (at < words.length) {
    const word = words[at++]!;
    if (word.text === 'DECIMAL-POINT') {
      accept('IS');
      decimalComma ||= words[at]?.text === 'COMMA';
    } else if (word.text === 'CURRENCY') {
      accept('SIGN', 'IS');
      const sign = literal();
      let symbol = sign.toUpperCase();
      if (['WITH', 'PICTURE'].includes(words[at]?.text ?? '')) {
        accept('WITH', 'PICTURE', 'SYMBOL');
        symbol = literal().toUpperCase();
      }
      const problem = currencyProblem(sign, symbol);
      if (problem) {
        const position = source.position(offset + word.start, word.end - word.start);
        diagnostics.error('OVP_SYNTAX_CURRENCY', `CURRENCY SIGN '${sign}': ${problem}`, position);
      } else currencies.push({ sign, symbol });
    }
  }
  return { decimalComma, currencies };
}

const unquoted = (text: string): string => (/^["']/.test(text) ? text.slice(1, -1) : text);
