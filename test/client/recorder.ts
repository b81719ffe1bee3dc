/**
 * A fetch that looks at each answer as the service's own document describes it, and remembers what was asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
}
interface Media {
  readonly schema?: object & { readonly properties?: object };
}
export interface Documented {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>;
  readonly components: object;
}

/** `listRecords ?where`, `readRecordBytes range:`, `startLoad .target` */
export function parametersOf({ operationId, parameters = [], requestBody }: Documented): string[] {
  const body = requestBody?.content['application/json']?.schema?.properties ?? {};
  return [
    ...parameters.filter((one) => one.in === 'query').map(({ name }) => `${operationId} ?${name}`),
    ...parameters.filter((one) => one.in === 'header').map(({ name }) => `${operationId} ${name}:`),
    ...Object.keys(body).map((name) => `${operationId} .${name}`),
  ];
}

export class Recorder {
  /** Operations, and parameters as `parametersOf` writes them. */
  readonly asked = new Set<string>();
  /** What was not as the document has it. */
  readonly wrong: string[] = [];
  private readonly ajv = new Ajv2020({ strict: false, validateFormats: true });

  constructor(
    private readonly document: Document,
    private readonly base: string,
  ) {
    formats.default(this.ajv);
    // binary says that there are bytes, which is no matter of JSON
    this.ajv.addFormat('binary', true);
    this.ajv.addSchema({ $id: 'document', ...document });
  }

  readonly fetch: typeof fetch = async (input, init = {}) => {
    const url = new URL(String(input));
    const method = (init.method ?? 'GET').toLowerCase();
    const found = this.find(url.pathname.slice(new URL(this.base).pathname.length - 1), method);
    const response = await fetch(input, init);
    if (!found) {
      this.wrong.push(`${method} ${url.pathname} is not in the document`);
      return response;
    }
    this.note(found.operation, url, init);
    await this.check(found.path, method, found.operation, response);
    return response;
  };

  private find(pathname: string, method: string): { path: string; operation: Documented } | null {
    for (const [path, item] of Object.entries(this.document.paths)) {
      const operation = item[method];
      // a name is one step of the way, a star all that are left
      const pattern = path
        .replace(/[.]/g, '\\.')
        .replace(/\{\*\}/g, '.+')
        .replace(/\{[^}]+\}/g, '[^/]+');
      if (operation && new RegExp(`^${pattern}$`).test(pathname)) return { path, operation };
    }
    return null;
  }

  private note(operation: Documented, url: URL, init: RequestInit): void {
    const { operationId } = operation;
    const given = new Headers(init.headers);
    const json = typeof init.body === 'string' ? Object.keys(JSON.parse(init.body) as object) : [];
    this.asked.add(operationId);
    for (const name of url.searchParams.keys()) this.asked.add(`${operationId} ?${name}`);
    for (const name of json) this.asked.add(`${operationId} .${name}`);
    for (const { name, in: place } of operation.parameters ?? [])
      if (place === 'header' && given.has(name)) this.asked.add(`${operationId} ${name}:`);
  }

  private async check(path: string, method: string, operation: Documented, response: Response): Promise<void> {
    const { operationId, responses } = operation;
    const documented = responses[response.status];
    if (!documented) {
      this.wrong.push(`${operationId}: a status ${response.status}`);
      return;
    }
    const type = (response.headers.get('content-type') ?? '').split(';')[0]!;
    if (response.status === 204) return;
    const media = documented.content?.[type];
    if (!media) this.wrong.push(`${operationId}: ${response.status} as ${type}`);
    if (!media?.schema || !/json$/.test(type) || type.includes('ndjson')) return;
    const steps = ['paths', path, method, 'responses', String(response.status), 'content', type, 'schema'];
    const pointer = steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    const validate = this.ajv.compile({ $ref: `document#/${pointer}` });
    if (validate(await response.clone().json())) return;
    this.wrong.push(`${operationId}: ${response.status}: ${this.ajv.errorsText(validate.errors)}`);
  }
}
