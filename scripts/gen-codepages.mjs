/**
 * Writes src/codepage/sbcs.ts, mixed.ts and dbcs/*.ts from ICU's conversion tables, and what ICU does not have from those of
 * glibc. Needs `uconv` (Debian: icu-devtools) of the ICU version below and glibc's `iconv`; the files it writes are
 * committed, so nobody needs them to build. With --check it writes
 * nothing and fails when a committed file differs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { doubleByteFiles } from './gen-dbcs.mjs';

const ICU = '72.1';
const TARGET = new URL('../src/codepage/', import.meta.url);

/** Every single-byte EBCDIC converter of ICU, under its code page's number (CCSID), then the ASCII pages. */
const EBCDIC = `
  37_P100-1995 273_P100-1995 277_P100-1995 278_P100-1995 280_P100-1995 284_P100-1995 285_P100-1995 290_P100-1995
  297_P100-1995 420_X120-1999 424_P100-1995 500_P100-1995 803_P100-1999 838_P100-1995 870_P100-1995 871_P100-1995
  875_P100-1995 918_P100-1995 1025_P100-1995 1026_P100-1995 1047_P100-1995 1097_P100-1995 1112_P100-1995
  1122_P100-1999 1123_P100-1995 1130_P100-1997 1132_P100-1998 1137_P100-1999 1140_P100-1997 1141_P100-1997
  1142_P100-1997 1143_P100-1997 1144_P100-1997 1145_P100-1997 1146_P100-1997 1147_P100-1997 1148_P100-1997
  1149_P100-1997 1153_P100-1999 1154_P100-1999 1155_P100-1999 1156_P100-1999 1157_P100-1999 1158_P100-1999
  1160_P100-1999 1164_P100-1999 4517_P100-2005 4899_P100-1998 4971_P100-1999 5123_P100-1999 8482_P100-1999
  9067_X100-2005 12712_P100-1998 16804_X110-1999`;
/** Older pages that ICU has no converter for; glibc's names are IBM and the number. */
const GLIBC = ['038', '256', '274', '275', '281', '423', '880', '905', '1166', '9030'];
const PAGES = [
  ...EBCDIC.trim()
    .split(/\s+/)
    .map((id) => ({ name: id.split('_')[0].padStart(3, '0'), converter: `ibm-${id}` })),
  ...GLIBC.map((name) => ({ name, converter: `glibc IBM${name}` })),
  { name: 'latin-1', converter: 'ISO-8859-1' },
  { name: 'iso-8859-15', converter: 'ibm-923_P100-1998' },
  { name: 'windows-1252', converter: 'ibm-5348_P100-1997' },
  { name: 'us-ascii', converter: 'US-ASCII' },
];

const NONE = '\uffff';

function convert(from, to, input) {
  const names = [from, to].map((name) => name.replace(/^glibc /, ''));
  if (names[0] !== from || names[1] !== to) {
    const { status, stdout, error } = spawnSync('iconv', ['-f', names[0], '-t', names[1]], { input });
    if (error) throw error;
    return { ok: status === 0, bytes: stdout };
  }
  const { status, stdout, error } = spawnSync('uconv', ['-f', from, '-t', to], { input });
  if (error) throw error;
  return { ok: status === 0, bytes: stdout };
}

/** The character of every byte; NONE where ICU has none. */
function table(converter) {
  const all = convert(
    converter,
    'UTF-16LE',
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
  );
  if (all.ok && all.bytes.length === 512) return [...all.bytes.toString('utf16le')];
  return Array.from({ length: 256 }, (_, byte) => {
    const one = convert(converter, 'UTF-16LE', Uint8Array.of(byte));
    const text = one.bytes.toString('utf16le');
    if (text.length > 1) throw new Error(`${converter}: byte ${byte} is ${text.length} code units`);
    return one.ok && text !== '' ? text : NONE;
  });
}

/** Bytes that are read as a character which ICU writes as another byte. */
function oneWay(converter, characters) {
  const doubled = characters.filter((c, byte) => c !== NONE && characters.indexOf(c) !== byte);
  const answer = {};
  for (const c of doubled) {
    const { bytes } = convert('UTF-16LE', converter, Buffer.from(c, 'utf16le'));
    if (bytes.length !== 1) throw new Error(`${converter}: U+${c.charCodeAt(0).toString(16)} is not one byte`);
    characters.forEach((other, byte) => {
      if (other === c && byte !== bytes[0]) answer[byte] = bytes[0];
    });
  }
  return answer;
}

