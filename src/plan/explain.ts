/**
 * A plan as a listing for people: one line an instruction, one a column.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Cmp, Flag, Op, Type } from './opcodes.js';
import { type Instruction, type Plan, PlanWord, instructions, isField } from './plan.js';
import { fields } from './schema.js';

export function explain(plan: Plan): string {
  const [instructionsCount, frames, columns, pool] = [
    plan.code[PlanWord.INSTRUCTIONS],
    plan.code[PlanWord.FRAMES],
    plan.code[PlanWord.COLUMNS],
    plan.pool.length,
  ];
  const paths = new Map([...fields(plan.schema)].map((field) => [field.instruction, field.path]));
  const lines = [`${instructionsCount} instructions, ${frames} frames, ${columns} columns, ${pool} bytes of constants`];
  for (const step of instructions(plan)) {
    const path = paths.get(step.index);
    lines.push(`${String(step.index).padStart(4)}  ${describe(step)}${path ? `   ${path}` : ''}`);
  }
  return lines.join('\n');
}

function describe(step: Instruction): string {
  const name = nameOf(Op, step.op).padEnd(14);
  if (isField(step.op)) {
    const target = step.target < 0 ? 'operand' : `column ${step.target}`;
    const number =
      step.digits > 0 && step.type !== Type.UTF8 ? ` digits ${step.digits}${step.up ? ` up ${step.up}` : ''}` : '';
    return `${name}${place(step)} ${nameOf(Type, step.type)}${number}${flags(step.flags)} -> ${target}`;
  }
  switch (step.op) {
    case Op.ROOT:
      return `${name}-> frame ${step.target}`;
    case Op.TABLE: {
      const count = step.counter < 0 ? `${step.digits} items` : `${step.up} to ${step.digits} items by ${step.counter}`;
      const size =
        step.length > 0 ? `${step.length} bytes each` : `measured to frame ${step.pool} + ${step.poolLength}`;
      const space = step.type < 0 ? 'measured only' : `space ${step.type}`;
      return `${name}frame ${step.frame} + ${step.offset}, ${count}, ${size}${flags(step.flags)} -> frame ${step.target}, ${space}`;
    }
    case Op.AFTER:
      return `${name}behind frame ${step.frame} -> frame ${step.target}`;
    case Op.SELECT:
      return `${name}rows of frame ${step.frame} by ${step.pool}..${step.index - 1} -> frame ${step.target}`;
    case Op.EXTENT:
      return `${name}frame ${step.frame} + ${step.offset}`;
    case Op.COMPARE_TEXT:
      return `${name}${place(step)} ${nameOf(Cmp, step.digits)} ${step.poolLength} bytes of the pool at ${step.pool}`;
    case Op.COMPARE_NUMBER:
    case Op.COMPARE_FLOAT:
    case Op.COMPARE_STRING:
      return `${name}operand ${step.counter} ${nameOf(Cmp, step.digits)} pool at ${step.pool}`;
    case Op.COMPARE_FIELDS:
      return `${name}operand ${step.counter} ${nameOf(Cmp, step.digits)} operand ${step.pool}`;
    case Op.LIKE:
      return `${name}operand ${step.counter} ${step.poolLength} bytes of the pool at ${step.pool}`;
    case Op.IS_NULL:
      return `${name}operand ${step.counter}`;
    default:
      return name.trimEnd();
  }
}

const place = ({ frame, offset, length }: Instruction): string => `frame ${frame} [${offset}, ${offset + length})`;

function flags(bits: number): string {
  const names = Object.entries(Flag).filter(([, bit]) => (bits & bit) !== 0);
  return names.length > 0 ? ` ${names.map(([name]) => name.toLowerCase()).join(' ')}` : '';
}

const nameOf = (table: Readonly<Record<string, number>>, value: number): string =>
  Object.keys(table).find((name) => table[name] === value) ?? `#${value}`;
