/**
 * What of a data set not everybody may see, said in one form wherever it is said (a data set's file, a catalog, an upload,
 * `rolesSql`): which fields are masked or hidden, how, and for whom not.
 *
 *     "mask": { "NAME": "all", "CARD-NUMBER": { "show": "last4", "except": ["auditor"] } }, "hide": ["TAX-NUMBER"]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, didYouMean } from '../errors.js';

/** What is shown of a masked value: `all` of it is masked, or the last four characters are shown. */
export const MASKS = ['all', 'last4'] as const;
export type Mask = (typeof MASKS)[number];

export interface HideRule {
  /** Roles that see it all the same. Default: none. */
  readonly except?: readonly string[];
}

export interface MaskRule extends HideRule {
  /** Default `all`. */
  readonly show?: Mask;
}

/** A group stands for all in it. */
export interface Protection {
  /** Fields that are shown masked: a list of them, or how each is. */
  readonly mask?: readonly string[] | Readonly<Record<string, Mask | MaskRule>>;
  /** Fields that are not shown. */
  readonly hide?: readonly string[] | Readonly<Record<string, HideRule>>;
  /** Of a database: an item by whose values rows are shown to some and not to others. */
  readonly rowSecurity?: string;
}

/** A field, and the roles that see it all the same. */
export interface HiddenField {
  readonly field: string;
  readonly except: readonly string[];
}

export interface MaskedField extends HiddenField {
  readonly show: Mask;
}

/**
 * Masked fields as JSON has them; none where it is undefined.
 * @param what says in messages where it stands
 * @throws OverpunchError OVP_OPTION_PROTECTION: what is meant to protect and is misspelt must not pass
 */
export function masksOf(json: unknown, what: string): MaskedField[] {
  return rulesOf(json, what, MASK_HINT).map(([field, rule, origin]) => {
    if (typeof rule === 'string') return { field, show: showOf(rule, origin), except: [] };
    const { show, except } = ruleOf(rule, ['show', 'except'], origin, MASK_HINT);
    return {
      field,
      show: show === undefined ? 'all' : showOf(show, `${origin}: show`),
      except: rolesOf(except, origin),
    };
  });
}

/** The same of hidden fields. */
export function hiddenOf(json: unknown, what: string): HiddenField[] {
  return rulesOf(json, what, HIDE_HINT).map(([field, rule, origin]) => {
    const { except } = ruleOf(rule, ['except'], origin, HIDE_HINT);
    return { field, except: rolesOf(except, origin) };
  });
}

/** Back to JSON. */
export const maskJson = (fields: readonly MaskedField[]): object =>
  Object.fromEntries(fields.map(({ field, show, except }) => [field, except.length > 0 ? { show, except } : show]));

export const hideJson = (fields: readonly HiddenField[]): object =>
  Object.fromEntries(fields.map(({ field, except }) => [field, except.length > 0 ? { except } : {}]));

/** The strictest of several that a field is under. */
export const strictest = (masks: Iterable<Mask>): Mask => ([...masks].includes('all') ? 'all' : 'last4');

/** What a masked value comes as. */
export const MASK = '***';

/** A value as it is shown. Of numbers with digits behind the point nothing is, as of what has no more than four characters. */
export function maskedText(value: unknown, mask: Mask, kind: 'text' | 'integer' | 'decimal' | 'float'): string {
  if (mask === 'all' || value === null || value === undefined || (kind !== 'text' && kind !== 'integer')) return MASK;
  const characters = [...(kind === 'text' ? String(value) : String(value).replace('-', ''))];
  return characters.length > 4 ? MASK + characters.slice(-4).join('') : MASK;
}

const MASK_HINT =
  'It is a list of fields, or an object of them: { "NAME": "all", "CARD-NUMBER": { "show": "last4", "except": ["auditor"] } }.';
const HIDE_HINT = 'It is a list of fields, or an object of them: { "TAX-NUMBER": { "except": ["auditor"] } }.';

/** Fields and what is said of each, with its place. */
function rulesOf(json: unknown, what: string, hint: string): [field: string, rule: unknown, origin: string][] {
  if (json === undefined) return [];
  if (Array.isArray(json)) {
    if (json.every(isName)) return [...new Set(json)].map((field) => [field, {}, `${what}: ${field}`]);
  } else if (isObject(json) && Object.keys(json).every(isName))
    return Object.entries(json).map(([field, rule]) => [field, rule, `${what}: ${field}`]);
  throw wrong(what, json, hint);
}

function ruleOf(rule: unknown, keys: readonly string[], origin: string, hint: string): Record<string, unknown> {
  if (Array.isArray(rule))
    throw wrong(origin, rule, 'Roles that see it all the same are named so: { "except": ["auditor"] }.');
  if (!isObject(rule)) throw wrong(origin, rule, hint);
  for (const key of Object.keys(rule)) {
    if (keys.includes(key)) continue;
    const near = didYouMean(key, keys);
    throw new OverpunchError('OVP_OPTION_PROTECTION', `${origin}: there is no '${key}' here`, {
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `It can have ${keys.join(' and ')}.`,
    });
  }
  return rule;
}

function showOf(given: unknown, origin: string): Mask {
  const found = MASKS.find((mask) => mask === given);
  if (found) return found;
  const near = typeof given === 'string' ? didYouMean(given, MASKS) : [];
  throw wrong(origin, given, `${near.length > 0 ? `Did you mean ${near[0]}? ` : ''}It can be ${MASKS.join(' or ')}.`);
}

function rolesOf(given: unknown, origin: string): string[] {
  if (given === undefined) return [];
  if (Array.isArray(given) && given.every(isName)) return [...new Set(given)];
  throw wrong(`${origin}: except`, given, 'It is a list of roles: ["auditor"].');
}

const wrong = (origin: string, given: unknown, hint: string): OverpunchError =>
  new OverpunchError('OVP_OPTION_PROTECTION', `${origin} can't be ${JSON.stringify(given)}`, { hint });

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
