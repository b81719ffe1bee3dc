/**
 * A data set as SQL reads it: a file, its copybook, and the options that read it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { resolve } from 'node:path';
import { Copybook } from '../copybook.js';
import { OverpunchError } from '../errors.js';
import type { Layout } from '../layout/item.js';
import type { LayoutOptions, ReadOptions } from '../options.js';
import { planFile } from './plan-file.js';

/** As a data set's JSON file describes it. Paths are relative to the current folder. */
export interface Dataset extends LayoutOptions, Omit<ReadOptions, 'onFault' | 'signal'> {
  /** Path of the file. */
  readonly data: string;
  /** The copybook or its path. */
  readonly copybook: Copybook | string;
}

/** A data set whose copybook was read. */
export interface OpenDataset {
  readonly path: string;
  readonly layout: Layout;
  readonly options: ReadOptions;
}

/** @throws OverpunchError OVP_SYNTAX_*, OVP_LAYOUT_*, OVP_IO_COPYBOOK, OVP_OPTION_VALUE */
export async function openDataset(dataset: Dataset): Promise<OpenDataset> {
  const { data, copybook, ...options } = dataset;
  if (typeof data !== 'string' || data === '' || data === '-') {
    throw new OverpunchError('OVP_OPTION_VALUE', 'SQL reads files: data must be the path of one', {
      hint: 'Bytes and streams are written to a file first.',
    });
  }
  const { layout } = typeof copybook === 'string' ? await Copybook.load(copybook, options) : copybook;
  return { path: resolve(data), layout, options };
}

/** The text of SQL. @throws OverpunchError OVP_OPTION_VALUE */
export function sqlText(text: string): string {
  if (text.includes('\0')) throw new OverpunchError('OVP_OPTION_VALUE', "A text of SQL can't hold x'00'");
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name of SQL, whatever is in it. @throws OverpunchError OVP_OPTION_VALUE */
export function sqlName(name: string): string {
  if (name === '' || name.includes('\0'))
    throw new OverpunchError('OVP_OPTION_VALUE', `A table can't be called ${JSON.stringify(name)}`);
  return `"${name.replaceAll('"', '""')}"`;
}

/** The call of the extension's function that reads a data set; the plan is in it. `parameters` are its others, as SQL. */
export function readCopybook({ path, layout, options }: OpenDataset, parameters = ''): string {
  const plan = Buffer.from(planFile(layout, options)).toString('base64');
  return `read_copybook(${sqlText(path)}, plan := from_base64('${plan}')${parameters})`;
}
