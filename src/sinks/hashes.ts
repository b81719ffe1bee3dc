/**
 * Rows as the fields of a hash: each value under its path in the JSON line (`name`, `address.city`, `phones.0`, items of
 * tables counted from 0), as that shows it but without quotes. What is null or left out there has no field. Commands are written
 * as the bytes of Redis' protocol, which spares the client some forty strings a record.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Row, RowValue } from '../batch/rows.js';
import { copyAscii, copyBytes } from '../connectors/connector.js';
import type { Names } from '../options.js';
import type { GroupNode, Schema, SchemaNode } from '../plan/schema.js';

type Flatten = (value: RowValue | undefined, out: Commands) => void;

/** Room that a command has for what it begins with, besides the key. */
const HEAD = 40;
const [CR, LF] = [13, 10];

/** Commands one behind another: `*count`, then `$length` and bytes of each argument, all lines ended by CR LF. */
export class Commands {
  private readonly flatten: Flatten;
  private bytes = Buffer.allocUnsafeSlow(1 << 16);
  private at = 0;
  /** Arguments of the command at hand. */
  private count = 0;

  constructor(schema: Schema, names: Names) {
    this.flatten = group(schema, '', names);
  }

  /** `HSET key field value ...` for each key and its row. */
  hashes(keys: readonly string[], rows: readonly Row[]): Buffer[] {
    const ends: { readonly start: number; readonly end: number }[] = [];
    this.at = 0;
    for (let k = 0; k < keys.length; k++) {
      const key = argument(keys[k]!);
      this.makeRoom(HEAD + key.length);
      // how many arguments there are is known behind them
      const place = this.at;
      this.at += HEAD + key.length;
      this.count = 2;
      this.flatten(rows[k]!, this);
      const head = `*${this.count}\r\n$4\r\nHSET\r\n`;
      const start = place + HEAD - head.length;
      copyBytes(this.bytes, copyAscii(this.bytes, start, head), key);
      ends.push({ start, end: this.at });
    }
    const all = Buffer.from(this.bytes.subarray(0, this.at)); // a copy, which is the commands' own
    return ends.map(({ start, end }) => all.subarray(start, end));
  }

  /** Appends a field and its value. */
  add(name: Uint8Array, text: string): void {
    this.makeRoom(name.length + 3 * text.length + 32);
    const { bytes } = this;
    this.count += 2;
    const start = copyBytes(bytes, this.at, name);
    let at = this.length(start, text.length);
    for (let k = 0; k < text.length; k++) {
      const code = text.charCodeAt(k);
      if (code >= 0x80) {
        at = this.length(start, Buffer.byteLength(text));
        at += bytes.write(text, at);
        break;
      }
      bytes[at++] = code;
    }
    bytes[at] = CR;
    bytes[at + 1] = LF;
    this.at = at + 2;
  }

  private length(at: number, length: number): number {
    const end = copyAscii(this.bytes, at, String(length));
    this.bytes[end] = CR;
    this.bytes[end + 1] = LF;
    return end + 2;
  }

  private makeRoom(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.at + length, 2 * this.bytes.length));
    this.bytes.copy(bytes, 0, 0, this.at);
    this.bytes = bytes;
  }
}

const argument = (text: string): Buffer => Buffer.from(`$${Buffer.byteLength(text)}\r\n${text}\r\n`);

function flattenOf(node: SchemaNode, path: string, names: Names): Flatten {
  switch (node.node) {
    case 'group':
      return group(node, `${path}.`, names);
    case 'list':
      return list(node.element, path, names);
    case 'field': {
      const name = Buffer.concat([argument(path), Buffer.from('$')]);
      return (value, out) => {
        // a JSON line has null for infinities and NaN
        if (value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return;
        out.add(name, String(value));
      };
    }
  }
}

function group(node: Schema | GroupNode, prefix: string, names: Names): Flatten {
  const members = node.children.map((child) => {
    const key = child.keys[names];
    return { key, flatten: flattenOf(child, prefix + key, names) };
  });
  return (value, out) => {
    if (value === null || value === undefined) return;
    for (const { key, flatten } of members) flatten((value as Row)[key], out);
  };
}

/** Paths of items are made as far as there are items. */
function list(element: SchemaNode, path: string, names: Names): Flatten {
  const items: Flatten[] = [];
  return (value, out) => {
    if (value === null || value === undefined) return;
    const values = value as RowValue[];
    for (let i = items.length; i < values.length; i++) items.push(flattenOf(element, `${path}.${i}`, names));
    for (let i = 0; i < values.length; i++) items[i]!(values[i], out);
  };
}
