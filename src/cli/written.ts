/**
 * A job whose result goes to a file or standard output: it is written while progress is shown, and ended as it should be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { ChunkPool } from '../connectors/chunks.js';
import { type Output, endOutputs, openOutput } from './output.js';
import { type Measure, Progress } from './progress.js';

export interface Writing {
  /** undefined: standard output. */
  readonly path: string | undefined;
  /** `memory`: for chunks, which is used again when they are written. */
  readonly write: (output: Output, memory: ChunkPool) => Promise<void>;
  readonly measure: () => Measure;
  /** How many records were read. */
  readonly records: () => number;
  readonly signal: AbortSignal;
  /** What is ended with the output: a file of faults. */
  readonly beside?: { end(): void } | null;
  /** After a failure what is written so far is of no use: it is not even begun. */
  readonly isWhole?: boolean;
}

export interface WrittenOut {
  /** What went wrong, with the job or with its outputs; null where nothing did, or the job was told to stop. */
  readonly failure: unknown;
  /** Something could not be written at the end. */
  readonly isUnwritten: boolean;
  /** Nobody reads on at the other end: there is nothing more to say. */
  readonly isClosed: boolean;
  readonly seconds: number;
}

export async function writeOut({
  path,
  write,
  measure,
  records,
  signal,
  beside,
  isWhole,
}: Writing): Promise<WrittenOut> {
  const memory = new ChunkPool();
  const output = openOutput(path, (bytes) => memory.give(bytes));
  const sharesTerminal = path === undefined && process.stdout.isTTY;
  const progress = sharesTerminal ? null : new Progress(process.stderr, measure);
  const started = performance.now();
  progress?.start();
  let failure: unknown = null;
  try {
    await write(output, memory);
  } catch (error) {
    if (!signal.aborted) failure = error ?? new Error('unknown');
  }
  const unwritten = await endOutputs(
    [output, ...(beside ? [beside] : [])],
    failure,
    failure && isWhole ? 0 : records(),
  );
  progress?.stop();
  return {
    failure: failure ?? unwritten,
    isUnwritten: unwritten !== null,
    isClosed: output.isClosed,
    seconds: (performance.now() - started) / 1000,
  };
}

/** Writes chunks until there are no more, or nobody wants them. */
export async function pump(chunks: AsyncIterable<Uint8Array>, output: Output, signal: AbortSignal): Promise<void> {
  for await (const chunk of chunks) {
    await output.write(chunk);
    if (signal.aborted || output.isClosed) return;
  }
}
