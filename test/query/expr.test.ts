/**
 * The condition language: what each form means as a tree, and what each mistake is told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { OverpunchError } from '../../src/errors.js';
import { type Expr, type Operand, parseCondition } from '../../src/query/expr.js';

/** The tree as text with every operator in front, fully parenthesised. */
function show(expr: Expr): string {
  switch (expr.kind) {
    case 'and':
    case 'or':
      return `(${expr.kind} ${expr.operands.map(show).join(' ')})`;
    case 'not':
      return `(not ${show(expr.operand)})`;
    case 'compare':
      return `(${expr.operator} ${value(expr.left)} ${value(expr.right)})`;
    case 'in':
      return `(in ${value(expr.subject)} ${expr.values.map(value).join(' ')})`;
    case 'between':
      return `(between ${value(expr.subject)} ${value(expr.low)} ${value(expr.high)})`;
    case 'like':
      return `(like ${value(expr.subject)} ${JSON.stringify(expr.pattern)} ${JSON.stringify(expr.escape)})`;
    case 'null':
      return `(null ${value(expr.subject)})`;
    case 'condition':
      return `(88 ${value(expr.field)})`;
  }
}

function value(operand: Operand): string {
  return operand.kind === 'field' ? operand.names.join('.') : `${operand.literal.kind}:${operand.literal.value}`;
}

const tree = (text: string): string => show(parseCondition(text, '--where'));

function failure(text: string): OverpunchError {
  try {
    parseCondition(text, '--where');
  } catch (error) {
    expect(error).toBeInstanceOf(OverpunchError);
    expect((error as OverpunchError).code).toBe('OVP_OPTION_CONDITION');
    return error as OverpunchError;
  }
  throw new Error(`${text} was accepted`);
}

describe('comparisons', () => {
  it.each([
    ["STATUS = 'A'", '(= STATUS text:A)'],
    ['status="A"', '(= STATUS text:A)'],
    ["A <> 'x'", '(<> A text:x)'],
    ["A != 'x'", '(<> A text:x)'],
    ['A < 1', '(< A number:1)'],
    ['A<=1', '(<= A number:1)'],
    ['A > 1', '(> A number:1)'],
    ['A >= 1', '(>= A number:1)'],
    ['1000 < BALANCE', '(< number:1000 BALANCE)'],
    ['A-B-C = D-E-F', '(= A-B-C D-E-F)'],
    ['A = 1 ', '(= A number:1)'],
    ['\tA\n=\r\n1\n', '(= A number:1)'],
    ['A EQUAL 1', '(= A number:1)'],
    ['A IS EQUAL TO 1', '(= A number:1)'],
    ['A equals 1', '(= A number:1)'],
    ['A NOT EQUAL TO 1', '(<> A number:1)'],
    ['A IS NOT = 1', '(<> A number:1)'],
    ['A NOT <> 1', '(= A number:1)'],
    ['A GREATER THAN 1', '(> A number:1)'],
    ['A IS GREATER 1', '(> A number:1)'],
    ['A NOT GREATER THAN 1', '(<= A number:1)'],
    ['A GREATER THAN OR EQUAL TO 1', '(>= A number:1)'],
    ['A LESS THAN 1', '(< A number:1)'],
    ['A LESS THAN OR EQUAL 1', '(<= A number:1)'],
    ['A NOT LESS THAN 1', '(>= A number:1)'],
    ['A LESS 1 OR EQUALITY = 2', '(or (< A number:1) (= EQUALITY number:2))'],
    ['A NOT < 1', '(>= A number:1)'],
    ['A NOT <= 1', '(> A number:1)'],
  ])('%j', (text, expected) => {
    expect(tree(text)).toBe(expected);
  });
});

