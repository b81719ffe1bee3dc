/**
 * Memory for chunks of bytes that is used again: fresh memory costs as much as a third of what writing text to it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** Bytes of chunks that are used in turn: what another processor has read lately would have to be fetched back from its cache. */
const TURN = 1 << 25;
/** Bytes of a chunk of text; more where a record is longer. */
export const CHUNK = 1 << 19;

export class ChunkPool {
  private readonly free: ArrayBuffer[] = [];
  /** What was taken and not given back. */
  private readonly lent = new Set<ArrayBufferLike>();

  /**
   * @param turn bytes of chunks that are used in turn; 0: what is given back is used at once
   * @param chunk bytes of a chunk of text
   */
  constructor(
    private readonly turn = TURN,
    readonly chunk = CHUNK,
  ) {}

  take(bytes: number): Uint8Array {
    const isEnough = (this.free.length + this.lent.size) * bytes >= this.turn;
    let buffer = isEnough ? this.free.shift() : undefined;
    // others are wanted once text turned out longer; those before are let go
    if (buffer?.byteLength !== bytes) buffer = freshChunk(bytes).buffer;
    this.lent.add(buffer);
    return new Uint8Array(buffer);
  }

  /** The chunk, or any part of it, is not needed any more. What was not taken from here is left alone. */
  give({ buffer }: Uint8Array): void {
    if (this.lent.delete(buffer)) this.free.push(buffer as ArrayBuffer);
  }
}

/** Memory that is nobody else's, which Buffer.allocUnsafe would not be. It is not cleared. */
export function freshChunk(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
}
