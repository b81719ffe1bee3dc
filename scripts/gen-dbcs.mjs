/**
 * The mixed single- and double-byte pages out of ICU's conversion tables, for gen-codepages.mjs: the sources of
 * src/codepage/mixed.ts and src/codepage/dbcs/*.ts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';

/** Each script's pages: the first has the base table, those that differ from it add to it. */
const SCRIPTS = {
  japanese: {
    base: '930',
    more: '1390',
    pages: {
      930: 'ibm-930_P120-1999',
      939: 'ibm-939_P120-1999',
      1390: 'ibm-1390_P110-2003',
      1399: 'ibm-1399_P110-2003',
    },
  },
  korean: { base: '933', more: '1364', pages: { 933: 'ibm-933_P110-1995', 1364: 'ibm-1364_P110-2007' } },
  'simplified-chinese': {
    base: '935',
    more: '1388',
    pages: { 935: 'ibm-935_P110-1999', 1388: 'ibm-1388_P103-2001' },
  },
  'traditional-chinese': {
    base: '937',
    more: '1371',
    pages: { 937: 'ibm-937_P110-1999', 1371: 'ibm-1371_P100-1999' },
  },
};

const NONE = '\uffff';
const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;
const LINE_FEED = 0x25;
/** Bytes of a pair are x'40' to x'FE'. */
const FIRST = 0x40;
const SIDE = 0xff - FIRST;