describe('values', () => {
  it.each([
    ["A = 'it''s'", "(= A text:it's)"],
    ['A = "say ""x"""', '(= A text:say "x")'],
    ["A = ''", '(= A text:)'],
    ["A = ''''", "(= A text:')"],
    [`A = 'say "x"'`, '(= A text:say "x")'],
    ["A = 'AND OR ('", '(= A text:AND OR ()'],
    ["A = 'Ärger€'", '(= A text:Ärger€)'],
    ["A = X'c1C2'", '(= A hex:C1C2)'],
    ['A = x"00"', '(= A hex:00)'],
    ['A = -12.50', '(= A number:-12.50)'],
    ['A = +3', '(= A number:3)'],
    ['A=-3', '(= A number:-3)'],
    ['A = .5', '(= A number:0.5)'],
    ['A = -.5', '(= A number:-0.5)'],
    ['A = 007', '(= A number:007)'],
    ['A = 1.5E+3', '(= A number:1500)'],
    ['A = -1.25e-3', '(= A number:-0.00125)'],
    ['A = 12.5E-1', '(= A number:1.25)'],
    ['A = 1.E2', '(= A number:100)'],
    ['A = .5E0', '(= A number:0.5)'],
    ['A = 12345678901234567890123456789012345678', '(= A number:12345678901234567890123456789012345678)'],
    ['A = SPACES', '(= A figurative:SPACE)'],
    ['A = space', '(= A figurative:SPACE)'],
    ['A = ZEROES', '(= A figurative:ZERO)'],
    ['A = HIGH-VALUES', '(= A figurative:HIGH-VALUE)'],
    ['A = Low-Value', '(= A figurative:LOW-VALUE)'],
    ['A = QUOTES', '(= A figurative:QUOTE)'],
    ["A = ALL '*-'", '(= A all:*-)'],
  ])('%s', (text, expected) => {
    expect(tree(text)).toBe(expected);
  });
});

describe('fields', () => {
  it.each([
    ['A.B.C = 1', '(= A.B.C number:1)'],
    ['c of b of a = 1', '(= A.B.C number:1)'],
    ['C IN B = 1', '(= B.C number:1)'],
    ['C OF A.B = 1', '(= A.B.C number:1)'],
    ['1ST-NAME = 1', '(= 1ST-NAME number:1)'],
    ['1-2A = 1', '(= 1-2A number:1)'],
    ['KUNDE_NR = 1', '(= KUNDE_NR number:1)'],
    ['ZÄHLER = 1', '(= ZÄHLER number:1)'],
    ['ORDER-NO = 1', '(= ORDER-NO number:1)'],
    ['LIKE = 1 AND BETWEEN > 2', '(and (= LIKE number:1) (> BETWEEN number:2))'],
    ['ACTIVE', '(88 ACTIVE)'],
    ['NOT ACTIVE OF STATUS', '(not (88 STATUS.ACTIVE))'],
    ['(ACTIVE) OR X.CLOSED', '(or (88 ACTIVE) (88 X.CLOSED))'],
  ])('%s', (text, expected) => {
    expect(tree(text)).toBe(expected);
  });

  it('have their place in the text', () => {
    const expr = parseCondition('A = 1 AND\n  CODE OF REC > 2', 'record BODY');
    if (expr.kind !== 'and' || expr.operands[1]!.kind !== 'compare') throw new Error(show(expr));
    const right = expr.operands[1];
    expect(right.left.at).toEqual({ file: 'record BODY', line: 2, column: 3, length: 11, text: '  CODE OF REC > 2' });
    expect(right.at).toMatchObject({ line: 2, column: 15, length: 1 });
    expect(right.right.at).toMatchObject({ line: 2, column: 17, length: 1 });
    expect(expr.at).toMatchObject({ line: 1, column: 7, length: 3, text: 'A = 1 AND' });
  });
});

describe('other tests', () => {
  it.each([
    ["A IN ('x', 'y')", '(in A text:x text:y)'],
    ['A NOT IN (1,-2,3.5)', '(not (in A number:1 number:-2 number:3.5))'],
    ["A IN (SPACES, X'00')", '(in A figurative:SPACE hex:00)'],
    ['C IN B IN (1)', '(in B.C number:1)'],
    ['A BETWEEN 1 AND 5 AND B = 2', '(and (between A number:1 number:5) (= B number:2))'],
    ['A NOT BETWEEN LOW AND HIGH', '(not (between A LOW HIGH))'],
    ["NAME LIKE 'M%'", '(like NAME "M%" null)'],
    ["NAME NOT LIKE '10!%' ESCAPE '!'", '(not (like NAME "10!%" "!"))'],
    ['A IS NULL', '(null A)'],
    ['A is not null', '(not (null A))'],
  ])('%s', (text, expected) => {
    expect(tree(text)).toBe(expected);
  });
});

