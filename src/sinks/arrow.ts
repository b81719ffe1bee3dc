/**
 * Rows as Arrow IPC, handed over as they lie in memory: the fastest way out, since nothing is copied on it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { type ArrowFormat, IpcWriter, type Pieces } from '../arrow/ipc.js';
import { writePieces } from '../connectors/pieces.js';
import type { Sink } from '../connectors/sink.js';

/**
 * A sink that makes Arrow IPC of the rows, a stream or a file (Feather V2), as `reader.toArrow()` does.
 * @param write writes all pieces of bytes one behind another. They are used again when its promise is fulfilled. After a failure
 *   nothing more is written: a file has no end then, and Arrow's readers refuse it.
 */
export function arrowSink(
  write: (pieces: Pieces) => Promise<void>,
  { format = 'stream' }: { readonly format?: ArrowFormat } = {},
): Sink {
  let writer: IpcWriter;
  /** Not written before there is something behind it: what can't be read at all leaves no trace. */
  let head: Pieces = [];
  const writeBehindHead = async (pieces: Pieces): Promise<void> => {
    const all = [...head, ...pieces];
    head = [];
    await write(all);
  };
  return {
    async open({ schema, layout, options }) {
      writer = new IpcWriter(schema, layout, format, options.names ?? 'snake');
      head = writer.begin();
    },
    write: ({ batch }) => writeBehindHead(writer.batch(batch)),
    close: () => writeBehindHead(writer.end()),
    async abort() {},
  };
}

/**
 * A sink that writes an Arrow file (Feather V2), or a stream. What is written is called `PATH.part` until it is whole, and removed
 * if it never is.
 */
export function arrowFile(path: string, { format = 'file' }: { readonly format?: ArrowFormat } = {}): Sink {
  const part = `${path}.part`;
  let file: FileHandle | null = null;
  const pieces = arrowSink(
    async (all) => {
      file ??= await open(part, 'w');
      await writePieces(file.fd, all);
    },
    { format },
  );
  return {
    open: pieces.open,
    write: pieces.write,
    async close() {
      await pieces.close();
      await file!.close();
      await rename(part, path);
    },
    async abort() {
      if (!file) return;
      await file.close();
      await rm(part, { force: true });
    },
  };
}
