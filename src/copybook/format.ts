/**
 * Fixed or free format? Real copybooks start in column 1 or 8, with or without sequence numbers and tabs, so every line
 * is asked what it could not be. Fixed unless there is evidence for free.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export type Format = 'fixed' | 'free' | 'variable';

const CLAUSE =
  /^(PIC|PICTURE|USAGE|VALUES?|OCCURS|REDEFINES|COMP|COMPUTATIONAL|BINARY|PACKED-DECIMAL|DISPLAY|DEPENDING|INDEXED|ASCENDING|DESCENDING|SIGN|TO|TIMES|THRU|THROUGH|RENAMES|LEADING|TRAILING|SYNC|JUST)\b/i;

/** Does this text begin with a level number and something that may be its name or a clause? */
export const beginsWithLevel = (text: string): boolean => /^\s*\d{1,2}(\s+(?!\d+(\s|$))\S|\s*\.)/.test(text);

/** A level number that begins a column too early, behind the sequence area: COBOL forbids it, other tools take it. */
export const isLevelInIndicator = (line: string): boolean =>
  /^(?:\d{6}| {6})\d/.test(line) && beginsWithLevel(line.slice(6));

/** What a `>>SOURCE FORMAT` or `$SET SOURCEFORMAT` line asks for; null for any other line. */
export function directiveFormat(line: string): Format | null {
  const match =
    /(?:>>\s*SOURCE\s+(?:FORMAT\s+)?(?:IS\s+)?|\$\s*SET\s+SOURCEFORMAT\s*\(?\s*["']?)(FREE|FIXED|VARIABLE)/i.exec(line);
  if (!match) return null;
  return match[1]!.toLowerCase() as Format;
}

/** A line of Librarian or Panvalet that stands for another text: in any column, also in front of column 7. */
export const isInclude = (line: string): boolean =>
  /^(?:\s{0,5}|\s{7,})(?:\+\+INCLUDE|-INC)\s+[\p{L}\p{N}#@$]/iu.test(line);

export function detectFormat(lines: readonly string[]): Format {
  let fixed = 0;
  let free = 0;
  let beyond = 0;
  let seen = false;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const asked = directiveFormat(line);
    if (asked) {
      if (!seen) return asked;
      break; // what follows is as it says; what came before is as it looks
    }
    const first = line.search(/\S/);
    if (first < 0 || line.startsWith('>>', first) || isInclude(line)) continue;
    seen ||= line[first] !== '*' && line[6] !== '*' && !line.startsWith('$', first);
    if (first >= 7) {
      if (isCodeBeyond72(line, lines[i + 1])) beyond++;
      continue;
    }
    if (line[first] === '*') continue; // a comment either way
    const vote = voteOf(line, first);
    if (vote === 'fixed') fixed++;
    else if (vote === 'free') free++;
  }
  if (free > fixed) return 'free';
  return fixed === 0 && beyond > 0 ? 'free' : 'fixed';
}

/** What a line with something in columns 1 to 7 speaks for. */
function voteOf(line: string, first: number): Format | null {
  const area = line.slice(0, 6);
  const indicator = line[6] ?? ' ';
  const body = line.slice(7, 72);
  const numbered = /^[ \d]*$/.test(area);
  if (first === 6) {
    if (indicator === '-') return 'fixed';
    // an entry that ends before the identification area, which has something in it
    if (isLevelInIndicator(line) && /^\w{1,8}$/.test(line.slice(72)) && body.trimEnd().endsWith('.')) return 'fixed';
    if (indicator === '/' || indicator === '$') return null;
    return (indicator === 'D' || indicator === 'd') && !/^[A-Z]/i.test(body) ? null : 'free';
  }
  if (first === 0 && isLevelInIndicator(line)) return 'fixed';
  if (numbered && indicator === ' ' && beginsWithLevel(body)) return 'fixed';
  if (beginsWithLevel(line)) return 'free';
  if (indicator === ' ' && beginsWithLevel(body)) return 'fixed';
  if ('*/-$Dd'.includes(indicator)) return numbered || indicator === '*' ? 'fixed' : indicator === '-' ? 'free' : null;
  if (indicator !== ' ') return 'free';
  if (numbered) return 'fixed';
  return CLAUSE.test(line.trim()) || body.trim() !== '' ? (CLAUSE.test(line.trim()) ? 'free' : 'fixed') : null;
}

/** Is the text behind column 72 code (the entry's period, or more than the identification area's 8 columns)? */
function isCodeBeyond72(line: string, next: string | undefined): boolean {
  const tail = line.slice(72).trim();
  if (tail === '' || line[7] === '*') return false;
  const body = line.slice(7, 72);
  if (body.includes('*>') || body.trimEnd().endsWith('.')) return false;
  if (next !== undefined && next[6] === '-') return false;
  return tail.endsWith('.') || line.slice(80).trim() !== '';
}