describe('AND, OR, NOT', () => {
  it.each([
    ['A = 1 OR B = 2 AND C = 3', '(or (= A number:1) (and (= B number:2) (= C number:3)))'],
    ['(A = 1 OR B = 2) AND C = 3', '(and (or (= A number:1) (= B number:2)) (= C number:3))'],
    ['NOT A = 1 AND B = 2', '(and (not (= A number:1)) (= B number:2))'],
    ['NOT (A = 1 AND B = 2)', '(not (and (= A number:1) (= B number:2)))'],
    ['not not A', '(not (not (88 A)))'],
    ['((A))', '(88 A)'],
    ['A AND B AND C OR D', '(or (and (88 A) (88 B) (88 C)) (88 D))'],
  ])('%s', (text, expected) => {
    expect(tree(text)).toBe(expected);
  });

  it('takes any number of terms', () => {
    const expr = parseCondition(Array.from({ length: 20_000 }, (_, i) => `A = ${i}`).join(' OR '), '--where');
    expect(expr.kind === 'or' && expr.operands.length).toBe(20_000);
  });

  it('takes 64 levels and no more', () => {
    expect(tree(`${'('.repeat(64)}A${')'.repeat(64)}`)).toBe('(88 A)');
    for (const text of [`${'('.repeat(65)}A${')'.repeat(65)}`, `${'NOT '.repeat(100_000)}A`, '('.repeat(100_000)]) {
      expect(failure(text).message).toContain('nested more than 64 deep');
    }
  });
});

