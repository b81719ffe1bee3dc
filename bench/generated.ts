/**
 * The best that JavaScript alone does: a decoder generated for the fields of a record (`new Function`), with the same
 * values and the same checks as the library: digits, zones and signs, absent fields, trimming. All strings of a record
 * are cut out of one, which is made of a scratch of Latin-1 bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { codePage } from '../src/codepage/codepage.js';
import { type Field, keyOf } from './data.js';

/** A record's object and, behind it in `bad`, how many of its values could not be read. */
export interface Generated {
  decode(bytes: Buffer, start: number): Record<string, unknown>;
  readonly bad: () => number;
}

const CHARACTERS = Uint8Array.from(codePage('037').toUnicode, (code) => (code >= 0 && code < 256 ? code : 0));
/** 1: not two digits. */
const NOT_DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => (byte >> 4 > 9 || (byte & 15) > 9 ? 1 : 0));
/** 0: plus, 1: minus, 2: no sign. */
const SIGNS = Uint8Array.from({ length: 16 }, (_, sign) => (sign < 10 ? 2 : sign === 11 || sign === 13 ? 1 : 0));

export function generated(fields: readonly Field[]): Generated {
  const lines: string[] = [];
  const members: string[] = [];
  let at = 0;
  let text = 0;
  fields.forEach((field, n) => {
    const write = WRITE[field.kind];
    const { code, value, width } = write(field, n, (k) => `b[p + ${at + k}]`, text, `p + ${at}`);
    lines.push(code);
    members.push(`${JSON.stringify(keyOf(field.name))}: ${value}`);
    at += field.length;
    text += width;
  });
  const body = `"use strict";
let bad = 0;
function isBlank(b, from, to) {
  const first = b[from];
  if (first !== 0x40 && first !== 0 && first !== 0xff) return false;
  for (let k = from + 1; k < to; k++) if (b[k] !== first) return false;
  return true;
}
return {
  bad: () => bad,
  decode(b, p) {
    ${lines.join('\n    ')}
    const t = s.latin1Slice(0, ${text});
    return { ${members.join(', ')} };
  },
};`;
  const scratch = Buffer.alloc(text);
  return new Function('s', 'CHARACTERS', 'NOT_DIGITS', 'SIGNS', body)(
    scratch,
    CHARACTERS,
    NOT_DIGITS,
    SIGNS,
  ) as Generated;
}

interface Written {
  readonly code: string;
  readonly value: string;
  /** Bytes of the scratch. */
  readonly width: number;
}
type Write = (field: Field, n: number, byte: (k: number) => string, text: number, start: string) => Written;

/** Runs `good` (which may set `ok` to 0) unless the field is blank; counts what is bad. */
function checked(n: number, length: number, start: string, good: string): string {
  return `let ok${n} = 1; { let ok = 1; ${good} if (ok === 0) { ok${n} = 0; if (!isBlank(b, ${start}, ${start} + ${length})) bad++; } }`;
}

const WRITE: Readonly<Record<Field['kind'], Write>> = {
  text({ length }, n, byte, text, start) {
    const code = `let e${n} = ${length}, ok${n} = 1;
    if ((${byte(0)} === 0 || ${byte(0)} === 0xff) && isBlank(b, ${start}, ${start} + ${length})) ok${n} = 0;
    while (e${n} > 0 && (b[${start} + e${n} - 1] === 0x40 || b[${start} + e${n} - 1] === 0)) e${n}--;
    for (let k = 0; k < e${n}; k++) s[${text} + k] = CHARACTERS[b[${start} + k]];`;
    return { code, value: `ok${n} !== 0 ? t.substring(${text}, ${text} + e${n}) : null`, width: length };
  },
  zoned({ length, signed, scale }, n, byte, _text, start) {
    if (scale > 0) throw new Error('no case needs a zoned number with a scale');
    const digits: string[] = [];
    for (let k = 0; k < length - 1; k++)
      digits.push(`d = ${byte(k)} - 0xf0; if (d < 0 || d > 9) ok = 0; v = v * 10 + d;`);
    const last = `d = ${byte(length - 1)}; const sign = SIGNS[d >> 4]; if ((d & 15) > 9 || sign === 2${signed ? '' : ' || sign === 1'}) ok = 0; v = v * 10 + (d & 15);`;
    const code = `let v${n} = 0; ${checked(n, length, start, `let v = 0, d; ${digits.join(' ')} ${last} v${n} = sign === 1 && v !== 0 ? -v : v;`)}`;
    return { code, value: `ok${n} !== 0 ? v${n} : null`, width: 0 };
  },
  packed({ length, digits, scale, signed }, n, byte, text, start) {
    const nibbles = 2 * length - 1;
    const whole = nibbles - scale;
    // the sign, the digits before the point, the point, those behind it
    const place = (k: number): number => text + 1 + (k < whole ? k : k + 1);
    const steps: string[] = [];
    if (digits < nibbles) steps.push(`if (${byte(0)} >> 4 !== 0) ok = 0;`);
    for (let k = 0; k < length - 1; k++) {
      steps.push(
        `d = ${byte(k)}; ok &= 1 - NOT_DIGITS[d]; any |= d; s[${place(2 * k)}] = 48 + (d >> 4); s[${place(2 * k + 1)}] = 48 + (d & 15);`,
      );
    }
    steps.push(
      `d = ${byte(length - 1)}; const sign = SIGNS[d & 15]; if (d >> 4 > 9 || sign === 2${signed ? '' : ' || sign === 1'}) ok = 0; any |= d >> 4; s[${place(nibbles - 1)}] = 48 + (d >> 4);`,
    );
    if (scale > 0) steps.push(`s[${text + 1 + whole}] = 46;`);
    steps.push(`let q = ${text + 1}; while (q < ${text + whole} && s[q] === 48) q++;`);
    steps.push('if (sign === 1 && any !== 0) s[--q] = 45;');
    const code = `let q${n} = 0; ${checked(n, length, start, `let d, any = 0; ${steps.join(' ')} q${n} = q;`)}`;
    const width = nibbles + 1 + (scale > 0 ? 1 : 0);
    return { code, value: `ok${n} !== 0 ? t.substring(q${n}, ${text + width}) : null`, width };
  },
  binary({ length }, _n, byte, _text, start) {
    if (length === 8) return { code: '', value: `b.readBigInt64BE(${start})`, width: 0 };
    const value =
      length === 2
        ? `((${byte(0)} << 24) >> 16) | ${byte(1)}`
        : `(${byte(0)} << 24) | (${byte(1)} << 16) | (${byte(2)} << 8) | ${byte(3)}`;
    return { code: '', value, width: 0 };
  },
  float() {
    throw new Error('no case needs floats');
  },
};
