/**
 * Where the next page begins, as a text that means nothing to anybody else: the position, the state of the file that it is good for, and
 * what was asked. Whoever makes one up reads nothing that he could not have asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import { ServiceError } from '../problem.js';

const LENGTH = 1 + 6 + 8 + 8;
const VERSION = 1;

/** Hashes that were made: pages are asked for one after another. */
const made = new Map<string, Buffer>();
const KEPT = 256;

function hash(text: string): Buffer {
  let bytes = made.get(text);
  if (!bytes) {
    bytes = createHash('sha256').update(text).digest().subarray(0, 8);
    if (made.size >= KEPT) made.clear();
    made.set(text, bytes);
  }
  return bytes;
}

/**
 * @param position records that lie before the page, 0 to 2^48-1
 * @param query what the pages are of: data set, condition, order
 */
export function cursorFor(position: number, identity: string, query: string): string {
  const bytes = Buffer.alloc(LENGTH);
  bytes[0] = VERSION;
  bytes.writeUIntBE(position, 1, 6);
  hash(identity).copy(bytes, 7);
  hash(query).copy(bytes, 15);
  return bytes.toString('base64url');
}

/** @throws ServiceError 400 for one that is none, or of another query; 410 where the file was changed since */
export function positionOf(cursor: string, identity: string, query: string): number {
  const bytes = Buffer.from(cursor, 'base64url');
  const isOne = bytes.length === LENGTH && bytes[0] === VERSION && bytes.toString('base64url') === cursor;
  if (!isOne || !bytes.subarray(15).equals(hash(query))) {
    throw new ServiceError(
      400,
      'OVP_SERVER_CURSOR',
      'The cursor is none of this query',
      'cursor',
      'Take it from the answer to the same query, unchanged.',
    );
  }
  if (!bytes.subarray(7, 15).equals(hash(identity))) {
    throw new ServiceError(
      410,
      'OVP_SERVER_CHANGED',
      'The file of the data set was changed since this cursor was given',
      'cursor',
      'Begin again without a cursor.',
    );
  }
  return bytes.readUIntBE(1, 6);
}