describe('mistakes', () => {
  // The text, what the caret stands under, words of the message and of the hint.
  it.each<[string, string, string, string?]>([
    ['', '', 'The condition is empty', "STATUS = 'A'"],
    ['   ', '', 'The condition is empty'],
    ["A = 'x", "'", 'no closing quote', 'written twice'],
    ["A = X'C", "X'", 'no closing quote'],
    ["A = X'C'", "X'C'", 'not bytes in hexadecimal', "X'C1C2'"],
    ["A = X''", "X''", 'not bytes in hexadecimal'],
    ["A = X'GG'", "X'GG'", 'not bytes in hexadecimal'],
    ['A == 1', '==', "'==' is not an operator here", 'Write =.'],
    ['A = 1 && B = 2', '&&', "'&&'", 'Write AND.'],
    ['A => 1', '=>', "'=>'", 'Write >=.'],
    ['!A', '!', "'!'", 'Write NOT.'],
    ['A ¬= 1', '¬=', "'¬='", 'Write <>.'],
    ['A = ‘x’', '‘', 'does not quote text', 'plain quotes'],
    ['A + 1 = 2', '+', 'no meaning here', 'do not calculate'],
    ['A = 1;', ';', "';' has no meaning here"],
    ['A = 2024-01-15', '2024-01-15', 'neither a number nor a name', "'2024-01-15'"],
    ['A = 1.2.3', '1.2.3', 'neither a number nor a name'],
    ['A = 1 adn B = 2', 'adn', 'Expected AND, OR or the end, found ADN', 'Did you mean AND?'],
    ["A liek 'x'", 'liek', 'Expected a comparison after A, found LIEK', 'Did you mean LIKE?'],
    ['A BETWEN 1 AND 2', 'BETWEN', 'found BETWEN', 'Did you mean BETWEEN?'],
    ['A GRATER THAN 2', 'GRATER', 'found GRATER', 'Did you mean GREATER?'],
    ['A =', '', 'Expected a field or a value after =, found the end'],
    ['= 1', '=', "Expected a field, found '='"],
    ['A = 1 OR 2', '2', 'The value 2 alone is not a condition', 'A IN (1, 2)'],
    ['A > 1 AND < 5', '<', "Expected a field, found '<'", 'in every comparison'],
    ["'A' = 'B'", "'B'", 'Both sides are constants', 'must be a field'],
    ['5 IN (1)', '5', 'must be a field'],
    ["'x' IS NULL", "'x'", 'must be a field'],
    ['A = NULL', 'NULL', 'Nothing compares with NULL', 'IS NOT NULL'],
    ['A IN 1', '1', 'a list in parentheses after IN'],
    ['A IN ()', ')', "Expected a field or a value after IN, found ')'"],
    ['A IN (1, )', ')', 'after the comma'],
    ['A IN (1 2)', '2', 'a comma or a closing parenthesis'],
    ['A IN (1, 2', '(', 'never closed'],
    ['A BETWEEN 1 OR 2', 'OR', 'Expected AND and the upper end of BETWEEN'],
    ['A LIKE 5', '5', 'LIKE needs a pattern in quotes'],
    ["A LIKE 'x' ESCAPE 'ab'", "'ab'", 'ESCAPE needs one character'],
    ["A LIKE 'x' ESCAPE", '', 'ESCAPE needs one character'],
    ['A IS', '', '[NOT] NULL or a comparison after IS, found the end'],
    ["A IS 'X'", "'X'", 'after IS'],
    ['A NOT 5', '5', 'after NOT'],
    ['(A = 1', '(', 'never closed'],
    ['A = 1)', ')', 'never opened'],
    ['A = 1, 2', ',', "found ','", 'IN (value, value)'],
    ['A = (1)', '(', 'Only conditions stand in parentheses'],
    ['A(3) = 1', '(', 'Subscripts are not supported'],
    ['A OF = 1', '=', 'the name of a group after OF'],
    ['A = AND', 'AND', 'instead of AND'],
    ['A AND', '', 'Expected a field, found the end'],
    ["A = ALL ''", "''", 'at least one character'],
    ['A = ALL 5', '5', 'ALL needs a text'],
  ])('%s', (text, culprit, message, hint) => {
    const error = failure(text);
    expect(error.message).toContain(message);
    const { column, length, text: line } = error.source!;
    if (culprit === '') expect([line, column]).toEqual([text, text.length + 1]);
    else expect(line.slice(column - 1, column - 1 + length)).toBe(culprit);
    if (hint !== undefined) expect(error.hint).toContain(hint);
  });

  it('show the place', () => {
    expect(failure('A = 1 AND\n\tB ~ 2').message).toBe("--where:2:4: '~' has no meaning here\n     B ~ 2\n       ^");
  });

  it('refuse what is no text', () => {
    expect(() => parseCondition(5 as unknown as string, '--where')).toThrow(OverpunchError);
  });
});

it('any text is a tree or an error with a place in it', () => {
  const words = [
    'A',
    'B.C',
    'OF',
    'IN',
    'NOT',
    'AND',
    'OR',
    'IS',
    'NULL',
    'LIKE',
    'ESCAPE',
    'BETWEEN',
    'EQUAL',
    'TO',
    'ALL',
  ];
  words.push(
    'GREATER',
    'THAN',
    '(',
    ')',
    ',',
    '=',
    '<',
    '<>',
    '>=',
    '!',
    "'x'",
    '"',
    "X'C1'",
    '-1',
    '1.5E3',
    '2-',
    '.',
    'ß',
    '😀',
    '\n',
  );
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  let trees = 0;
  for (let i = 0; i < 20_000; i++) {
    const text = Array.from({ length: random(9) }, () => words[random(words.length)]).join(random(4) ? ' ' : '');
    try {
      parseCondition(text, '--where');
      trees++;
    } catch (error) {
      if (!(error instanceof OverpunchError)) throw error;
      const { line, column, length, text: shown } = error.source!;
      expect(text.split('\n')[line - 1]).toBe(shown);
      expect(column).toBeGreaterThan(0);
      expect(column + length - 1).toBeLessThanOrEqual(Math.max(shown.length, column));
    }
  }
  expect(trees).toBeGreaterThan(100);
});
