/**
 * JSON Schema (2020-12) of the JSON lines that `decode` writes: of each value exactly what can come, and no other keys. The
 * same as a component of an OpenAPI 3.1 document, which has its schemas from there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { presentation } from '../batch/values.js';
import { describeItem } from '../layout/describe.js';
import type { Layout } from '../layout/item.js';
import type { DecodeOptions, ValueOptions } from '../options.js';
import { compileOnce } from '../plan/compiled.js';
import { type FieldNode, type GroupNode, type ListNode, type Schema, type SchemaNode, itemOf } from '../plan/schema.js';
import { commentOf, conditionTexts, precisionOf, textLength } from './column.js';
import { joined } from './identifiers.js';
import { allNamed, namedValues, withScale } from './values.js';

/** 88 levels: in descriptions (`comment`, default), not at all, or as the only values that are valid (`enforce`). */
export type SchemaChecks = 'none' | 'comment' | 'enforce';

export interface JsonSchemaOptions extends DecodeOptions, ValueOptions {
  readonly checks?: SchemaChecks;
}

/** A schema as JSON. */
export type JsonSchema = { readonly [key: string]: unknown };

/** Of one record, as `decode` with these options writes it. */
export function jsonSchema(layout: Layout, options: JsonSchemaOptions = {}): JsonSchema {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...recordSchema(layout, options) };
}

/** An OpenAPI 3.1 document whose one component is the record. */
export function openApi(layout: Layout, options: JsonSchemaOptions = {}): JsonSchema {
  const { title } = recordSchema(layout, options);
  const name = joined(['', ...titleOf(layout).toLowerCase().split('-')], 'camel').replace(/[^\w.-]/g, '_') || 'Record';
  return {
    openapi: '3.1.0',
    info: { title: `${title}`, version: '1' },
    components: { schemas: { [name]: recordSchema(layout, options) } },
  };
}

function recordSchema(layout: Layout, options: JsonSchemaOptions): JsonSchema {
  const { schema } = compileOnce(layout, options);
  return { title: titleOf(layout), ...new Writer(options).object(schema) };
}

export const titleOf = ({ records }: Layout): string => records.find(({ name }) => name !== '')?.name ?? 'RECORD';

class Writer {
  private readonly names: NonNullable<ValueOptions['names']>;
  private readonly checks: SchemaChecks;

  constructor(private readonly options: JsonSchemaOptions) {
    this.names = options.names ?? 'camel';
    this.checks = options.checks ?? 'comment';
  }

  /** What was not selected is left out; everything else is always there. */
  object(node: Schema | GroupNode): JsonSchema {
    const { children } = node;
    return {
      type: 'object',
      properties: Object.fromEntries(children.map((child) => [child.keys[this.names], this.value(child)])),
      required: children.filter(({ select }) => select < 0).map((child) => child.keys[this.names]),
      additionalProperties: false,
    };
  }

  private value(node: SchemaNode): JsonSchema {
    const said = this.annotations(node);
    if (node.node === 'group') return { ...said, ...this.object(node) };
    return { ...said, ...(node.node === 'list' ? this.list(node) : this.field(node)) };
  }

  private list({ element, size, max }: ListNode): JsonSchema {
    const items = element.node === 'field' ? this.field(element) : element.node === 'group' ? this.object(element) : {};
    return {
      type: 'array',
      items: element.select < 0 ? items : { anyOf: [items, { type: 'null' }] },
      minItems: Math.max(0, size),
      maxItems: max,
    };
  }

  private field(field: FieldNode): JsonSchema {
    const plain = this.plain(field);
    const values = this.checks === 'enforce' ? this.named(field) : null;
    return values ? { ...plain, ...values } : plain;
  }

  private plain(field: FieldNode): JsonSchema {
    const isSigned = mayBeNegative(field);
    const sign = isSigned ? '-?' : '';
    switch (presentation(field, this.options.decimals)) {
      case 'text':
        return { type: ['string', 'null'], maxLength: textLength(itemOf(field)) };
      case 'float':
        return { type: ['number', 'null'] };
      case 'decimal-number':
        return { type: ['number', 'null'], ...(!isSigned && { minimum: 0 }) };
      case 'number': {
        const [minimum, maximum] = rangeOf(field, isSigned);
        return { type: ['integer', 'null'], minimum, maximum };
      }
      case 'exact':
        return {
          type: ['integer', 'string', 'null'],
          minimum: isSigned ? Number.MIN_SAFE_INTEGER : 0,
          maximum: Number.MAX_SAFE_INTEGER,
          pattern: `^${sign}[1-9][0-9]{15,${precisionOf(field) - 1}}$`,
        };
      case 'bigint':
        return { type: ['string', 'null'], pattern: `^${sign}${whole(precisionOf(field))}$` };
      case 'decimal':
        return {
          type: ['string', 'null'],
          pattern: `^${sign}${whole(precisionOf(field) - field.scale)}\\.[0-9]{${field.scale}}$`,
        };
    }
  }

  /** Only what 88 levels name, and null. */
  private named(field: FieldNode): JsonSchema | null {
    const named = allNamed(namedValues(field, itemOf(field), this.options.trim));
    if (!named) return null;
    const shown = presentation(field, this.options.decimals);
    const isNumber = shown === 'number' || shown === 'float' || shown === 'decimal-number';
    if (named.some(({ to }) => to !== null) && !isNumber) return null;
    const literal = (value: string): unknown =>
      isNumber ? Number(value) : shown === 'decimal' ? withScale(value, field.scale) : value;
    const singles = named.filter(({ to }) => to === null).map(({ from }) => literal(from));
    if (shown === 'exact') return null;
    if (singles.length === named.length) return { enum: [...new Set(singles), null] };
    const ranges = named.filter(({ to }) => to !== null);
    return {
      anyOf: [
        { enum: [...new Set(singles), null] },
        ...ranges.map(({ from, to }) => ({ minimum: literal(from), maximum: literal(to!) })),
      ],
    };
  }

  private annotations(node: SchemaNode): JsonSchema {
    const item = itemOf(node);
    if (!item) return { description: node.path };
    const levels = this.checks === 'none' ? [] : conditionTexts(item);
    const { path, picture, usage, offset, length } = describeItem(item);
    return {
      description: [commentOf(node), ...levels.map((level) => `88 ${level}`)].join('; '),
      'x-cobol': {
        path,
        ...(picture !== null && { picture }),
        ...(usage !== null && { usage }),
        offset,
        length,
        ...(levels.length > 0 && { conditions: levels }),
      },
    };
  }
}

/** Digits before the point, without leading zeros. */
const whole = (digits: number): string =>
  digits < 1 ? '0' : digits === 1 ? '[0-9]' : `(0|[1-9][0-9]{0,${digits - 1}})`;

/** Unsigned pictures refuse a minus; an edited one shows it. */
function mayBeNegative(field: FieldNode): boolean {
  const item = itemOf(field);
  return !item || item.kind === 'edited' || item.kind === 'float' || item.signed;
}

/** The least and the greatest: of binary numbers by their bytes, of others by their digits. */
function rangeOf(field: FieldNode, isSigned: boolean): [number, number] {
  const item = itemOf(field);
  const digits = 10 ** field.storageDigits - 1;
  if (item?.kind !== 'binary' && item?.kind !== 'pointer') return [isSigned ? -digits : 0, digits];
  const up = 10 ** Math.max(0, -item.scale);
  const values = 2 ** (8 * item.length);
  return isSigned ? [(-values / 2) * up, (values / 2 - 1) * up] : [0, (values - 1) * up];
}
