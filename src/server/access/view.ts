/**
 * What a caller may see of a data set: fields that are hidden from him are not there, whatever he asks; fields that are
 * masked come as `***`, and nothing may be learned of them by filtering, ordering or grouping. Bytes count, not names: an
 * item that shares storage with a hidden or masked one (REDEFINES, RENAMES, another record type, a group around it) is guarded as it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, didYouMean } from '../../errors.js';
import { type Item, type Layout, walk } from '../../layout/item.js';
import type { ReadOptions } from '../../options.js';
import { type Mask, type MaskedField, strictest } from '../../schemas/protection.js';
import { compileOnce } from '../../plan/compiled.js';
import { Lookup, isNamed, splitName } from '../../plan/names.js';
import { type FieldNode, fields, itemOf } from '../../plan/schema.js';
import { SharedBytes } from './bytes.js';
import { type Expr, type FieldReference, parseCondition } from '../../query/expr.js';

export class View {
  /** Paths of the fields that can be selected, masked ones too; null: all, as the options have it. */
  readonly fields: readonly string[] | null;
  /** Fields that come masked, and how: what shares bytes with a masked one and is not named is masked altogether. */
  readonly masked: ReadonlyMap<string, Mask>;
  /** Paths of which bad values' bytes are not told: masked fields, and tables whose counter is guarded. */
  readonly concealed: ReadonlySet<string>;
  /** Equal for views that show the same. */
  readonly id: string;
  private readonly lookup: Lookup;
  private readonly all: readonly FieldNode[];
  /** Items that are not there for the caller, and those whose values he may not learn. */
  private readonly gone: ReadonlySet<Item>;
  private readonly guarded: ReadonlySet<Item>;

  /** @throws OverpunchError OVP_OPTION_CATALOG where a name means nothing, or nothing would be left */
  constructor(
    private readonly layout: Layout,
    options: ReadOptions,
    hide: readonly string[],
    mask: readonly Pick<MaskedField, 'field' | 'show'>[],
  ) {
    this.lookup = new Lookup(layout);
    const find = (what: string) => (name: string) => this.lookup.find(splitName(name), 'OVP_OPTION_CATALOG', what).item;
    const hidden = hide.map(find('hide'));
    const masked = mask.map(({ field, show }) => ({ item: find('mask')(field), show }));
    this.all = [...fields(compileOnce(layout, { ...options, text: 'utf8' }).schema)];
    const items = layout.records.flatMap(({ item, renames }) => [...walk(item), ...renames.map((one) => one.item)]);
    const bytes = new SharedBytes(layout);
    const gone = new Set<Item>();
    const guarded = new Set<Item>();
    /** Of which nothing may be shown, and of which four characters may. */
    const closed = new Set<Item>();
    const ajar = new Set<Item>();
    for (const item of hidden) {
      const sharing = bytes.with(item);
      for (const one of sharing) guarded.add(one);
      for (const one of goneWith(item, sharing)) gone.add(one);
    }
    for (const { item, show } of masked) {
      for (const one of bytes.with(item)) {
        guarded.add(one);
        if (show === 'all') closed.add(one);
      }
      if (show === 'last4') ajar.add(item);
    }
    this.gone = gone;
    this.guarded = guarded;
    const shown = this.all.filter((field) => !this.isGone(field));
    if (shown.length === 0) throw new OverpunchError('OVP_OPTION_CATALOG', 'hide leaves no field to show');
    this.fields = hidden.length === 0 ? null : shown.map(({ path }) => path);
    const maskOf = (item: Item): Mask => {
      if (closed.has(item)) return 'all';
      for (let at: Item | null = item; at; at = at.parent) if (ajar.has(at)) return 'last4';
      return 'all';
    };
    const maskedFields = new Map<string, Mask>();
    for (const field of shown) {
      const item = itemOf(field)!;
      if (!guarded.has(item)) continue;
      // names are not unique, and so are paths
      const before = maskedFields.get(field.path);
      maskedFields.set(field.path, before ? strictest([before, maskOf(item)]) : maskOf(item));
    }
    this.masked = maskedFields;
    const counted = items.filter(({ occurs }) => occurs?.dependingOn && this.guarded.has(occurs.dependingOn));
    this.concealed = new Set([...this.masked.keys(), ...counted.map(({ path }) => path)]);
    this.id = JSON.stringify([this.fields, [...this.masked]]);
  }

  /** Whether raw bytes and whole schemas may be seen. */
  get isOpen(): boolean {
    return this.guarded.size === 0;
  }

  /** Whether anything is hidden. */
  get isWhole(): boolean {
    return this.gone.size === 0;
  }

  has(item: Item): boolean {
    return !this.gone.has(item);
  }

  /**
   * The items to decode: those that were asked for, without what is hidden; undefined where all are.
   * @param masks false: without masked ones, which the format has no place for
   * @throws OverpunchError OVP_OPTION_SELECT
   */
  select(names: readonly string[] | null, masks: boolean): readonly string[] | undefined {
    const kept = (path: string): boolean => masks || !this.masked.has(path);
    if (names === null) {
      if (this.fields === null && (masks || this.masked.size === 0)) return undefined;
      return (this.fields ?? this.all.map(({ path }) => path)).filter(kept);
    }
    const found = names.map((name) => this.find(name, 'OVP_OPTION_SELECT', 'select'));
    const isPlain = this.guarded.size === 0;
    const paths = isPlain
      ? found.map(({ path }) => path)
      : this.all
          .filter((field) => !this.isGone(field) && found.some((item) => isWithin(itemOf(field)!, item)))
          .map(({ path }) => path);
    const left = isPlain
      ? paths
      : [
          ...paths.filter(kept),
          ...found.filter((item) => item.level === 66 && !this.guarded.has(item)).map(({ path }) => path),
        ];
    if (left.length > 0) return left;
    throw new OverpunchError('OVP_OPTION_SELECT', 'select: nothing that was asked for can be shown in this form', {
      hint: this.masked.size > 0 ? 'Masked fields come in JSON only.' : undefined,
    });
  }

  /** A field to order, group or look up by, as its path. @throws OverpunchError with `code` */
  operand(name: string, code: `OVP_OPTION_${string}`, what: string): string {
    const item = this.find(name, code, what);
    this.refuseGuarded(item, code, what);
    return item.path;
  }

  /** Whether `operand` would find it. */
  canUse(name: string): boolean {
    try {
      this.operand(name, 'OVP_OPTION_KEY', 'key');
      return true;
    } catch {
      return false;
    }
  }

  /** Checks every name in a condition. @throws OverpunchError OVP_OPTION_CONDITION */
  check(where: string): void {
    const expression = parseCondition(where, 'where');
    if (this.isOpen) return;
    for (const { names } of references(expression)) {
      const item = this.find(names.join('.'), 'OVP_OPTION_CONDITION', 'where', true);
      this.refuseGuarded(item, 'OVP_OPTION_CONDITION', 'where');
    }
  }

  /**
   * Only what is shown can be found, and a hidden name is told of as one that never was.
   * @param strict the name will be looked up again, without regard to what is hidden: it must not mean two items
   */
  private find(name: string, code: `OVP_OPTION_${string}`, what: string, strict = false): Item {
    const path = splitName(name);
    if (this.isWhole) return this.lookup.find(path, code, what).item;
    let item: Item | null = null;
    try {
      item = this.lookup.find(path, code, what).item;
    } catch {
      const shown = this.shownItems().filter((one) => isNamed(one, path));
      if (shown.length === 1 && !strict) [item] = shown as [Item];
    }
    if (item && !this.gone.has(item)) return item;
    const near = didYouMean(
      path.at(-1)!,
      this.shownItems().map((one) => one.name),
    );
    throw new OverpunchError(code, `${what}: there is no item '${path.join('.')}' in the copybook`, {
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'The data set lists its names.',
    });
  }

  private refuseGuarded(item: Item, code: `OVP_OPTION_${string}`, what: string): void {
    if (!this.guarded.has(item)) return;
    throw new OverpunchError(
      code,
      `${what}: ${item.path} can't be used here: it is masked, or has guarded fields in it`,
    );
  }

  private shownItems(): Item[] {
    return this.layout.records.flatMap(({ item, renames }) =>
      [...walk(item), ...renames.map((one) => one.item)].filter(
        (one) => !one.filler && one.level > 0 && !this.gone.has(one),
      ),
    );
  }

  private isGone(field: FieldNode): boolean {
    return this.gone.has(itemOf(field)!);
  }
}

/** All that is gone with a hidden item: what shares its bytes, and of the groups around it those of which nothing else is left. */
function goneWith(hidden: Item, sharing: ReadonlySet<Item>): Set<Item> {
  const gone = new Set(sharing);
  for (let at = hidden.parent; at; at = at.parent) gone.delete(at);
  for (let at = hidden.parent; at?.children.every((child) => gone.has(child)); at = at.parent) gone.add(at);
  return gone;
}

const isWithin = (item: Item, group: Item): boolean => {
  for (let at: Item | null = item; at; at = at.parent) if (at === group) return true;
  return false;
};

function* references(expression: Expr): Generator<FieldReference> {
  switch (expression.kind) {
    case 'and':
    case 'or':
      for (const operand of expression.operands) yield* references(operand);
      return;
    case 'not':
      yield* references(expression.operand);
      return;
    case 'condition':
      yield expression.field;
      return;
    case 'compare':
      for (const side of [expression.left, expression.right]) if (side.kind === 'field') yield side;
      return;
    default:
      yield expression.subject;
      for (const operand of expression.kind === 'in'
        ? expression.values
        : expression.kind === 'between'
          ? [expression.low, expression.high]
          : [])
        if (operand.kind === 'field') yield operand;
  }
}