function convert(from, to, input) {
  const { stdout, error } = spawnSync('uconv', ['-f', from, '-t', to, '--callback', 'substitute'], {
    input,
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  return stdout;
}

const isWrong = (text) => text === '' || text.includes('\ufffd') || text.includes('\x1a');

/** What stands between line feeds, where every piece is converted for itself. */
function pieces(converter, bytes, count) {
  const list = convert(converter, 'UTF-16LE', Uint8Array.from(bytes)).toString('utf16le').split('\n');
  list.pop();
  if (list.length !== count) throw new Error(`${converter}: ${list.length} answers to ${count} questions`);
  return list;
}

/** The character of every single byte; NONE where there is none, and for the shifts. */
function singles(converter) {
  const asked = [];
  for (let byte = 0; byte < 256; byte++) {
    const isShift = byte === SHIFT_OUT || byte === SHIFT_IN || byte === LINE_FEED;
    asked.push(isShift ? 0x40 : byte, LINE_FEED);
  }
  return pieces(converter, asked, 256).map((text, byte) => {
    if (byte === LINE_FEED) return '\n';
    if (byte === 0x3f) return '\x1a';
    if (byte === SHIFT_OUT || byte === SHIFT_IN || isWrong(text)) return NONE;
    if (text.length !== 1) throw new Error(`${converter}: byte ${byte} is ${text.length} code units`);
    return text;
  });
}

/** The characters of every pair, '' where there are none. */
function pairs(converter) {
  const asked = [];
  for (let lead = FIRST; lead < 0xff; lead++)
    for (let trail = FIRST; trail < 0xff; trail++) asked.push(SHIFT_OUT, lead, trail, SHIFT_IN, LINE_FEED);
  return pieces(converter, asked, SIDE * SIDE).map((text) => (isWrong(text) ? '' : text));
}

/** Singles and pairs that are read as a character which ICU writes otherwise: those are never written. */
function readOnly(converter, single, double) {
  const texts = [...new Set([...single, ...double])].filter((text) => text !== '' && text !== NONE && text !== '\n');
  const bytes = convert('UTF-16LE', converter, Buffer.from(`${texts.join('\n')}\n`, 'utf16le'));
  const written = new Map();
  let at = 0;
  for (const text of texts) {
    const end = bytes.indexOf(LINE_FEED, at);
    const shifted = bytes[at] === SHIFT_OUT;
    written.set(
      text,
      shifted ? bytes.subarray(at + 1, end - 1).toString('hex') : bytes.subarray(at, end).toString('hex'),
    );
    at = end + 1;
  }
  const answer = [];
  const check = (text, hex) => {
    if (text === '' || text === NONE || text === '\n' || written.get(text) === hex) return;
    answer.push(hex);
  };
  single.forEach((text, byte) => check(text, byte.toString(16).padStart(2, '0')));
  double.forEach((text, i) => check(text, pairName(i)));
  return { answer, written };
}

const pairName = (i) => ((FIRST + Math.floor(i / SIDE)) * 256 + FIRST + (i % SIDE)).toString(16);

/** `12;`: 12 pairs without a character. `x~12;`: x and the 12 that follow it in Unicode. `(xy)`: several characters. */
function tokens(table) {
  const list = [];
  const one = (i) => (i < table.length && [...table[i]].length === 1 ? table[i].codePointAt(0) : -1);
  for (let i = 0; i < table.length; ) {
    let n = 1;
    if (table[i] === '') {
      while (table[i + n] === '') n++;
      if (i + n < table.length) list.push(`${n};`);
    } else if (one(i) < 0) {
      list.push(`(${shown(table[i])})`);
    } else {
      while (one(i + n) === one(i) + n) n++;
      if (n < 4) n = 1;
      list.push(shown(table[i]) + (n > 1 ? `~${n - 1};` : ''));
    }
    i += n;
  }
  return list;
}

/** As it is where every editor shows it and no tool changes it, else escaped. */
function shown(text) {
  return [...text]
    .map((c) => {
      const code = c.codePointAt(0);
      const plain =
        /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]$/u;
      const isSyllable = code >= 0xac00 && code <= 0xd7a3;
      const isCompatibility = (code >= 0xf900 && code <= 0xfaff) || (code >= 0x2f800 && code <= 0x2fa1f);
      if (isSyllable || (plain.test(c) && !isCompatibility && !/^\p{M}$/u.test(c))) return c;
      return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
    })
    .join('');
}

function lines(table) {
  const made = [''];
  for (const token of tokens(table)) {
    if (made.at(-1).length + token.length > 100) made.push('');
    made[made.length - 1] += token;
  }
  return made;
}

const heading = (what, icu) => `/**
 * ${what}
 *
 * Generated by scripts/gen-codepages.mjs from the tables of ICU ${icu}: do not edit. The tables are
 * Copyright © 1991-2022 Unicode, Inc. All rights reserved. Distributed under the Terms of Use in
 * https://www.unicode.org/copyright.html; the permission notice is at the end of sbcs.ts.
 *
 * SPDX-License-Identifier: Apache-2.0 AND Unicode-DFS-2016
 */
`;

/** Name (below src/codepage) and text of every file; `literal` writes a single-byte table's characters. */
export function doubleByteFiles(icu, literal) {
  const files = new Map();
  const rows = [];
  for (const [script, { base, more, pages }] of Object.entries(SCRIPTS)) {
    const tables = Object.fromEntries(Object.entries(pages).map(([page, converter]) => [page, pairs(converter)]));
    const added = tables[more].map((text, i) => (text === tables[base][i] ? '' : text));
    if (tables[more].some((text, i) => text === '' && tables[base][i] !== '')) throw new Error(`${more}: takes away`);
    const text = (name, doc, table) => `/** ${doc} */\nexport const ${name} = \`\n${lines(table).join('\n')}\`;\n`;
    files.set(
      `dbcs/${script}.ts`,
      `${heading(`Double-byte tables of ${Object.keys(pages).join(', ')}; \`dbcs.ts\` says how they are written.`, icu)}
${text('BASE', `Every pair from x'4040' on, of ${base}.`, tables[base])}
${text('MORE', `What ${more} has beyond it or otherwise.`, added)}`,
    );
    for (const [page, converter] of Object.entries(pages)) {
      const hasMore = tables[page].some((value, i) => value !== tables[base][i]);
      const other = hasMore ? more : base;
      if (tables[page].some((value, i) => value !== tables[other][i])) throw new Error(`${page} is a table of its own`);
      const single = singles(converter);
      const { answer } = readOnly(converter, single, tables[page]);
      const parts = [];
      for (let at = 0; at < 256; at += 64) parts.push(literal(single.slice(at, at + 64)));
      rows.push(`  // ${converter}
  ${page}: {
    script: '${script}',
    more: ${hasMore},
    single:
      ${parts.join(' +\n      ')},
    readOnly:${answer.length > 20 ? '\n      ' : ' '}'${answer.join(' ')}',
  },`);
    }
  }
  files.set(
    'mixed.ts',
    `${heading('Mixed pages: their single bytes, and which double-byte table goes with them.', icu)}
export type Script = ${Object.keys(SCRIPTS)
      .map((script) => `'${script}'`)
      .join(' | ')};

export interface MixedPage {
  readonly script: Script;
  /** The double-byte table is the script's BASE with its MORE. */
  readonly more: boolean;
  /** The character of each single byte, U+FFFF where there is none (the shifts x'0E' and x'0F' are none). */
  readonly single: string;
  /** Bytes and pairs, in hexadecimal, that are only read: their character is written otherwise. */
  readonly readOnly: string;
}

export const MIXED: Readonly<Record<string, MixedPage>> = {
${rows.sort((a, b) => Number(/\n {2}(\d+)/.exec(a)[1]) - Number(/\n {2}(\d+)/.exec(b)[1])).join('\n')}
};
`,
  );
  return files;
}
