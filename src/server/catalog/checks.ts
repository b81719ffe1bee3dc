/**
 * Checks of what a catalog's JSON holds, with messages that say where.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { isObject, wrong } from '../../datasets/options.js';
import { OverpunchError, didYouMean } from '../../errors.js';

export function objectOf(json: unknown, what: string): Record<string, unknown> {
  if (isObject(json)) return json;
  throw new OverpunchError('OVP_OPTION_CATALOG', `${what} is not a JSON object`);
}

export function listOf(json: unknown, what: string): readonly unknown[] {
  if (Array.isArray(json)) return json;
  throw wrong(what, json, 'It is a list.');
}

export function textOf(json: unknown, what: string): string {
  if (typeof json === 'string' && json !== '') return json;
  if (json === undefined) throw new OverpunchError('OVP_OPTION_CATALOG', `${what} is missing`);
  throw wrong(what, json, 'It is a text.');
}

export function namesOf(json: unknown, what: string): string[] {
  if (Array.isArray(json) && json.every((name) => typeof name === 'string' && name !== '')) return json as string[];
  throw wrong(what, json, 'It is a list of names: ["A", "B.C"].');
}

export function refuseOthers(json: Record<string, unknown>, keys: readonly string[], what: string): void {
  for (const key of Object.keys(json)) {
    if (keys.includes(key)) continue;
    const near = didYouMean(key, keys);
    throw new OverpunchError('OVP_OPTION_CATALOG', `${what}: there is no '${key}' here`, {
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `It can have ${keys.join(', ')}.`,
    });
  }
}
