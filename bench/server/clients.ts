/**
 * Who asks the service: many at once for pages, one for all records as fast as he can, and many who take their time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createRequire } from 'node:module';
import { type Socket, connect } from 'node:net';

export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p99_9: number;
}

export interface Load {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly latency: Latency;
  /** Bytes of all answers. */
  readonly bytes: number;
}

interface Result {
  readonly requests: { readonly total: number };
  readonly throughput: { readonly total: number };
  readonly latency: Latency;
  readonly duration: number;
  readonly errors: number;
  readonly non2xx: number;
}
interface Request {
  path: string;
}
type Autocannon = (options: {
  url: string;
  connections: number;
  duration: number;
  requests: readonly { setupRequest(request: Request): Request }[];
}) => Promise<Result>;

const autocannon = createRequire(import.meta.url)('autocannon') as Autocannon;

/** Asks for pages at places all over the file. @param page address up to the number of records to skip */
export async function pages(page: string, records: number, connections: number, seconds: number): Promise<Load> {
  const { pathname, search } = new URL(page);
  let at = 1;
  const result = await autocannon({
    url: page,
    connections,
    duration: seconds,
    requests: [
      {
        setupRequest: (request) => {
          at = (at * 48_271) % 2_147_483_647;
          request.path = `${pathname}${search}${at % records}`;
          return request;
        },
      },
    ],
  });
  const { requests, throughput, latency, duration, errors, non2xx } = result;
  if (errors + non2xx > 0) throw new Error(`${page}: ${errors} errors, ${non2xx} answers that are not 2xx`);
  return { requests: requests.total, seconds: duration, latency, bytes: throughput.total };
}

const requestFor = (address: URL, accept: string): string =>
  `GET /v1/datasets/bench/records HTTP/1.1\r\nHost: ${address.host}\r\nAccept: ${accept}\r\nConnection: close\r\n\r\n`;

/** Takes a whole stream; nothing is done with what comes. Answers its bytes, with what belongs to HTTP. */
export function take(address: URL, accept: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const buffer = Buffer.alloc(1 << 20);
    let bytes = 0;
    const callback = (count: number): boolean => {
      if (bytes === 0 && buffer.toString('latin1', 9, 12) !== '200')
        reject(new Error(buffer.toString('latin1', 0, 200)));
      bytes += count;
      return true;
    };
    const socket = connect({ host: address.hostname, port: Number(address.port), onread: { buffer, callback } });
    socket.on('error', reject).on('close', () => resolve(bytes));
    socket.write(requestFor(address, accept));
  });
}

/** Callers that have a stream each, and take no more than `sip` says. */
export class SlowClients {
  private readonly sockets: Socket[] = [];

  constructor(address: URL, accept: string, count: number) {
    for (let i = 0; i < count; i++) {
      const socket = connect(Number(address.port), address.hostname);
      socket.on('error', () => {});
      socket.write(requestFor(address, accept));
      this.sockets.push(socket.pause());
    }
  }

  /** Each takes so many bytes, if they are there; how many all had together. */
  sip(bytes: number): number {
    let all = 0;
    for (const socket of this.sockets) all += ((socket.read(bytes) ?? socket.read()) as Buffer | null)?.length ?? 0;
    return all;
  }

  end(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
