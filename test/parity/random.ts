/**
 * Random copybooks and records for the parity test: every kind of field, tables in tables, counters, alternatives with and
 * without conditions, several record types. All from a seed, so that a failure can be had again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Item, Layout } from '../../src/layout/item.js';
import type { DecodeOptions } from '../../src/options.js';

export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 2654435761 + 1) >>> 0;
  }

  /** 0 to below n. */
  below(n: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const PICTURES_EDITED = [
  'ZZ9',
  'ZZ,ZZ9.99',
  '-(5)9',
  '+++9.99',
  '$$,$$9.99',
  '***,**9',
  'ZZZ9CR',
  '999.99DB',
  '9B9/99',
  'Z(4)',
  '+99',
  '--,--9.9',
  '**,**-',
  '*.**CR',
  '9(3).9 BLANK ZERO',
  'ZZ9- BLANK ZERO',
];

/** Writes a copybook; names are unique, counters are remembered as they are written. */
class CopybookWriter {
  readonly lines: string[] = [];
  private names = 0;
  private fields = 0;

  constructor(
    private readonly random: Random,
    private readonly most: number,
  ) {}

  record(): string {
    const name = this.name('R');
    this.lines.push(`       01  ${name}.`);
    this.group(5, 0, 3 + this.random.below(8));
    return name;
  }

  private name(prefix: string): string {
    return `${prefix}${++this.names}`;
  }

  private group(level: number, depth: number, count: number): void {
    let written = 0;
    for (let i = 0; i < count || written === 0; i++) {
      if (this.fields > this.most && written > 0) return;
      this.item(level, depth);
      written++;
    }
  }

  private item(level: number, depth: number): void {
    const { random } = this;
    const deep = depth < 4;
    const kind = random.below(12);
    if (kind === 0 && deep) return this.table(level, depth);
    if (kind === 1 && deep) return this.counted(level, depth);
    if (kind === 2 && deep) return this.redefines(level, depth);
    if (kind === 3 && deep) {
      this.line(level, random.chance(80) ? this.name('G') : 'FILLER', '');
      return this.group(level + 2, depth + 1, 1 + random.below(4));
    }
    this.field(level, this.random.chance(8) ? 'FILLER' : this.name('F'), '');
  }

  private table(level: number, depth: number): void {
    const occurs = `OCCURS ${1 + this.random.below(4)} TIMES`;
    if (this.random.chance(50)) return this.field(level, this.name('F'), occurs);
    this.line(level, this.name('T'), occurs);
    this.group(level + 2, depth + 1, 1 + this.random.below(3));
  }

  private counted(level: number, depth: number): void {
    const { random } = this;
    const counter = this.name('N');
    const usage = random.pick(['PIC 9', 'PIC 99', 'PIC S9(3) COMP-3', 'PIC 9(4) COMP', 'PIC S9(2)']);
    this.line(level, counter, usage);
    if (random.chance(30)) this.field(level, this.name('F'), '');
    const max = 1 + random.below(6);
    const occurs = `OCCURS ${random.below(2)} TO ${max} TIMES DEPENDING ON ${counter}`;
    if (random.chance(40)) return this.field(level, this.name('F'), occurs);
    this.line(level, this.name('T'), occurs);
    this.group(level + 2, depth + 1, 1 + random.below(3));
  }

  private redefines(level: number, depth: number): void {
    const base = this.name('A');
    const size = 4 + this.random.below(20);
    this.line(level, base, `PIC X(${size})`);
    for (let n = 1 + this.random.below(2); n > 0; n--) {
      this.line(level, this.name('A'), `REDEFINES ${base}`);
      this.group(level + 2, depth + 1, 1 + this.random.below(3));
    }
  }

  private field(level: number, name: string, clauses: string): void {
    this.fields++;
    this.line(level, name, `${clauses} ${this.picture()}`);
  }

  private picture(): string {
    const { random } = this;
    const digits = (most: number): number => 1 + random.below(most);
    const number = (most: number): string => {
      const all = digits(most);
      const fraction = random.chance(40) ? random.below(all + 1) : 0;
      const sign = random.chance(60) ? 'S' : '';
      if (random.chance(5)) return `PIC ${sign}9(${Math.min(all, 12)})PPP`;
      if (random.chance(5)) return `PIC ${sign}VPP9(${Math.min(all, 12)})`;
      if (fraction === all) return `PIC ${sign}V9(${all})`;
      return fraction > 0 ? `PIC ${sign}9(${all - fraction})V9(${fraction})` : `PIC ${sign}9(${all})`;
    };
    switch (random.below(9)) {
      case 0:
      case 1:
        return `PIC X(${1 + random.below(random.chance(20) ? 90 : 12)})`;
      case 2:
        return number(18);
      case 3: {
        const picture = number(31);
        if (!picture.includes('S')) return picture;
        return `${picture} SIGN ${random.pick(['LEADING', 'TRAILING'])}${random.pick(['', ' SEPARATE'])}`;
      }
      case 4:
        return `${number(31)} COMP-3`;
      case 5:
        return `${number(18)} COMP`;
      case 6:
        return random.pick(['COMP-1', 'COMP-2']);
      case 7:
        return `PIC ${random.pick(PICTURES_EDITED)}${random.chance(15) ? ' NATIONAL' : ''}`;
      default:
        if (random.chance(20)) {
          const picture = number(31);
          return `${picture} NATIONAL${picture.includes('S') ? ` SIGN ${random.pick(['LEADING', 'TRAILING'])} SEPARATE` : ''}`;
        }
        if (random.chance(50)) return `${number(18)} COMP-5`;
        return random.pick(['PIC N(4)', 'PIC N(4)', 'PIC G(3)', 'PIC N(5) DISPLAY-1', 'PIC U(3)']);
    }
  }

  private line(level: number, name: string, clauses: string): void {
    const text = `           ${String(level).padStart(2, '0')} ${name} ${clauses.trim()}`.trimEnd();
    const at = text.length < 72 ? -1 : text.lastIndexOf(' ', 71);
    if (at < 0) this.lines.push(`${text}.`);
    else this.lines.push(text.slice(0, at), `               ${text.slice(at + 1)}.`);
  }
}

/** A copybook of up to three record types. */
export function randomCopybook(random: Random): string {
  const writer = new CopybookWriter(random, 6 + random.below(30));
  for (let n = random.chance(80) ? 1 : 2 + random.below(2); n > 0; n--) writer.record();
  return `${writer.lines.join('\n')}\n`;
}

/** Options that change what bytes mean, and conditions for some of the alternatives. */
export function randomOptions(random: Random, layout: Layout): DecodeOptions {
  const record: Record<string, string> = {};
  const visit = (item: Item): void => {
    const isAlternative = item.redefines !== null || (layout.records.length > 1 && item.parent === null);
    const first = firstText(item);
    if (isAlternative && first && !item.filler && random.chance(50)) {
      record[item.name] = `${first.name} ${random.pick(['<', '>=', '<>'])} '${random.pick(['A', 'M', '5'])}'`;
    }
    if (!item.occurs) item.children.forEach(visit);
  };
  for (const { item } of layout.records) visit(item);
  return {
    trim: random.pick(['right', 'right', 'left', 'both', 'none']),
    floats: random.pick(['ibm', 'ieee', 'ieee-little']),
    trunc: random.pick(['bin', 'std']),
    digits: random.pick(['strict', 'strict', 'lenient']),
    odo: random.pick(['compact', 'compact', 'padded']),
    encoding: random.pick(['ebcdic', 'ebcdic', 'ascii']),
    comp5Endian: random.pick(['big', 'little']),
    asciiSigns: random.pick(['overpunch', 'p-y']),
    absent: random.pick(['null', 'null', 'keep']),
    edited: random.pick(['number', 'number', 'text']),
    filler: random.chance(20),
    newlines: random.pick(['nel', 'swap', 'both']),
    ...codePageOf(random, layout),
    record,
  };
}

const MIXED = ['930', '933', '937', '939', '1388', '1399'];

/** Items of double bytes need a mixed page. */
function codePageOf(random: Random, layout: Layout): DecodeOptions {
  const hasDouble = (item: Item): boolean => item.kind === 'dbcs' || item.children.some(hasDouble);
  if (layout.records.some(({ item }) => hasDouble(item))) return { codePage: random.pick(MIXED) };
  return random.chance(60) ? {} : { codePage: random.pick([...MIXED, 'utf-8', '1140', '290']) };
}

function firstText(item: Item): Item | null {
  if (item.occurs) return null;
  if (item.kind === 'text' && !item.filler) return item;
  for (const child of item.children) {
    const found = firstText(child);
    if (found) return found;
  }
  return null;
}

/** Writes records that mostly are what the layout says, with a few bytes changed, cut or added. */
export class RecordWriter {
  private bytes: number[] = [];
  private readonly counters = new Set<Item>();
  private readonly counts = new Map<Item, number>();
  private readonly ascii: boolean;

  constructor(
    private readonly random: Random,
    private readonly layout: Layout,
    private readonly options: DecodeOptions,
  ) {
    this.ascii = options.encoding === 'ascii';
    const visit = (item: Item): void => {
      if (item.occurs?.dependingOn) this.counters.add(item.occurs.dependingOn);
      item.children.forEach(visit);
    };
    for (const { item } of layout.records) visit(item);
  }

  /** One record; `quality` 0 (noise) to 100 (all valid). */
  record(quality: number): Uint8Array {
    const { random } = this;
    this.bytes = [];
    this.counts.clear();
    this.item(random.pick(this.layout.records).item);
    if (random.chance(quality)) return Uint8Array.from(this.bytes);
    const bytes = this.bytes;
    for (let n = random.below(4); n > 0 && bytes.length > 0; n--)
      bytes[random.below(bytes.length)] = random.pick([0, 0x40, 0xff, random.below(256)]);
    if (random.chance(20)) bytes.length = random.below(bytes.length + 1);
    if (random.chance(10)) for (let n = random.below(9); n > 0; n--) bytes.push(random.below(256));
    return Uint8Array.from(bytes);
  }

  private item(item: Item): void {
    if (!item.occurs) return this.one(item);
    const counter = item.occurs.dependingOn;
    const count = counter ? Math.min(this.counts.get(counter) ?? 0, item.occurs.max) : item.occurs.max;
    for (let i = 0; i < count; i++) this.one(item);
    if (this.options.odo === 'padded') this.noise((item.occurs.max - count) * item.stride);
  }

  private one(item: Item): void {
    if (item.kind !== 'group') return this.field(item);
    const done = new Set<Item>();
    for (const child of item.children) {
      if (child.redefines || done.has(child)) continue;
      const area = item.children.filter((other) => other === child || other.redefines === child);
      if (area.length === 1) {
        this.item(child);
        continue;
      }
      const start = this.bytes.length;
      const most = Math.max(...area.map((one) => one.length));
      this.item(this.random.pick(area));
      if (this.bytes.length - start > most) this.bytes.length = start + most;
      this.noise(start + most - this.bytes.length);
    }
  }

  /** Pairs; single bytes and shifts too where the text is mixed. Cut where the field ends. */
  private tokens(length: number, mixed: boolean): void {
    const { random } = this;
    const end = this.bytes.length + length;
    let isDouble = !mixed;
    if (random.chance(10)) isDouble = !isDouble;
    while (this.bytes.length < end) {
      if (random.chance(mixed ? 20 : 2)) {
        this.bytes.push(isDouble ? 0x0f : 0x0e);
        isDouble = !isDouble;
      } else if (isDouble) {
        this.bytes.push(
          ...random.pick([
            [0x44, 0x81],
            [0x42, 0xc1],
            [0x40, 0x40],
            [0x40, 0x40],
            [0x48 + random.below(8), 0x60 + random.below(60)],
            [0xec, 0xb5],
          ]),
        );
      } else this.bytes.push(random.pick([0xc1, 0xc2, 0x40, 0x40, 0, 0x81, 0x15, 0x25]));
    }
    this.bytes.length = end;
  }

  private characters(length: number): void {
    const end = this.bytes.length + length;
    while (this.bytes.length < end) {
      const text = this.random.pick(['A', ' ', 'é', '€', '😀', '\0', 'wxyz0123', '\u07ff', '\uffff']);
      this.bytes.push(...new TextEncoder().encode(text));
      if (this.random.chance(40)) while (this.bytes.length < end) this.bytes.push(0x20);
    }
    this.bytes.length = end;
  }

  private noise(count: number): void {
    for (let i = 0; i < count; i++) this.bytes.push(this.random.below(256));
  }

  /** Digits of UTF-16, and what an edited picture shows beside them. */
  private wideNumber({ sign, digits, edited, signed }: Item, digit: (i: number) => number): void {
    const put = (text: string): void => void this.bytes.push(0, text.charCodeAt(0));
    const mark = this.random.pick(['+', '-']);
    if (signed && sign.leading && !edited) put(mark);
    if (edited) for (const { digit: holds, symbol } of edited.positions) put(holds ? String(digit(0)) : symbol || ' ');
    else for (let i = 0; i < digits; i++) put(String(digit(i)));
    if (signed && !sign.leading && !edited) put(mark);
  }

  private field(item: Item): void {
    const { random } = this;
    const pad = this.ascii ? 0x20 : 0x40;
    const zone = this.ascii ? 0x30 : 0xf0;
    if (!this.counters.has(item) && random.chance(4)) {
      const blank = random.pick([pad, 0, 0xff]);
      for (let i = 0; i < item.length; i++) this.bytes.push(blank);
      return;
    }
    const isCounter = this.counters.has(item);
    const value = isCounter ? random.below(7) : null;
    if (isCounter) this.counts.set(item, value!);
    const digits = value === null ? null : String(value).padStart(item.digits, '0').slice(-item.digits);
    const digit = (i: number): number => (digits ? Number(digits[i]) : random.below(10));
    if (item.usage === 'NATIONAL' && item.digits > 0 && random.chance(80)) return this.wideNumber(item, digit);
    switch (item.kind) {
      case 'zoned': {
        const count = item.digits;
        const sign = item.sign;
        const negative = item.signed && !isCounter && random.chance(40);
        const over = (d: number): number => {
          if (!item.signed || sign.separate) return zone | d;
          if (!this.ascii) return (negative ? random.pick([0xd0, 0xb0]) : random.pick([0xc0, 0xf0, 0xa0, 0xe0])) | d;
          if (!negative)
            return random.chance(50) || this.options.asciiSigns === 'p-y' ? 0x30 + d : d === 0 ? 0x7b : 0x40 + d;
          return this.options.asciiSigns === 'p-y' ? 0x70 + d : d === 0 ? 0x7d : 0x49 + d;
        };
        const mark = this.ascii ? (negative ? 0x2d : 0x2b) : negative ? 0x60 : 0x4e;
        if (sign.separate && sign.leading) this.bytes.push(mark);
        for (let i = 0; i < count; i++) {
          const here = sign.leading ? i === 0 : i === count - 1;
          this.bytes.push(here ? over(digit(i)) : zone | digit(i));
        }
        if (sign.separate && !sign.leading) this.bytes.push(mark);
        return;
      }
      case 'packed': {
        const nibbles: number[] = item.digits % 2 === 0 ? [0] : [];
        for (let i = 0; i < item.digits; i++) nibbles.push(digit(i));
        nibbles.push(item.signed ? (isCounter ? 12 : random.pick([12, 13, 15, 10, 11])) : random.pick([15, 12]));
        for (let i = 0; i < nibbles.length; i += 2) this.bytes.push((nibbles[i]! << 4) | nibbles[i + 1]!);
        return;
      }
      case 'binary':
        for (let i = 0; i < item.length; i++)
          this.bytes.push(value !== null ? (i === item.length - 1 ? value : 0) : random.below(256));
        return;
      case 'dbcs':
        return this.tokens(item.length, false);
      case 'text': {
        const page = item.usage === 'UTF-8' ? 'utf-8' : (this.options.codePage ?? '');
        if (page === 'utf-8' && random.chance(70)) return this.characters(item.length);
        if (MIXED.includes(page) && random.chance(70)) return this.tokens(item.length, true);
        const used = random.below(item.length + 1);
        for (let i = 0; i < item.length; i++) {
          this.bytes.push(
            i < used
              ? random.chance(90)
                ? (this.ascii ? 0x41 : 0xc1) + random.below(9)
                : random.below(256)
              : random.chance(90)
                ? pad
                : 0,
          );
        }
        return;
      }
      case 'edited': {
        const first = random.below(4);
        let seen = false;
        for (const { role, symbol, digit: holds } of item.edited!.positions) {
          const code = (text: string): number => (this.ascii ? text.charCodeAt(0) : (EBCDIC[text] ?? pad));
          if (role === '9' || (holds && (seen || random.below(4) < first))) {
            seen = true;
            this.bytes.push(zone | random.below(10));
          } else if (holds) this.bytes.push(role === '*' ? code('*') : pad);
          else if (role === 'insert' || role === 'point')
            this.bytes.push(seen || random.chance(30) ? code(symbol || ' ') : pad);
          else this.bytes.push(random.pick([pad, code(symbol || ' '), code('-')]));
        }
        return;
      }
      default:
        this.noise(item.length);
    }
  }
}

const EBCDIC: Readonly<Record<string, number>> = {
  ' ': 0x40,
  '.': 0x4b,
  ',': 0x6b,
  '*': 0x5c,
  '+': 0x4e,
  '-': 0x60,
  $: 0x5b,
  '/': 0x61,
  '0': 0xf0,
  C: 0xc3,
  R: 0xd9,
  D: 0xc4,
  B: 0xc2,
};
