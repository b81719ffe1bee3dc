/**
 * What tells one file from another: the SHA-256 of all its bytes. A part of them would be quicker and wrong: of two days' unloads
 * of one master file a few records differ, somewhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { throwIfAborted } from '../connectors/abort.js';
import { openSource } from '../connectors/source.js';
import { OverpunchError } from '../errors.js';

/** What can be read several times, by somebody who knows whether it is the same each time. */
export interface Repeatable {
  /** As the load is told of. */
  readonly name: string;
  /** All of its bytes, from the start; each piece is valid until the next is asked for. */
  read(): AsyncIterable<Uint8Array>;
  /** @throws OverpunchError OVP_IO_CHANGED where it is not what it was */
  check(): Promise<void>;
}

export const isRepeatable = (source: unknown): source is Repeatable =>
  typeof (source as Repeatable | undefined)?.read === 'function';

export interface Fingerprint {
  readonly sha256: string;
  readonly bytes: number;
  /** @throws OverpunchError OVP_IO_CHANGED where the file was written to since */
  check(): Promise<void>;
}

const CHUNK = 1 << 20;

/** Reads a file, or bytes in memory, from beginning to end. @throws OverpunchError OVP_IO_* */
export async function fingerprintOf(
  input: string | URL | Uint8Array | Repeatable,
  signal?: AbortSignal,
): Promise<Fingerprint> {
  if (isRepeatable(input)) {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of input.read()) {
      throwIfAborted(signal, input.name);
      hash.update(chunk);
      bytes += chunk.length;
    }
    const check = (): Promise<void> => input.check();
    await check();
    return { sha256: hash.digest('hex'), bytes, check };
  }
  const before = await timesOf(input);
  const source = await openSource(input, { signal });
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    if (source.bytes) {
      hash.update(source.bytes);
      bytes = source.bytes.length;
    } else {
      const buffer = new Uint8Array(CHUNK);
      for (let read = await source.readInto(buffer); read > 0; read = await source.readInto(buffer)) {
        hash.update(buffer.subarray(0, read));
        bytes += read;
      }
    }
    const check = async (): Promise<void> => {
      if ((await timesOf(input)) === before) return;
      throw new OverpunchError('OVP_IO_CHANGED', `${source.name} was written to while it was loaded`, {
        hint: 'Nothing was changed in the database. Load it when it is complete.',
      });
    };
    await check();
    return { sha256: hash.digest('hex'), bytes, check };
  } finally {
    await source.close();
  }
}

/** Size and times of a file; the same while nobody writes to it. */
async function timesOf(input: string | URL | Uint8Array): Promise<string> {
  if (input instanceof Uint8Array) return '';
  const { size, mtimeNs, ino } = await stat(input, { bigint: true }).catch(() => ({ size: 0n, mtimeNs: 0n, ino: 0n }));
  return `${size} ${mtimeNs} ${ino}`;
}