/** As a literal that any editor shows in order: left-to-right letters and Latin-1 as they are, all else escaped. */
function literal(characters) {
  const shown = /^[\x20-\x7e\xa1-\xac\xae-\xff€\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]$/u;
  const quote = characters.includes("'") && !characters.includes('"') ? '"' : "'";
  const written = (c) => {
    if (c === quote || c === '\\') return `\\${c}`;
    if (shown.test(c)) return c;
    const code = c.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  };
  return `${quote}${characters.map(written).join('')}${quote}`;
}

function generate() {
  const version = execFileSync('uconv', ['--version'], { encoding: 'utf8' });
  if (!version.includes(`ICU ${ICU}`)) throw new Error(`needs uconv of ICU ${ICU}, found: ${version.trim()}`);
  const tables = PAGES.map(({ name, converter }) => ({ name, converter, characters: table(converter) }));
  const controls = tables[0].characters.slice(0, 64).join('');
  const lines = [];
  const doubled = [];
  for (const { name, converter, characters } of tables) {
    const shared = characters.slice(0, 64).join('') === controls;
    lines.push(`  // ${converter}`);
    lines.push(`  ${/^[1-9]\d*$/.test(name) ? name : `'${name}'`}:`);
    const rows = [];
    for (let at = shared ? 64 : 0; at < 256; at += 64) rows.push(literal(characters.slice(at, at + 64)));
    if (shared) rows.unshift('CONTROLS');
    lines.push(`    ${rows.join(' +\n    ')},`);
    const back = Object.entries(oneWay(converter, characters));
    if (back.length > 0) {
      doubled.push(
        `  ${name}: { ${back.map(([from, to]) => `0x${Number(from).toString(16)}: 0x${to.toString(16)}`).join(', ')} },`,
      );
    }
  }
  return `/**
 * Single-byte code pages: the character of each byte, U+FFFF where there is none.
 *
 * Generated by scripts/gen-codepages.mjs from the tables of ICU ${ICU}, and from what glibc's iconv says where it is named: do
 * not edit. ICU's tables are
 * Copyright © 1991-2022 Unicode, Inc. All rights reserved. Distributed under the Terms of Use in
 * https://www.unicode.org/copyright.html; the permission notice is at the end of this file.
 *
 * SPDX-License-Identifier: Apache-2.0 AND Unicode-DFS-2016
 */

/** Bytes x'00' to x'3F' of every EBCDIC page; x'15' is U+0085 and x'25' U+000A. */
const CONTROLS =
  ${literal([...controls])};

export const SBCS: Readonly<Record<string, string>> = {
${lines.join('\n')}
};

/** Bytes that are only read: the character that they stand for is written as the byte on the right. */
export const READ_ONLY_BYTES: Readonly<Record<string, Readonly<Record<number, number>>>> = {
${doubled.join('\n')}
};

/*
UNICODE, INC. LICENSE AGREEMENT - DATA FILES AND SOFTWARE

COPYRIGHT AND PERMISSION NOTICE

Copyright © 1991-2022 Unicode, Inc. All rights reserved.
Distributed under the Terms of Use in https://www.unicode.org/copyright.html.

Permission is hereby granted, free of charge, to any person obtaining
a copy of the Unicode data files and any associated documentation
(the "Data Files") or Unicode software and any associated documentation
(the "Software") to deal in the Data Files or Software
without restriction, including without limitation the rights to use,
copy, modify, merge, publish, distribute, and/or sell copies of
the Data Files or Software, and to permit persons to whom the Data Files
or Software are furnished to do so, provided that either
(a) this copyright and permission notice appear with all copies
of the Data Files or Software, or
(b) this copyright and permission notice appear in associated
Documentation.

THE DATA FILES AND SOFTWARE ARE PROVIDED "AS IS", WITHOUT WARRANTY OF
ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT OF THIRD PARTY RIGHTS.
IN NO EVENT SHALL THE COPYRIGHT HOLDER OR HOLDERS INCLUDED IN THIS
NOTICE BE LIABLE FOR ANY CLAIM, OR ANY SPECIAL INDIRECT OR CONSEQUENTIAL
DAMAGES, OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE,
DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER
TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
PERFORMANCE OF THE DATA FILES OR SOFTWARE.

Except as contained in this notice, the name of a copyright holder
shall not be used in advertising or otherwise to promote the sale,
use or other dealings in these Data Files or Software without prior
written authorization of the copyright holder.
*/
`;
}

const files = new Map([['sbcs.ts', generate()], ...doubleByteFiles(ICU, literal)]);
const check = process.argv.includes('--check');
if (!check) mkdirSync(new URL('dbcs/', TARGET), { recursive: true });
for (const [name, text] of files) {
  const file = new URL(name, TARGET);
  if (!check) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`src/codepage/${name} is not what ICU and glibc say: run node scripts/gen-codepages.mjs\n`);
    process.exitCode = 1;
  }
}
