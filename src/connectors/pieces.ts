/**
 * Pieces of bytes into a file, all of them: one call of the system may write less than it was given.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { writev } from 'node:fs';

export async function writePieces(fd: number, pieces: readonly Uint8Array[]): Promise<void> {
  let left = pieces.filter(({ length }) => length > 0);
  while (left.length > 0) {
    let written = await new Promise<number>((resolve, reject) => {
      writev(fd, left, (error, bytes) => (error ? reject(error) : resolve(bytes)));
    });
    const next = left.findIndex(({ length }) => {
      if (written < length) return true;
      written -= length;
      return false;
    });
    left = next < 0 ? [] : [left[next]!.subarray(written), ...left.slice(next + 1)];
  }
}
