/**
 * The demo's sample data: a bank's accounts as demo/accounts.cpy lays them out, in EBCDIC, as blocked records of variable
 * length. The twin of native/demo/sample.c: the same seed gives the same bytes, to the last one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { codePage } from '../../codepage/codepage.js';

/** Which of the record's alternatives applies. */
export const RECORD = { PERSON: "CUSTOMER-TYPE = 'P'", COMPANY: "CUSTOMER-TYPE = 'B'" };

/** Longest block: two of them fill a track of a 3390 disk. */
export const SAMPLE_BLOCK = 27998;

/** Words of the state that a sample goes on from. */
export const SampleWord = { RANDOM: 0, ACCOUNTS: 1 } as const;

/** Where a sample begins. The seed must not be 0; by default it is one whose first accounts are short enough to show. */
export const sampleState = (seed = 19626977): Uint32Array => Uint32Array.of(seed, 0);

/** Fills a buffer with whole blocks from `state` on; returns the bytes written. */
export type FillSample = (buffer: Uint8Array, state: Uint32Array) => number;

/** Record with 12 transactions, and its descriptor. */
const LONGEST = 4 + 197 + 12 * 54 + 16;

const words = (text: string): Uint8Array[] => text.split('|').map(ebcdic);

const FIRST_NAMES = words(
  'Alice|André|Anna|Björn|Carlos|Charlotte|Chloé|Daniel|Edith|Elena|Emma|Erik|François|Grace|Hannah|Helen|Ines|James|' +
    'José|Jürgen|Karen|Laura|Lars|Liam|Maria|Martin|Mary Ann|Michael|Nadia|Nora|Oliver|Paula|Peter|Renée|Robert|Sofia|' +
    'Thomas|Ute|Victor|Walter',
);
const LAST_NAMES = words(
  'Adams|Andersen|Bauer|Becker|Bianchi|Brown|Castillo|Clark|Davies|Dubois|Evans|Ferrari|Fischer|García|Gruber|Hansen|' +
    "Hughes|Ibáñez|Jensen|Johnson|Keller|Kowalski|Lambert|Larsen|Lefebvre|Lopez|Meyer|Moreau|Muñoz|Müller|Murphy|Nuñez|O'Brien|" +
    'Peeters|Petit|Rossi|Schäfer|Schmidt|Silva|Smith|Svensson|Taylor|van den Berg|Visser|Weber|Williams|Wilson|Young',
);
const COMPANIES = words(
  'Atlas|Borealis|Café Central|Delta|Evergreen|Fairview|Granite|Harbour|Iberia|Juniper|Kestrel|Lakeside|Meridian|Northern|' +
    'Orchard|Pioneer|Quarry|Riverside|Summit|Zürich',
);
const TRADES = words(
  'Bakeries|Builders|Chemicals|Electric|Engineering|Foods|Freight|Glass|Hotels|Logistics|Paper Mills|Pharma|Shipping|Steel|' +
    'Textiles|Tools',
);
const FORMS = words('& Sons|AG|BV|GmbH|Inc.|Ltd|SA|S.p.A.');
const STREETS = words(
  'Abbey Road|Bahnhofstrasse|Bridge Street|Calle Mayor|Castle Lane|Church Street|Dorfstrasse|Elm Street|Garden Avenue|' +
    'Hauptstrasse|High Street|Kirchgasse|Lange Gasse|Market Square|Mill Road|Park Avenue|Queen Street|Rue du Lac|Station Road|Via Roma',
);
/** City and country, and the country's currency. */
const PLACES = (
  'Amsterdam NL EUR|Barcelona ES EUR|Bern CH CHF|Birmingham GB GBP|Boston US USD|Chicago US USD|Köln DE EUR|Dublin IE EUR|' +
  'Genève CH CHF|Hamburg DE EUR|León ES EUR|London GB GBP|Lyon FR EUR|Madrid ES EUR|Milano IT EUR|München DE EUR|' +
  'New York US USD|Paris FR EUR|Rotterdam NL EUR|Zürich CH CHF'
)
  .split('|')
  .map((place) => ({
    city: ebcdic(place.slice(0, -7)),
    country: ebcdic(place.slice(-6, -4)),
    currency: ebcdic(place.slice(-3)),
  }));
