/**
 * A data set's JSON file: where the data and its copybook are, and the options that read it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { OverpunchError } from '../errors.js';
import { type Protection, hiddenOf, masksOf } from '../schemas/protection.js';
import { type JobOptions, checkOptions, isObject, wrong } from './options.js';

export interface Dataset {
  readonly data: string | undefined;
  readonly copybook: string | undefined;
  readonly options: Partial<JobOptions>;
  /** What of it not everybody may see. */
  readonly protection?: Protection;
}

const FILES = ['copybook', 'data'] as const;
const PROTECTION = ['mask', 'hide', 'rowSecurity'] as const;

/**
 * Reads a data set's file. Paths in it are relative to it.
 * @throws OverpunchError OVP_IO_DATASET, OVP_OPTION_DATASET, OVP_OPTION_VALUE
 */
export async function readDataset(path: string): Promise<Dataset> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new OverpunchError('OVP_IO_DATASET', `The data set's file ${path} could not be read: ${whyNot(cause)}`, {
      cause,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new OverpunchError('OVP_OPTION_DATASET', `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (!isObject(json)) throw new OverpunchError('OVP_OPTION_DATASET', `${path} does not hold a JSON object`);
  const options = checkOptions(json, path, [...FILES, ...PROTECTION]);
  const [copybook, data] = FILES.map((key) => {
    const value = json[key];
    if (value === undefined || value === '-') return value;
    if (typeof value === 'string' && value !== '') return resolve(dirname(path), value);
    throw new OverpunchError('OVP_OPTION_VALUE', `${path}: ${key} can't be ${JSON.stringify(value)}`, {
      hint: 'It is a path.',
    });
  });
  const { copyPaths } = options;
  const relative = copyPaths && { copyPaths: copyPaths.map((folder) => resolve(dirname(path), folder)) };
  return { data, copybook, options: { ...options, ...relative }, protection: protectionOf(json, path) };
}

/** @throws OverpunchError OVP_OPTION_PROTECTION, OVP_OPTION_VALUE: what is meant to protect and is misspelt must not pass */
function protectionOf({ mask, hide, rowSecurity }: Record<string, unknown>, path: string): Protection {
  masksOf(mask, `${path}: mask`);
  hiddenOf(hide, `${path}: hide`);
  if (rowSecurity !== undefined && typeof rowSecurity !== 'string')
    throw wrong(`${path}: rowSecurity`, rowSecurity, 'It is the name of an item.');
  return { ...({ mask, hide } as Protection), ...(rowSecurity !== undefined && { rowSecurity }) };
}

/** Why a file could not be opened, read or written, for people. */
export function whyNot(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  switch (code) {
    case 'ENOENT':
      return 'there is no such file or directory';
    case 'EISDIR':
      return 'it is a directory';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ENOSPC':
      return 'the disk is full';
    case 'ENOTDIR':
      return 'a part of its path is not a directory';
    default:
      return message;
  }
}
