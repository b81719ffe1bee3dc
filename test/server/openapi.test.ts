/**
 * The service's document: every example in it is one of what it stands beside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect, it } from 'vitest';
import { ask, auditor, clerk, guarded, serve } from './served.js';

type Json = Record<string, unknown>;

/** Schemas with examples, by their place in the document. */
function* exampled(node: unknown, place: string): Generator<{ place: string; examples: readonly unknown[] }> {
  if (typeof node !== 'object' || node === null) return;
  const { examples, example } = node as { examples?: unknown; example?: unknown };
  const all = [...(Array.isArray(examples) ? examples : []), ...(example === undefined ? [] : [example])];
  if (all.length > 0) yield { place, examples: all };
  for (const [key, value] of Object.entries(node)) {
    const step = encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
    if (key !== 'examples' && key !== 'example') yield* exampled(value, `${place}/${step}`);
  }
}

it.each([
  ['clerk', clerk.key],
  ['auditor', auditor.key],
])('has examples that are what they say, for %s', async (_, key) => {
  const service = await serve({ ...guarded, uploads: {} });
  const document = (await ask(service, '/openapi.json', { key })).json as Json;
  const ajv = new Ajv2020({ strict: false });
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema(document, 'document');
  const seen: string[] = [];
  for (const { place, examples } of exampled(document, '')) {
    const node = place
      .split('/')
      .slice(1)
      .reduce<Json>(
        (at, step) => at[decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')] as Json,
        document,
      );
    // a parameter or a body has its schema below it
    const check = ajv.compile({ $ref: `document#${place}${node.schema ? '/schema' : ''}` });
    for (const example of examples) expect([place, check(example), check.errors]).toEqual([place, true, null]);
    seen.push(place);
  }
  for (const name of ['fixed', 'varied', 'clients']) expect(seen).toContain(`/components/schemas/Record-${name}`);
});