const COUNTERPARTIES = words(
  'ATM WITHDRAWAL|AIRLINE TICKETS|BOOKSHOP|CITY WATER WORKS|COUNCIL TAX|ELECTRIC COMPANY|FURNITURE STORE|GREENGROCER|HOSPITAL|' +
    'INSURANCE PREMIUM|INTEREST|LOAN REPAYMENT|MOBILE PHONE|PAYROLL|PETROL STATION|PHARMACY|RAILWAY|RENT|RESTAURANT|' +
    'SAVINGS PLAN|SCHOOL FEES|STANDING ORDER|STREAMING SERVICE|SUPERMARKET',
);
const CODES = words('ATM|CHQ|CRD|DDR|FEE|INT|SAL|TRF');
const CLERKS = words('BATCH01|BATCH02|ONLINE|TELLER07|TELLER12|XFER');
const [BRANCH, REGISTER] = words('BR|HR');
const [OPEN, FROZEN, CLOSED, PERSONAL, BUSINESS] = words('O|F|C|P|B');
const LIMITS = [100, 1000, 10000, 1000000];

function ebcdic(text: string): Uint8Array {
  const bytes = codePage('037').encode(text);
  if (!(bytes instanceof Uint8Array)) throw new Error(`'${text}' is not in code page 037`);
  return bytes;
}

/** Fills the buffer with whole blocks, as many as fit while SAMPLE_BLOCK bytes are left. */
export function fillSample(buffer: Uint8Array, state: Uint32Array): number {
  const out = new Writer(buffer, state[SampleWord.RANDOM]!);
  let number = state[SampleWord.ACCOUNTS]!;
  while (buffer.length - out.at >= SAMPLE_BLOCK) {
    const block = out.at;
    out.at += 4;
    while (SAMPLE_BLOCK - (out.at - block) >= LONGEST) putAccount(out, number++);
    out.descriptor(block);
  }
  state[SampleWord.RANDOM] = out.random;
  state[SampleWord.ACCOUNTS] = number;
  return out.at;
}

class Writer {
  at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    public random: number,
  ) {}

  /** A random number below `limit` (at most 2^20), by Marsaglia's xorshift32. */
  below(limit: number): number {
    let x = this.random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.random = x >>> 0;
    return Math.floor((this.random * limit) / 2 ** 32);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  spaces(width: number): void {
    this.bytes.fill(0x40, this.at, this.at + width);
    this.at += width;
  }

  /** Words with a space between each, in a field of `width`. */
  text(width: number, ...texts: readonly Uint8Array[]): void {
    let to = this.at;
    this.spaces(width);
    for (const text of texts) {
      for (let k = 0; k < text.length && to < this.at; k++) this.bytes[to++] = text[k]!;
      to++;
    }
  }

  zoned(digits: number, value: number): void {
    let rest = value;
    for (let k = digits - 1; k >= 0; k--) {
      const next = Math.floor(rest / 10);
      this.bytes[this.at + k] = 0xf0 + (rest - next * 10);
      rest = next;
    }
    this.at += digits;
  }

  /** Signed: the sign is the zone of the last digit. */
  signedZoned(digits: number, value: number, negative: boolean): void {
    this.zoned(digits, value);
    this.bytes[this.at - 1] = (this.bytes[this.at - 1]! & 0x0f) | (negative ? 0xd0 : 0xc0);
  }

  packed(length: number, value: number, sign: number): void {
    let rest = Math.floor(value / 10);
    this.bytes[this.at + length - 1] = ((value - rest * 10) << 4) | sign;
    for (let k = length - 2; k >= 0; k--) {
      const next = Math.floor(rest / 100);
      const pair = rest - next * 100;
      this.bytes[this.at + k] = (Math.floor(pair / 10) << 4) | (pair % 10);
      rest = next;
    }
    this.at += length;
  }

  signedPacked(length: number, value: number, negative: boolean): void {
    this.packed(length, value, negative ? 0x0d : 0x0c);
  }

  binary(length: number, value: number): void {
    for (let k = length - 1, rest = value; k >= 0; k--, rest >>>= 8) this.bytes[this.at + k] = rest;
    this.at += length;
  }

  date(firstYear: number, years: number): void {
    this.zoned(4, firstYear + this.below(years));
    this.zoned(2, 1 + this.below(12));
    this.zoned(2, 1 + this.below(28));
  }

  /** Up to 999,999 and two decimals; small sums are more frequent. */
  money(): number {
    const whole = this.below(this.pick(LIMITS));
    return whole * 100 + this.below(100);
  }

  /** The descriptor of a record or block that began at `from` and ends here. */
  descriptor(from: number): void {
    const length = this.at - from;
    this.bytes[from] = length >> 8;
    this.bytes[from + 1] = length;
    this.bytes[from + 2] = 0;
    this.bytes[from + 3] = 0;
  }
}

