/**
 * Memory for answers that are used again when the caller has them: as much as a page has of fresh memory for each request keeps the
 * collector at work all the time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FastifyRequest } from 'fastify';

/** Sizes are powers of two between these; others are nobody's but the answer's. */
const [LEAST, MOST] = [14, 20];
/** Bytes that are kept of each size, at most. */
const KEPT = 1 << 22;

const free: Buffer[][] = Array.from({ length: MOST + 1 }, () => []);

/** Memory of this length for the answer to this request, which must be changed no more when it is sent. */
export function answerBytes({ overpunch }: FastifyRequest, length: number): Buffer {
  const size = Math.max(LEAST, 32 - Math.clz32(length - 1));
  if (size > MOST) return Buffer.allocUnsafeSlow(length);
  const list = free[size]!;
  const bytes = list.pop() ?? Buffer.allocUnsafeSlow(1 << size);
  overpunch.whenOver(() => {
    if ((list.length + 1) << size <= KEPT) list.push(bytes);
  });
  return bytes.subarray(0, length);
}
