/**
 * Where the rule behind an error can be read (the manual and its section), and how it is written right, by the error's code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { ErrorCode } from '../errors.js';

const PAGES = 'https://www.ibm.com/docs/en/cobol-zos/6.4.0?topic=';
/** A section of the manual, and its page where it has one of its own. */
const ibm = (section: string, page?: string): string =>
  `IBM Enterprise COBOL 6.4 Language Reference, "${section}"${page ? ` (${PAGES}${page})` : ''}`;

const ENTRY = ibm('DATA DIVISION--data description entry');
const LEVELS = ibm('Level-numbers', 'entry-level-numbers');
const FORMAT = ibm('Reference format', 'structure-reference-format');

const RULES: Readonly<Record<string, string>> = {
  OVP_SYNTAX_CLAUSE: ENTRY,
  OVP_SYNTAX_COMMA: ibm('Separators'),
  OVP_SYNTAX_CONSTANT: 'Micro Focus COBOL Language Reference, "Level 78"',
  OVP_SYNTAX_CONTINUATION: ibm('Continuation lines'),
  OVP_SYNTAX_COPY: ibm('COPY statement', 'statements-copy-statement'),
  OVP_SYNTAX_CURRENCY: ibm('CURRENCY SIGN clause'),
  OVP_SYNTAX_FILE: ibm('DATA DIVISION--file description entries'),
  OVP_SYNTAX_FORMAT: FORMAT,
  OVP_SYNTAX_GROUP: LEVELS,
  OVP_SYNTAX_INDICATOR: FORMAT,
  OVP_SYNTAX_LEVEL: LEVELS,
  OVP_SYNTAX_LITERAL: ibm('Literals'),
  OVP_SYNTAX_NAME: ibm('User-defined words'),
  OVP_SYNTAX_OCCURS: ibm('OCCURS clause', 'entry-occurs-clause'),
  OVP_SYNTAX_PERIOD: ibm('Separators'),
  OVP_SYNTAX_PICTURE: ibm('PICTURE clause', 'entry-picture-clause'),
  OVP_SYNTAX_PLACEHOLDER: ibm('COPY statement', 'statements-copy-statement'),
  OVP_SYNTAX_TYPE: 'ISO/IEC 1989:2002, "TYPEDEF clause" and "TYPE clause"',
  OVP_SYNTAX_UNEXPECTED: ENTRY,
  OVP_LAYOUT_COUNTER: ibm('OCCURS DEPENDING ON clause', 'clause-occurs-depending'),
  OVP_LAYOUT_ITEM: ENTRY,
  OVP_LAYOUT_LENGTH: ibm('Compiler limits'),
  OVP_LAYOUT_REDEFINES: ibm('REDEFINES clause', 'entry-redefines-clause'),
  OVP_LAYOUT_RENAMES: ibm('RENAMES clause', 'entry-renames-clause'),
};

export const ruleOf = (code: ErrorCode): string | undefined => RULES[code];

/** What to do where an error has no hint of its own. */
const HINTS: Readonly<Record<string, string>> = {
  OVP_SYNTAX_CLAUSE: 'Clauses stand before the period, in any order, each of them once.',
  OVP_SYNTAX_CONSTANT: 'It is written: 78 LIMIT VALUE 5.',
  OVP_SYNTAX_CONTINUATION:
    'A line with - in column 7 continues the one before it; a literal goes on there behind a quote like its first.',
  OVP_SYNTAX_COPY: 'It is written: COPY NAME REPLACING ==:TAG:== BY ==CUST==.',
  OVP_SYNTAX_FILE: 'It is written: RECORD IS VARYING IN SIZE FROM 10 TO 200 CHARACTERS.',
  OVP_SYNTAX_LEVEL: 'A level 01 begins a record; 66 and 88 levels follow the items that they speak of.',
  OVP_SYNTAX_LITERAL: "Text stands in quotes ('ABC'), bytes in X'...' with two hexadecimal digits each.",
  OVP_SYNTAX_NAME: 'Names are letters, digits and hyphens, with a letter at least and no hyphen at the end.',
  OVP_SYNTAX_OCCURS: 'It is written: OCCURS 5 TIMES, or OCCURS 1 TO 5 TIMES DEPENDING ON COUNTER.',
  OVP_SYNTAX_PERIOD: 'Each entry ends with one period, and a blank or a new line behind it.',
  OVP_SYNTAX_PICTURE:
    'Pictures are such as X(10) for text, S9(7)V99 for numbers, ZZ9.99- for numbers as people read them.',
  OVP_SYNTAX_TYPE:
    'A type is an 01 level with TYPEDEF; an item of it has TYPE and the name, and no PICTURE or items below.',
  OVP_SYNTAX_UNEXPECTED: 'An entry is a level number, a name and clauses: 05 NAME PIC X(20) VALUE SPACES.',
  OVP_LAYOUT_COUNTER: 'The counter is a whole number before the table, such as PIC 9(3), in no table of its own.',
  OVP_LAYOUT_ITEM: 'An item has a PICTURE or items below it, and only clauses that fit what it is.',
  OVP_LAYOUT_RENAMES: 'It is written: 66 NAME RENAMES FIRST-ITEM THRU LAST-ITEM.',
};

export const hintOf = (code: ErrorCode): string | undefined => HINTS[code];
