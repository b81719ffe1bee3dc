/**
 * Claims of what records can be written as.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { tableFromIPC } from 'apache-arrow';
import { BSON, Decimal128, Double } from 'mongodb';
import { type ArrowFormat, Copybook, type Reader, arrowSink, open } from '../../src/index.js';
import { Documents } from '../../src/sinks/documents.js';
import { Commands } from '../../src/sinks/hashes.js';
import { parquetShown, parquetShows } from './sql.js';
import type { Claim } from './supported.js';

const copybook = Copybook.parse('01 R.\n05 A PIC X.\n05 N PIC S9V9 COMP-3.', { format: 'free' });
const reader = (): Reader => open(Buffer.from('c1012c', 'hex'), { copybook });

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
async function arrow(format: ArrowFormat): Promise<unknown> {
  const bytes = await bytesOf(reader().toArrow({ format }));
  const table = tableFromIPC(bytes);
  return [bytes.toString('latin1').startsWith('ARROW1'), String(table.schema), table.getChild('a')!.get(0)];
}
const SCHEMA = 'Schema<{ 0: a: Utf8, 1: n: Decimal[2e+1] }>';

export const outputs: readonly Claim[] = [
  ['JSON lines', async () => (await bytesOf(reader().toJsonLines())).toString(), '{"a":"A","n":"1.2"}\n'],
  ['CSV', async () => (await bytesOf(reader().toCsv())).toString(), 'a,n\nA,1.2\n'],
  ['Arrow IPC as a stream', () => arrow('stream'), [false, SCHEMA, 'A']],
  ['as a file (Feather V2)', () => arrow('file'), [true, SCHEMA, 'A']],
  ['Parquet (needs @duckdb/node-api)', parquetShows, parquetShown],
  [
    '[documents in MongoDB (tested on servers of its protocol), hashes or JSON in Redis](docs/nosql.md)',
    async () => {
      const written: unknown[] = [];
      for await (const batch of reader().batches()) {
        const [document] = new Documents(batch.schema, {}, { Decimal128, Double }, []).of(batch, 0, 1);
        const [hash] = new Commands(batch.schema, 'camel').hashes(['k'], batch.toObjects());
        written.push(BSON.EJSON.stringify(document), String(hash));
      }
      return written;
    },
    [
      '{"a":"A","n":{"$numberDecimal":"1.2"}}',
      '*6\r\n$4\r\nHSET\r\n$1\r\nk\r\n$1\r\na\r\n$1\r\nA\r\n$1\r\nn\r\n$3\r\n1.2\r\n',
    ],
  ],
  [
    '[sinks of your own](docs/sinks.md)',
    async () => {
      const written: number[] = [];
      await reader().into(arrowSink(async (pieces) => void written.push(pieces.length)));
      return written.length;
    },
    2,
  ],
];
