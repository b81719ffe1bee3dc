/**
 * Named constants: level 78 (`78 NAME VALUE 5.`) and CONSTANT (`01 NAME CONSTANT AS 5.`), as Micro Focus and GnuCOBOL
 * have them. Their values may be computed of others: from left to right, as Micro Focus does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Literal } from './ast.js';
import type { Cursor } from './cursor.js';

/** Far more than any count or value; a chain of multiplications ends here. */
const MAX = 10n ** 38n;

/** Reads what follows the name, up to the period, and makes the constant known. */
export function parseConstant(cursor: Cursor, name: string): void {
  const at = cursor.previous;
  if (cursor.accept('CONSTANT')) {
    cursor.accept('IS');
    cursor.accept('GLOBAL');
    if (!cursor.accept('AS')) cursor.expected('AS', ['AS']);
  } else {
    if (!cursor.accept('VALUE', 'VALUES')) cursor.expected('VALUE', ['VALUE']);
    cursor.accept('IS');
  }
  if (cursor.is('NEXT', 'START', 'LENGTH', 'BYTE-LENGTH', 'FROM')) {
    const hint = 'Write the number itself.';
    cursor.fail('OVP_SYNTAX_CONSTANT', `a constant of ${cursor.token.text} is not supported`, cursor.token, hint);
  }
  let value = cursor.literal("the constant's value");
  for (let operator = takeOperator(cursor); operator; operator = takeOperator(cursor)) {
    value = computed(cursor, value, operator, cursor.literal('a number'));
  }
  if (cursor.rules.constants.has(name)) cursor.fail('OVP_SYNTAX_CONSTANT', `the constant ${name} is there already`, at);
  cursor.rules.constants.set(name, value);
}

function takeOperator(cursor: Cursor): string | null {
  const { kind, text } = cursor.token;
  if (kind === 'other' && ['+', '-', '*', '/'].includes(text)) return cursor.take().text;
  return null;
}

function computed(cursor: Cursor, left: Literal, operator: string, right: Literal): Literal {
  const [a, b] = [left, right].map(({ kind, value }) =>
    kind === 'number' && /^[+-]?\d+$/.test(value) ? BigInt(value) : null,
  );
  if (a === null || b === null || a === undefined || b === undefined)
    return cursor.fail('OVP_SYNTAX_CONSTANT', 'only whole numbers can be computed with', cursor.previous);
  if (operator === '/' && b === 0n) return cursor.fail('OVP_SYNTAX_CONSTANT', 'a division by zero', cursor.previous);
  const value = operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : a / b;
  if (value > MAX || value < -MAX)
    return cursor.fail('OVP_SYNTAX_CONSTANT', 'the number is too large', cursor.previous);
  return { kind: 'number', value: String(value) };
}