function putAccount(out: Writer, number: number): void {
  const start = out.at;
  out.at += 4;

  out.text(2, BRANCH!);
  out.zoned(4, out.below(400));
  out.zoned(10, 1000000000 + 7 * number);
  const status = out.below(50);
  out.text(1, (status === 0 ? CLOSED : status === 1 ? FROZEN : OPEN)!);
  const isBusiness = out.below(5) === 0;
  out.text(1, (isBusiness ? BUSINESS : PERSONAL)!);
  out.binary(4, 100000000 + out.below(1000000));
  if (isBusiness) putCompany(out);
  else putPerson(out);

  const street = out.pick(STREETS);
  const house = 10 + out.below(90);
  out.text(28, street, Uint8Array.of(0xf0 + Math.floor(house / 10), 0xf0 + (house % 10)));
  const { city, country, currency } = out.pick(PLACES);
  out.text(20, city);
  out.zoned(5, 10000 + out.below(90000));
  out.spaces(3);
  out.text(2, country);

  out.date(1985, 39);
  out.text(3, currency);
  const balance = out.money() * (isBusiness ? 25 : 1);
  const isOverdrawn = out.below(12) === 0;
  out.signedPacked(7, balance, isOverdrawn);
  out.signedPacked(5, 500 * out.below(100), false);
  out.signedPacked(4, 2500 * out.below(40), false);
  out.signedPacked(11, balance * 100000 + out.below(1000000), isOverdrawn);
  out.signedZoned(9, isOverdrawn ? balance % 1000000000 : 0, isOverdrawn);
  // an IBM hexadecimal float from 1/16 to 1, of 20 bits
  out.binary(4, 0x40100000 + out.below(0xf0000) * 16);
  out.binary(4, 0);

  const few = out.below(7);
  const count = few + out.below(7);
  out.binary(2, count);
  for (let k = 0; k < count; k++) putTransaction(out);

  out.date(2024, 1);
  out.text(8, out.pick(CLERKS));
  out.descriptor(start);
}

function putPerson(out: Writer): void {
  out.text(18, out.pick(FIRST_NAMES));
  out.text(22, out.pick(LAST_NAMES));
  out.date(1935, 70);
  out.signedPacked(5, 150000 + out.below(700000), false);
  out.spaces(7);
}

function putCompany(out: Writer): void {
  const name = out.pick(COMPANIES);
  const trade = out.pick(TRADES);
  out.text(36, name, trade, out.pick(FORMS));
  out.text(2, REGISTER!);
  out.zoned(6, out.below(1000000));
  out.spaces(4);
  out.binary(4, 1 + out.below(5000));
  const revenue = out.money() * 1000;
  out.signedPacked(8, revenue, out.below(20) === 0);
}

function putTransaction(out: Writer): void {
  out.date(2023, 2);
  out.zoned(2, out.below(24));
  out.zoned(2, out.below(60));
  out.zoned(2, out.below(60));
  out.text(3, out.pick(CODES));
  const amount = out.money();
  out.signedPacked(6, amount, out.below(4) !== 0);
  const reference = out.below(1000000);
  out.packed(7, reference * 1000000 + out.below(1000000), 0x0f);
  out.text(24, out.pick(COUNTERPARTIES));
}
