/**
 * Data sets that callers bring, and take away again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Readable } from 'node:stream';
import type { Multipart } from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sourceText } from '../../copybook/source.js';
import { isObject } from '../../datasets/options.js';
import { OverpunchError } from '../../errors.js';
import type { Caller } from '../access/access.js';
import type { Peers } from '../peers.js';
import { ServiceError } from '../problem.js';
import { removeSchema, uploadSchema } from '../schemas.js';
import { type Service, datasetOf } from '../service.js';
import { COPYBOOK_BYTES, type Uploads } from '../uploads/uploads.js';
import { headOf } from './datasets.js';

const OPTION_BYTES = 1 << 16;
/** Bytes of a body besides its files. */
const AROUND = 1 << 16;
/** Milliseconds that the rest of a body that was refused is still taken, so that the answer is read. */
const LINGER = 10_000;

export function uploadRoutes(app: FastifyInstance, service: Service, { multipart }: Peers): void {
  app.removeAllContentTypeParsers();
  // bodies are read where they are wanted, and as they come: nothing is unpacked
  const config = { decompress: false };
  void app.register(multipart, { throwFileSizeLimit: false });

  app.post(
    '/v1/datasets',
    { schema: uploadSchema, validatorCompiler: () => () => true, config },
    async (request, reply) => {
      const { caller } = request.overpunch;
      const uploads = allowed(service, caller);
      try {
        refuseBody(request, uploads.bytes);
        const dataset = await takeIn(request, uploads);
        request.overpunch.dataset = dataset.name;
        await uploads.makeRoom(caller);
        reply.code(201).header('location', `${app.prefix}/v1/datasets/${dataset.name}`);
        return headOf(dataset, dataset.view(caller.roles));
      } catch (error) {
        throw malformed(error);
      } finally {
        discardRest(request);
      }
    },
  );

  app.delete('/v1/datasets/:name', { schema: removeSchema, config }, async (request, reply) => {
    const { dataset } = datasetOf(service, request);
    await allowed(service, request.overpunch.caller).remove(dataset);
    return reply.code(204).send();
  });
}

function allowed({ uploads }: Service, caller: Caller): Uploads {
  if (!uploads)
    throw new ServiceError(
      403,
      'OVP_SERVER_UPLOADS',
      'This service takes no uploads',
      undefined,
      'Its catalog can allow them: "uploads": {}.',
    );
  if (!uploads.isFor(caller)) throw new ServiceError(403, 'OVP_SERVER_UPLOADS', 'Uploads are not for you');
  return uploads;
}

/** What is told by the headers alone. */
function refuseBody({ headers }: FastifyRequest, most: number): void {
  if (!/^multipart\/form-data\s*;/i.test(headers['content-type'] ?? ''))
    throw new ServiceError(415, 'OVP_SERVER_MEDIA_TYPE', 'Send options, copybook and data as multipart/form-data');
  const { 'content-encoding': encoding = 'identity' } = headers;
  if (encoding.toLowerCase() !== 'identity')
    throw new ServiceError(415, 'OVP_SERVER_MEDIA_TYPE', 'Send the body as it is, not compressed');
  if (Number(headers['content-length'] ?? 0) > most + COPYBOOK_BYTES + OPTION_BYTES + AROUND)
    throw new ServiceError(413, 'OVP_SERVER_TOO_LARGE', `A data file has ${most} bytes at most`, 'data');
}

async function takeIn(request: FastifyRequest, uploads: Uploads) {
  const limits = {
    fieldNameSize: 100,
    fieldSize: COPYBOOK_BYTES,
    fileSize: uploads.bytes + 1,
    parts: 4,
    headerPairs: 20,
  };
  const parts = request.parts({ limits });
  const next = async (): Promise<Multipart | null> => {
    const { done, value } = await parts.next();
    return done ? null : value;
  };
  let part = await next();
  let options: Record<string, unknown> = {};
  if (part?.fieldname === 'options') {
    options = optionsOf(part.type === 'field' && isObject(part.value) ? part.value : await textOf(part, OPTION_BYTES));
    part = await next();
  }
  if (part?.fieldname !== 'copybook') throw misplaced(part, 'copybook');
  const copybook = await textOf(part, COPYBOOK_BYTES);
  return uploads.add(request.overpunch.caller, options, copybook, async (file) => {
    const data = await next();
    if (data?.type !== 'file' || data.fieldname !== 'data') throw misplaced(data, 'data');
    await file.write(data.file, uploads.bytes);
    const more = await next();
    if (more) throw misplaced(more, null);
  });
}

/** What the parser of bodies says is told in our words. */
function malformed(error: unknown): unknown {
  const { statusCode, syscall } = error as { statusCode?: number; syscall?: string };
  if (error instanceof OverpunchError || syscall !== undefined) return error;
  if (statusCode === 413)
    return new ServiceError(413, 'OVP_SERVER_TOO_LARGE', 'The body has more parts than it can have');
  return new ServiceError(
    400,
    'OVP_SERVER_BODY',
    'The body is not multipart/form-data as it should be, or it was cut off',
  );
}

function misplaced(part: Multipart | null, wanted: string | null): ServiceError {
  const found = part ? `'${part.fieldname.slice(0, 64)}'${part.type === 'field' ? ' as a field' : ''}` : 'nothing';
  return new ServiceError(
    400,
    'OVP_SERVER_BODY',
    `There is ${found} where ${wanted === null ? 'the body ends' : `the file '${wanted}' comes`}`,
    wanted ?? undefined,
    'The parts are options (JSON), copybook (a file), data (a file), in this order.',
  );
}

function optionsOf(given: string | Record<string, unknown>): Record<string, unknown> {
  if (typeof given !== 'string') return given;
  let json: unknown;
  try {
    json = JSON.parse(given);
  } catch (cause) {
    throw new OverpunchError('OVP_OPTION_CATALOG', `options are not JSON: ${(cause as Error).message}`);
  }
  if (isObject(json)) return json;
  throw new OverpunchError('OVP_OPTION_CATALOG', 'options are not a JSON object');
}

/** A part that is kept in memory. */
async function textOf(part: Multipart, most: number): Promise<string> {
  const tooLarge = (): ServiceError =>
    new ServiceError(413, 'OVP_SERVER_TOO_LARGE', `'${part.fieldname}' has ${most} bytes at most`, part.fieldname);
  if (part.type === 'field') {
    const text = String(part.value);
    if (part.valueTruncated || Buffer.byteLength(text) > most) throw tooLarge();
    return text;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of part.file as Readable & AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw tooLarge();
    chunks.push(chunk);
  }
  return sourceText(Buffer.concat(chunks));
}

/** Takes what is left of a body that was refused, and forgets it: a caller who still sends would not read the answer. */
function discardRest({ raw }: FastifyRequest): void {
  if (raw.complete || raw.destroyed) return;
  raw.unpipe();
  raw.resume();
  const timer = setTimeout(() => raw.destroy(), LINGER).unref();
  raw.once('close', () => clearTimeout(timer));
}
