/**
 * Formats that rows are written in: their names, their extensions, and what writes them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import { OverpunchError } from '../errors.js';
import type { ChunkOptions } from '../read.js';
import { checkChoice } from './options.js';

export const TEXT_FORMATS = ['jsonl', 'csv'] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number];

const EXTENSIONS: Readonly<Record<string, string>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'jsonl',
  '.csv': 'csv',
  '.arrow': 'arrow',
  '.arrows': 'arrow',
  '.feather': 'arrow',
  '.ipc': 'arrow',
  '.parquet': 'parquet',
};
/** Formats that are not text: never written by mistake. */
const NOT_TEXT = ['.parquet', '.arrow', '.arrows', '.feather', '.ipc', '.orc', '.avro', '.xlsx', '.gz', '.zst', '.zip'];

/** Adds --to, which has one of these formats. */
export function addFormat(command: Command, formats: readonly string[]): void {
  command.addOption(
    new Option(`--to <${formats.join('|')}>`, 'default: by the extension of -o, else jsonl').argParser((text: string) =>
      checkChoice(text, formats, '--to'),
    ),
  );
}

/**
 * The format that was asked for with --to, or is that of the extension.
 * @throws OverpunchError OVP_OPTION_VALUE where it is none of `formats`
 */
export function formatOf<Format extends string>(command: Command, formats: readonly Format[]): Format {
  const { to, output } = command.opts<{ to?: Format; output?: string }>();
  if (to !== undefined) return to;
  const extension = output === undefined ? '' : extname(output).toLowerCase();
  const found = formats.find((format) => format === EXTENSIONS[extension]);
  if (found) return found;
  if (NOT_TEXT.includes(extension)) {
    throw new OverpunchError(
      'OVP_OPTION_VALUE',
      `-o ${output}: no format that can be written has the extension ${extension}`,
      { hint: `Formats: ${formats.join(', ')}; --to FORMAT writes one of them under any name.` },
    );
  }
  return formats[0]!;
}

/** What can be written as text. */
export interface Texts {
  toJsonLines(options: ChunkOptions): AsyncIterable<Uint8Array>;
  toCsv(options: ChunkOptions): AsyncIterable<Uint8Array>;
}

export const textOf = (rows: Texts, format: TextFormat, options: ChunkOptions): AsyncIterable<Uint8Array> =>
  format === 'csv' ? rows.toCsv(options) : rows.toJsonLines(options);
