/**
 * A plan as a file: everything that reading a data set needs once its copybook is compiled, for hosts without JavaScript
 * (the DuckDB extension). docs/plan-file.md says what its words mean; native/duckdb/plan_file.c reads it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import { framingCode } from '../framing/codes.js';
import type { Layout } from '../layout/item.js';
import type { Names, ReadOptions } from '../options.js';
import { compileFilter } from '../plan/compile.js';
import { compileOnce } from '../plan/compiled.js';
import { Type } from '../plan/opcodes.js';
import type { FieldNode, ListNode, Schema, SchemaNode } from '../plan/schema.js';

export const PLAN_FILE_VERSION = 1;
const MAGIC = 'OVPPLAN\0';
const HEADER_WORDS = 32;
const NODE_WORDS = 16;

/** Words of the header. */
const At = {
  VERSION: 2,
  LENGTH: 3,
  CHECK: 4,
  POLICY: 5,
  FRAMING: 6,
  CODE: 14,
  POOL: 15,
  FILTER: 16,
  FILTER_POOL: 17,
  FILTER_FRAME: 18,
  NODES: 19,
  STRINGS: 20,
  FAULTS: 21,
  SKIP: 22,
  LIMIT: 24,
} as const;

const Kind = { field: 1, group: 2, list: 3 } as const;
const POLICIES = ['report', 'throw', 'null'] as const;
/** Digits that a decimal of 128 bits can be told to have. */
const MOST_DIGITS = 38;

/**
 * The bytes of a plan file: the plan of these options, its schema under their `names` (default snake), the record format, and
 * `skip`, `where`, `limit` and `onBadData`.
 * @throws OverpunchError OVP_OPTION_*, OVP_PLAN_*
 */
export function planFile(layout: Layout, options: ReadOptions): Uint8Array {
  const plan = compileOnce(layout, { ...options, text: 'utf8' });
  if (plan.schema.children.length === 0) {
    throw new OverpunchError('OVP_OPTION_SELECT', 'There is nothing to read: no item has a column', {
      hint: 'FILLER items are read with filler: true.',
    });
  }
  const filter = options.where === undefined ? null : compileFilter(layout, options.where, options);
  const framing = framingCode(options, layout.minLength === layout.length ? layout.length : null);
  const { nodes, strings } = nodesOf(plan.schema, options.names ?? 'snake');

  const none = new Uint8Array(0);
  const parts = [
    bytesOf(plan.code),
    plan.pool,
    filter ? bytesOf(filter.plan.code) : none,
    filter?.plan.pool ?? none,
    bytesOf(nodes),
    strings,
  ];
  const length = parts.reduce((sum, part) => sum + padded(part.length), 4 * HEADER_WORDS);
  const file = new Uint8Array(length);
  const head = new Int32Array(file.buffer, 0, HEADER_WORDS);
  for (let i = 0; i < MAGIC.length; i++) file[i] = MAGIC.charCodeAt(i);
  head[At.VERSION] = PLAN_FILE_VERSION;
  head[At.LENGTH] = length;
  head[At.POLICY] = POLICIES.indexOf(options.onBadData ?? 'report');
  head.set(framing, At.FRAMING);
  head[At.FAULTS] = Math.min(options.maxFaults ?? 1000, 0x7fffffff);
  head[At.CODE] = plan.code.length;
  head[At.POOL] = plan.pool.length;
  head[At.FILTER] = filter?.plan.code.length ?? 0;
  head[At.FILTER_POOL] = filter?.plan.pool.length ?? 0;
  head[At.FILTER_FRAME] = filter?.frame ?? 0;
  head[At.NODES] = nodes.length / NODE_WORDS;
  head[At.STRINGS] = strings.length;
  setPair(head, At.SKIP, options.skip ?? 0);
  if (options.limit === undefined || options.limit === Number.POSITIVE_INFINITY) head.fill(-1, At.LIMIT, At.LIMIT + 2);
  else setPair(head, At.LIMIT, options.limit);
  let at = 4 * HEADER_WORDS;
  for (const part of parts) {
    file.set(part, at);
    at += padded(part.length);
  }
  head[At.CHECK] = crc32(file.subarray(4 * (At.CHECK + 1)));
  return file;
}

const padded = (length: number): number => Math.ceil(length / 4) * 4;

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function setPair(head: Int32Array, at: number, value: number): void {
  head[at] = (value % 2 ** 32) | 0;
  head[at + 1] = Math.floor(value / 2 ** 32);
}

/** The schema as a list of nodes in the order of a walk, and the names in it. */
function nodesOf(schema: Schema, names: Names): { nodes: Int32Array; strings: Uint8Array } {
  const rows: number[][] = [];
  const strings: Uint8Array[] = [];
  const places = new Map<string, number>();
  let end = 0;
  const encoder = new TextEncoder();
  const string = (text: string): number => {
    let place = places.get(text);
    if (place === undefined) {
      place = end;
      places.set(text, place);
      const bytes = encoder.encode(`${text}\0`);
      strings.push(bytes);
      end += bytes.length;
    }
    return place;
  };
  const row = (kind: number, name: string, path: string, words: Partial<Record<number, number>>): void => {
    const made = new Array<number>(NODE_WORDS).fill(-1);
    made[0] = kind;
    made[1] = string(name);
    made[2] = string(path);
    for (const at in words) made[at] = words[at]!;
    rows.push(made);
  };
  const children = (nodes: readonly SchemaNode[]): void => {
    const taken = new Set<string>();
    for (const node of nodes) walk(node, uniqueName(node.keys[names], taken));
  };
  const walk = (node: SchemaNode, name: string): void => {
    if (node.node === 'field') {
      row(Kind.field, name, node.path, { 3: 0, ...fieldWords(node) });
    } else if (node.node === 'group') {
      row(Kind.group, name, node.path, { 3: node.children.length, 8: node.select });
      children(node.children);
    } else {
      row(Kind.list, name, node.path, { 3: 1, ...listWords(node) });
      walk(node.element, 'element');
    }
  };
  row(Kind.group, '', '', { 3: schema.children.length, 8: -1 });
  children(schema.children);
  const all = new Uint8Array(end);
  let at = 0;
  for (const bytes of strings) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return { nodes: Int32Array.from(rows.flat()), strings: all };
}

function fieldWords({ column, type, storageDigits, scale, select }: FieldNode): Record<number, number> {
  const precision = type === Type.DECIMAL128 ? Math.min(MOST_DIGITS, Math.max(storageDigits, scale)) : 0;
  return { 4: column, 5: type, 6: precision, 7: scale, 8: select };
}

const listWords = ({ frame, space, size, select }: ListNode): Record<number, number> => ({
  8: select,
  9: frame,
  10: space,
  11: size,
});

/** SQL does not tell `acctId` from `acctid`. */
function uniqueName(name: string, taken: Set<string>): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name}_${n}`;
    if (taken.has(candidate.toLowerCase())) continue;
    taken.add(candidate.toLowerCase());
    return candidate;
  }
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, i) => {
  let c = i;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 (ISO 3309, as in zip and PNG). */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc;
}
