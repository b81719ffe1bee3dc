/**
 * Which records of a text are meant: all of a copybook; of a program those of its one file, or what `from` names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, didYouMean } from '../errors.js';
import type { RecordEntry } from './ast.js';
import type { SectionName } from './program.js';

/** What a section (or a copybook without sections) was parsed to; not before it is asked for. */
export interface Part {
  readonly name: SectionName | null;
  /** Throws what is wrong with it. */
  records(): readonly RecordEntry[];
  /** Only the entry of this name and what belongs to it, where the text has it; null where that is wrong too. */
  alone(name: string): readonly RecordEntry[] | null;
  /** Does the text, without what COPY brings in, have an entry of this name? */
  mentions(name: string): boolean;
}

const ORDER: readonly SectionName[] = ['WORKING-STORAGE', 'LOCAL-STORAGE', 'LINKAGE'];
/** Names that an error lists. */
const LISTED = 30;

export function selectRecords(
  file: string,
  parts: readonly Part[],
  isProgram: boolean,
  from?: string,
): readonly RecordEntry[] {
  if (from !== undefined) return named(file, parts, from.trim().toUpperCase());
  const [only] = parts;
  if (parts.length === 1 && only!.name === null) return only!.records();
  for (const name of ['FILE', ...ORDER]) {
    const records = parts.filter((part) => part.name === name).flatMap((part) => part.records());
    if (records.length === 0) continue;
    return name === 'FILE' ? oneFile(file, records) : isProgram ? oneRecord(file, name, records) : records;
  }
  return [];
}

/** The records of the one FD; those of sort files only where there is nothing else. */
function oneFile(file: string, records: readonly RecordEntry[]): readonly RecordEntry[] {
  const ofFiles = records.filter((record) => record.file?.kind === 'FD');
  const some = ofFiles.length > 0 ? ofFiles : records;
  const names = [...new Set(some.map((record) => record.file?.name ?? ''))];
  if (names.length <= 1) return some;
  const list = names.map((name, index) => {
    if (index >= LISTED) return name;
    const own = some.filter((record) => (record.file?.name ?? '') === name);
    return `${name} (${own.map(({ item }) => item.name ?? 'FILLER').join(', ')})`;
  });
  throw ambiguous(`${file} describes ${names.length} files: ${listed(list)}`, names[0]!, 'FILE');
}

function oneRecord(file: string, section: string, records: readonly RecordEntry[]): readonly RecordEntry[] {
  const levels = records.filter(({ item }) => item.level === 1);
  if (levels.length <= 1) return levels.length === 1 ? levels : records;
  const names = levels.map(({ item }) => item.name ?? 'FILLER');
  const what = `${file} has no FILE SECTION, and its ${section} SECTION has ${names.length} records: ${listed(names)}`;
  throw ambiguous(what, names[0]!, section);
}

const listed = (names: readonly string[]): string =>
  names.length > LISTED ? `${names.slice(0, LISTED).join(', ')} and ${names.length - LISTED} more` : names.join(', ');

function ambiguous(what: string, name: string, section: string): OverpunchError {
  return new OverpunchError('OVP_OPTION_FROM', what, {
    hint: `Say which is meant with the option from (--from ${name}), or --from ${section} for all.`,
  });
}

function named(file: string, parts: readonly Part[], from: string): readonly RecordEntry[] {
  const section = from.replace(/\s+SECTION$/, '');
  const whole = parts.filter((part) => part.name === section);
  if (whole.length > 0) return whole.flatMap((part) => part.records());
  const likely = [...parts].sort((a, b) => Number(b.mentions(from)) - Number(a.mentions(from)));
  const names = new Set<string>();
  let failure: unknown = null;
  for (const part of likely) {
    let records: readonly RecordEntry[];
    try {
      records = part.records();
    } catch (error) {
      // what is wrong may be elsewhere in the section, or the name in another one
      const own = part.alone(from);
      if (!own && (part.mentions(from) || parts.length === 1)) throw error;
      failure ??= error;
      if (!own) continue;
      records = own;
    }
    const ofFile = records.filter((record) => record.file?.name === from);
    if (ofFile.length > 0) return ofFile;
    const own = records.filter(({ item }) => item.name === from);
    if (own.length > 0) return own;
    for (const record of records) {
      if (record.file) names.add(record.file.name);
      if (record.item.name) names.add(record.item.name);
    }
  }
  if (failure) throw failure;
  const near = didYouMean(from, names);
  throw new OverpunchError('OVP_OPTION_FROM', `${file} has no file, record or section ${from}`, {
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There are ${listed([...names])}.`,
  });
}
