/**
 * The OpenAPI 3.1 document of a service, as the caller may know it: the routes' own schemas, and a component for the records of each
 * data set, made of its copybook, with its first record as an example.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type JsonSchema, jsonSchema } from '../schemas/json-schema.js';
import type { Caller } from './access/access.js';
import type { ServedDataset } from './records/dataset.js';
import { JOB_COMPONENTS } from './jobs/job-schemas.js';
import { masked } from './routes/datasets.js';
import { LOOKING_COMPONENTS } from './looking-schemas.js';
import { jsonRows, recordText } from './records/rows.js';
import { COMPONENTS } from './schemas.js';
import { type Service, datasetsFor } from './service.js';

type Json = Record<string, unknown>;

/** @param routes what was generated of the routes */
export async function openApiDocument(service: Service, routes: Json, { roles, name }: Caller): Promise<Json> {
  const datasets = datasetsFor(service, { roles, name });
  const records: Record<string, JsonSchema> = {};
  for (const dataset of datasets) records[`Record-${dataset.name}`] = await recordComponent(dataset, roles);
  const references = Object.keys(records).map((component) => ({ $ref: `#/components/schemas/${component}` }));
  const components = (routes.components ?? {}) as Json;
  return {
    ...routes,
    paths: named(routes.paths, datasets),
    components: {
      ...components,
      schemas: {
        ...COMPONENTS,
        ...JOB_COMPONENTS,
        ...LOOKING_COMPONENTS,
        Record: references.length > 0 ? { anyOf: references } : { type: 'object' },
        ...records,
      },
    },
  };
}

/** With `select` any of its keys may be missing, so none is required. */
async function recordComponent(dataset: ServedDataset, roles: readonly string[]): Promise<JsonSchema> {
  const view = dataset.view(roles);
  const select = view.select(null, true);
  const { copybook: _, ...options } = dataset.reading({ ...(select && { select }) });
  const schema = masked(jsonSchema(dataset.copybook.layout, options), view);
  const example = await exampleOf(dataset, roles);
  const { $schema: _s, ...rest } = withoutRequired(schema) as Json;
  return { ...rest, ...(example !== undefined && { examples: [example] }) };
}

async function exampleOf(dataset: ServedDataset, roles: readonly string[]): Promise<unknown> {
  const view = dataset.view(roles);
  const select = view.select(null, true);
  try {
    return await dataset.file.use(async (state) => {
      const found = await dataset.records(state, 1, 1);
      if (found.numbers.length === 0) return undefined;
      return JSON.parse(`${recordText(await jsonRows(dataset, view, found, select))}`);
    });
  } catch {
    return undefined; // a file that can't be read has no example; whoever reads it is told why
  }
}

function withoutRequired(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutRequired);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !(key === 'required' && Array.isArray(value)))
      .map(([key, value]) => [key, withoutRequired(value)]),
  );
}

/** Names of data sets where an address wants one. */
function named(paths: unknown, datasets: readonly ServedDataset[]): unknown {
  if (Array.isArray(paths)) return paths.map((one) => named(one, datasets));
  if (typeof paths !== 'object' || paths === null) return paths;
  const { name, in: place, schema } = paths as { name?: unknown; in?: unknown; schema?: object };
  if (name === 'name' && place === 'path' && datasets.length > 0)
    return { ...paths, schema: { ...schema, enum: datasets.map((one) => one.name) } };
  return Object.fromEntries(Object.entries(paths).map(([key, value]) => [key, named(value, datasets)]));
}
