/**
 * The data sets: which there are, what is in them, their schemas.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FastifyInstance } from 'fastify';
import { describe } from '../../layout/describe.js';
import { walk } from '../../layout/item.js';
import { avroSchema } from '../../schemas/avro.js';
import { ddl } from '../../schemas/ddl.js';
import type { SqlDialect } from '../../schemas/dialects.js';
import { jsonSchema, openApi } from '../../schemas/json-schema.js';
import { typeScript } from '../../schemas/typescript.js';
import type { ServedDataset } from '../records/dataset.js';
import { type SCHEMA_FORMATS, datasetSchema, datasetsSchema, schemaSchema } from '../schemas.js';
import { type Service, datasetOf, datasetsFor, isKnown } from '../service.js';
import { MASK } from '../../schemas/protection.js';
import type { View } from '../access/view.js';

export function datasetRoutes(app: FastifyInstance, service: Service): void {
  app.get('/v1/datasets', { schema: datasetsSchema }, async (request) => ({
    datasets: datasetsFor(service, request.overpunch.caller).map((dataset) =>
      headOf(dataset, dataset.view(request.overpunch.caller.roles)),
    ),
  }));

  app.get('/v1/datasets/:name', { schema: datasetSchema }, (request, reply) => {
    const { dataset, view } = datasetOf(service, request);
    return dataset.file.use(async (state) => {
      const records = dataset.count(state);
      if (isKnown(request, reply, `${state.identity}:${records}`, view, service.version)) return reply.send();
      const { copyPaths: _, copyExtensions: _e, record: _r, fieldCodePages: _c, ...options } = dataset.entry.options;
      return reply.send({
        ...headOf(dataset, view),
        records,
        bytes: state.size,
        modified: state.modified.toISOString(),
        masked: [...view.masked.keys()],
        options,
        layout: layoutOf(dataset, view),
      });
    });
  });

  app.get('/v1/datasets/:name/schema', { schema: schemaSchema }, async (request, reply) => {
    const { dataset, view } = datasetOf(service, request);
    const { format, dialect } = request.query as { format: (typeof SCHEMA_FORMATS)[number]; dialect: SqlDialect };
    if (isKnown(request, reply, dataset.name, view, service.version)) return reply.send();
    const { layout } = dataset.copybook;
    const isMasking = format === 'json' || format === 'openapi';
    const select = view.select(null, isMasking);
    const { copybook: _, ...options } = dataset.reading({ ...(select && { select }) });
    switch (format) {
      case 'avro':
        return reply.type('application/json').send(avroSchema(layout, options));
      case 'openapi':
        return reply.type('application/json').send(masked(openApi(layout, options), view));
      case 'ddl':
        return reply.type('text/plain; charset=utf-8').send(ddl(layout, { ...options, dialect }));
      case 'types':
        return reply.type('text/plain; charset=utf-8').send(typeScript(layout, options));
      default:
        return reply.type('application/schema+json').send(masked(jsonSchema(layout, options), view));
    }
  });
}

/** Of a field of which the last four characters are shown. */
const MASKED = '^\\*\\*\\*(.{4})?$';

/** A schema in which masked fields are what they come as. */
export function masked<T>(schema: T, view: View): T {
  if (view.masked.size === 0 || typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((one) => masked(one, view)) as T;
  const { description, items, 'x-cobol': cobol } = schema as Record<string, unknown>;
  const mask = cobol && view.masked.get((cobol as { path: string }).path);
  if (mask) {
    const value = mask === 'all' ? { type: 'string', const: MASK } : { type: 'string', pattern: MASKED };
    const told = { ...cobol, masked: mask };
    return { description, 'x-cobol': told, ...(items === undefined ? value : { type: 'array', items: value }) } as T;
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, masked(value, view)])) as T;
}

/** The data set as the list has it. */
export function headOf({ name, entry }: ServedDataset, view: View): object {
  const { title, description, key, upload } = entry;
  const isKeyed = view.isWhole || key.every((field) => view.canUse(field));
  const uploaded = upload && { temporary: upload.temporary };
  return { name, title, description, key: isKeyed ? key : [], ...uploaded };
}

/** As `inspect --json` has it, without what is hidden. */
function layoutOf({ copybook: { layout } }: ServedDataset, view: View): object {
  const all = layout.records.flatMap(({ item, renames }) => [...walk(item), ...renames.map((one) => one.item)]);
  const shown = all.filter((one) => view.has(one));
  const [paths, names] = [new Set(shown.map(({ path }) => path)), new Set(shown.map(({ name }) => name))];
  const seen = (name: string | null): string | null => (name !== null && names.has(name) ? name : null);
  const { records, ...rest } = describe(layout);
  return {
    ...rest,
    records: records.map(({ items, renames, ...record }) => ({
      ...record,
      items: items
        .filter(({ path }) => paths.has(path))
        .map(({ occurs, redefines, ...item }) => ({
          ...item,
          occurs: occurs && { ...occurs, dependingOn: seen(occurs.dependingOn) },
          redefines: seen(redefines),
        })),
      ...(renames && {
        renames: renames.filter(({ path, from, to }) => [path, from, to].every((one) => paths.has(one))),
      }),
    })),
  };
}
