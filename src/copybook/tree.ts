/**
 * Entries to a tree: level numbers say what belongs to what. A copybook that starts deeper than 01 gets an unnamed group
 * of level 0 around its items.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { ConditionEntry, DataEntry, FileEntry, RecordEntry, RenamesEntry } from './ast.js';
import type { Diagnostics } from './diagnostics.js';
import type { Entry } from './parser.js';

interface Node extends Omit<DataEntry, 'children' | 'conditions'> {
  readonly children: Node[];
  readonly conditions: ConditionEntry[];
}

export function nest(entries: readonly Entry[], diagnostics: Diagnostics): RecordEntry[] {
  const records: { item: Node; file: FileEntry | null; renames: RenamesEntry[] }[] = [];
  let file: FileEntry | null = null;
  let fresh = false;
  /** The open items from the record down to the last one. */
  let open: Node[] = [];
  let last: Node | null = null;
  let afterRenames = false;
  for (const one of entries) {
    if (one.kind === 'file') {
      file = one.entry;
      fresh = true;
      continue;
    }
    if (one.kind === 'condition') {
      const { entry } = one;
      if (!last)
        diagnostics.error('OVP_SYNTAX_LEVEL', `the 88 level ${entry.name} has no item before it`, entry.source);
      else if (afterRenames) diagnostics.warn(`${entry.name}: an 88 level of a 66 level is left out`, entry.source);
      else last.conditions.push(entry);
      continue;
    }
    const record = records.at(-1);
    if (one.kind === 'renames') {
      if (!record || record.item.level === 77) {
        diagnostics.error(
          'OVP_SYNTAX_LEVEL',
          `the 66 level ${one.entry.name} has no record before it`,
          one.entry.source,
        );
      } else {
        record.renames.push(one.entry);
        afterRenames = true;
      }
      continue;
    }
    const node: Node = { ...one.entry, children: [], conditions: [] };
    last = node;
    if (node.level === 1 || node.level === 77) {
      records.push({ item: node, file, renames: [] });
      open = [node];
    } else if (!record || (fresh && file)) {
      const root = unnamed(node);
      records.push({ item: root, file, renames: [] });
      open = [root, node];
    } else if (record.item.level === 77) {
      const { source, level } = node;
      diagnostics.error(
        'OVP_SYNTAX_LEVEL',
        `level ${two(level)} can't follow a level 77`,
        source,
        'Is a level 01 missing before it?',
      );
    } else {
      if (afterRenames)
        diagnostics.error('OVP_SYNTAX_LEVEL', `level ${two(node.level)} can't follow a level 66`, node.source);
      place(node, open, diagnostics);
    }
    afterRenames = false;
    fresh = false;
  }
  return records;
}

/** Puts an item under the last open item of a lower level. */
function place(node: Node, open: Node[], diagnostics: Diagnostics): void {
  while (open.at(-1)!.level >= node.level) open.pop();
  const parent = open.at(-1)!;
  if (parent.picture) {
    const what = `${nameOf(parent)} has a PICTURE, so level ${two(node.level)} can't be below it`;
    const hint = `Should this be level ${two(parent.level)}, or is the PICTURE of ${nameOf(parent)} one too many?`;
    diagnostics.error('OVP_SYNTAX_GROUP', what, node.source, hint);
  }
  const sibling = parent.children.at(-1);
  if (sibling && sibling.level !== node.level) {
    diagnostics.warn(
      `${nameOf(node)} has level ${two(node.level)}, the items beside it ${two(sibling.level)}: it is taken for one of them`,
      node.source,
    );
  }
  parent.children.push(node);
  open.push(node);
}

function unnamed(first: Node): Node {
  const none = {
    redefines: null,
    picture: null,
    usage: null,
    sign: null,
    occurs: null,
    synchronized: null,
    justified: null,
  };
  return {
    level: 0,
    name: '',
    ...none,
    blankWhenZero: null,
    value: null,
    typedef: null,
    type: null,
    conditions: [],
    children: [first],
    source: first.source,
  };
}

const nameOf = ({ name }: Node): string => name ?? 'FILLER';
const two = (level: number): string => String(level).padStart(2, '0');
