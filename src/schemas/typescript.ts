/**
 * TypeScript interfaces of the rows that a reader gives, with the copybook's words as comments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { presentation } from '../batch/values.js';
import type { Item, Layout } from '../layout/item.js';
import type { DecodeOptions, ValueOptions } from '../options.js';
import { compileOnce } from '../plan/compiled.js';
import { type FieldNode, type GroupNode, type ListNode, type Schema, type SchemaNode, itemOf } from '../plan/schema.js';
import { commentOf, conditionTexts } from './column.js';
import { NameSpace } from './identifiers.js';
import { type SchemaChecks, titleOf } from './json-schema.js';
import { allNamed, namedValues, withScale } from './values.js';

export interface TypeScriptOptions extends DecodeOptions, ValueOptions {
  /**
   * 88 levels: literals that an editor offers, beside any other value (`comment`, default), nothing (`none`), or the only
   * values that the type has (`enforce`): then data with others has not this type.
   */
  readonly checks?: SchemaChecks;
}

/** A module with an interface for the record, and one for each group in it. */
export function typeScript(layout: Layout, options: TypeScriptOptions = {}): string {
  const { schema } = compileOnce(layout, options);
  const writer = new Writer(options);
  const [first] = layout.records;
  const item = layout.records.length === 1 ? first!.item : undefined;
  writer.interface(schema, titleOf(layout), `${titleOf(layout)}, ${lengthText(layout)}`, item);
  return `// Made by \`overpunch types\` from a copybook; do not edit.\n\n${writer.text()}`;
}

const lengthText = ({ length, minLength }: Layout): string =>
  minLength === length ? `${length} bytes` : `${minLength} to ${length} bytes`;

class Writer {
  private readonly names: NonNullable<ValueOptions['names']>;
  private readonly checks: SchemaChecks;
  private readonly typeNames = new NameSpace(null, RESERVED, '');
  /** Interfaces in the order in which they are first named. */
  private readonly parts: string[] = [];

  constructor(private readonly options: TypeScriptOptions) {
    this.names = options.names ?? 'camel';
    this.checks = options.checks ?? 'comment';
  }

  text(): string {
    return `${this.parts.join('\n\n')}\n`;
  }

  /** Writes an interface and returns its name. */
  interface(node: Schema | GroupNode, name: string, title: string, item: Item | undefined): string {
    const own = this.typeNames.take(pascal(name));
    const at = this.parts.push('') - 1;
    const members = node.children.map((child) => {
      const key = propertyName(child.keys[this.names]);
      return `${this.doc(child, '  ')}  ${key}${child.select < 0 ? '' : '?'}: ${this.type(child)};`;
    });
    const levels = (this.checks === 'none' ? [] : conditionTexts(item)).map((level) => `88 ${level}`);
    this.parts[at] = [comment([title, ...levels], ''), `export interface ${own} {`, ...members, '}']
      .filter((line) => line !== '')
      .join('\n');
    return own;
  }

  private type(node: SchemaNode): string {
    if (node.node === 'field') return `${this.scalar(node)} | null`;
    if (node.node === 'group') return this.interface(node, node.keys.cobol, commentOf(node), itemOf(node));
    return this.list(node);
  }

  private list({ element, keys }: ListNode): string {
    if (element.node === 'field') return `(${this.scalar(element)} | null)[]`;
    const name =
      element.node === 'group'
        ? this.interface(element, keys.cobol, commentOf(element), itemOf(element))
        : this.type(element);
    return element.select < 0 ? `${name}[]` : `(${name} | null)[]`;
  }

  private scalar(field: FieldNode): string {
    const shown = presentation(field, this.options.decimals);
    const type = TYPES[shown];
    const named = this.checks === 'none' ? null : this.literals(field);
    if (!named) return type;
    return this.checks === 'enforce' ? named : `${named} | (${type} & {})`;
  }

  /** The values of 88 levels as literal types; null where they have none. */
  private literals(field: FieldNode): string | null {
    const named = allNamed(namedValues(field, itemOf(field), this.options.trim));
    if (!named || named.length > MAX_LITERALS || named.some(({ to }) => to !== null)) return null;
    const shown = presentation(field, this.options.decimals);
    const literals = named.map(({ from }) => {
      switch (shown) {
        case 'text':
          return quoted(from);
        case 'decimal':
          return quoted(withScale(from, field.scale));
        case 'number':
          return String(Number(from));
        case 'bigint':
          return `${from}n`;
        default:
          return null;
      }
    });
    return literals.includes(null) ? null : [...new Set(literals)].join(' | ');
  }

  private doc(node: SchemaNode, indent: string): string {
    const item = itemOf(node);
    const levels = this.checks === 'none' ? [] : conditionTexts(item);
    const place = item ? [`offset ${item.offset}, length ${item.length}`] : [];
    return `${comment([[commentOf(node), ...place].join(', '), ...levels.map((level) => `88 ${level}`)], indent)}\n`;
  }
}

const TYPES = {
  text: 'string',
  float: 'number',
  number: 'number',
  exact: 'number | bigint',
  bigint: 'bigint',
  decimal: 'string',
  'decimal-number': 'number',
} as const;

/** Longer lists of values are no help. */
const MAX_LITERALS = 64;

/** Names of types that mean something already. */
const RESERVED = ['Record', 'Array', 'Object', 'String', 'Number', 'BigInt', 'Boolean', 'Function', 'Symbol', 'Date'];

/** A comment for TSDoc, which has signs of its own. */
function comment(lines: readonly string[], indent: string): string {
  const safe = lines.map((line) =>
    line
      .replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, ' ')
      .replaceAll('*/', '*\\/')
      .replace(/[{}@<>]/g, '\\$&'),
  );
  if (safe.length === 1) return `${indent}/** ${safe[0]} */`;
  return [`${indent}/**`, ...safe.map((line) => `${indent} * ${line}`), `${indent} */`].join('\n');
}

/** `ACCT-MONEY` -> `AcctMoney`. */
function pascal(name: string): string {
  const words = name.toLowerCase().split(/[^\p{L}\p{Nd}]+/u);
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^\p{L}/u.test(joined) ? joined : `Record${joined}`;
}

const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

const propertyName = (key: string): string => (/^[\p{L}_$][\p{L}\p{Nd}_$]*$/u.test(key) ? key : quoted(key));
