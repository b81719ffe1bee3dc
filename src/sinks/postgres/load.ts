/**
 * Loads a file into PostgreSQL, once: reads its fingerprint, then its records into the sink.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import { type OpenOptions, type Reader, open } from '../../read.js';
import { Copybook } from '../../copybook.js';
import { describe } from '../../layout/describe.js';
import { type Repeatable, fingerprintOf, isRepeatable } from '../fingerprint.js';
import type { LoadResult, PostgresOptions } from './options.js';
import { postgres } from './sink.js';

export type LoadOptions = OpenOptions & Omit<PostgresOptions, 'file' | 'engine' | 'names'>;

/** A load under way. */
export interface Load {
  /** What is read; for a progress bar. */
  readonly reader: Reader;
  readonly result: Promise<LoadResult>;
}

/**
 * Loads a file (or bytes) into PostgreSQL: every record once, however often the process was killed and begun again.
 * @throws OverpunchError OVP_OPTION_LOADED where it was loaded before (and `again` is not set), and all that reading may throw
 */
export async function load(source: string | URL | Uint8Array | Repeatable, options: LoadOptions): Promise<LoadResult> {
  return (await startLoad(source, options)).result;
}

/** The same; answers when the file's fingerprint is known. */
export async function startLoad(source: string | URL | Uint8Array | Repeatable, options: LoadOptions): Promise<Load> {
  const copybook = typeof options.copybook === 'string' ? await Copybook.load(options.copybook) : options.copybook;
  const { sha256, bytes, check } = await fingerprintOf(source, options.signal);
  const name = isRepeatable(source) ? source.name : source instanceof Uint8Array ? 'bytes' : String(source);
  const file = { name, bytes, sha256, meaning: meaningOf(copybook, options), check };
  const reader = open(isRepeatable(source) ? source.read() : source, { ...options, copybook });
  return { reader, result: reader.into(postgres({ ...options, file })) };
}

/** Everything that says which rows the bytes become, but not how fast. */
function meaningOf(copybook: Copybook, options: LoadOptions): string {
  const {
    url: _,
    passwordFile: _p,
    tls: _t,
    ca: _c,
    workers: _w,
    rangeBytes: _r,
    again: _a,
    dryRun: _d,
    keeps: _k,
    ...rest
  } = options;
  const {
    copybook: _b,
    engine: _e,
    threads: _n,
    batchRecords: _s,
    signal: _g,
    onFault: _f,
    maxFaults: _m,
    ...kept
  } = rest;
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1))))
    .update(JSON.stringify(describe(copybook.layout)))
    .digest('hex');
}
