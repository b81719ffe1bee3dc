/**
 * Records that the caller sends, as JSON lines, while they come in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ReadOptions } from '../../options.js';
import { Reader } from '../../read.js';
import { LINES_TYPE } from '../records/accept.js';
import { ServiceError } from '../problem.js';
import { maskedLines } from '../records/rows.js';
import { decodeSchema } from '../schemas.js';
import { type Service, datasetOf, namesOf } from '../service.js';
import { chunkPool, streamOf } from '../records/stream.js';

type DecodeQuery = Pick<ReadOptions, 'recfm' | 'lrecl' | 'where'> & { readonly select?: string };

export function decodeRoutes(app: FastifyInstance, service: Service): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/octet-stream', (_, payload, done) => done(null, payload));

  app.post('/v1/datasets/:name/decode', { schema: withoutBody(decodeSchema) }, async (request, reply) => {
    const { dataset, view } = datasetOf(service, request);
    const { select: names, recfm, lrecl, where } = request.query as DecodeQuery;
    if (where !== undefined) view.check(where);
    const select = view.select(namesOf(names, 'select'), true);
    const most = service.limits.bodyBytes;
    if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge(most);
    if (!request.body)
      throw new ServiceError(415, 'OVP_SERVER_MEDIA_TYPE', 'Send the bytes as application/octet-stream');
    const asked = {
      ...(recfm !== undefined && { recfm }),
      ...(lrecl !== undefined && { lrecl }),
      ...(where !== undefined && { where }),
      ...(select && { select }),
    };
    const reader = new Reader(counted(request.body as Readable, most), dataset.reading(asked));
    const pool = chunkPool();
    const chunks =
      view.masked.size > 0
        ? { chunks: asBytes(maskedLines(dataset, view, reader.rows(), asked)) }
        : { chunks: reader.toJsonLines({ reuse: pool }), pool };
    const { done } = service.load.stream(request);
    const stream = await streamOf(chunks, () => {
      const { records, badValues } = reader.summary;
      Object.assign(request.overpunch, { records, badValues });
      done();
    });
    return reply.type(LINES_TYPE).send(stream);
  });
}

async function* asBytes(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}

/** The body is a stream, which is not validated; its schema is for the document. */
function withoutBody({ body: _, consumes: _c, ...schema }: typeof decodeSchema): object {
  return schema;
}

const tooLarge = (most: number): ServiceError =>
  new ServiceError(413, 'OVP_SERVER_TOO_LARGE', `A body has ${most} bytes at most`);

async function* counted(body: Readable, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw tooLarge(most);
    yield chunk;
  }
}
