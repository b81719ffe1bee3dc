/**
 * How much is asked at once: what is more than the service can do is refused before anything is done for it, with 503 and
 * `Retry-After`. Those who look after the service are answered all the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Peers } from '../peers.js';
import { ServiceError } from '../problem.js';
import type { Limits } from '../service.js';

/** What there is too much of. */
export const SHED = ['requests', 'streams', 'eventLoopDelay', 'rssBytes'] as const;
export type Shed = (typeof SHED)[number];

/** Milliseconds that the event loop may be late. */
const DELAY = 2000;
const ALWAYS = ['/healthz', '/readyz', '/metrics'];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer waits for what will come, and does nothing until then: it has a bound of its own. */
    isListener?: boolean;
  }
}

export class Load {
  requests = 0;
  streams = 0;
  /** Requests refused, by what there was too much of. */
  readonly shed: Record<Shed, number> = { requests: 0, streams: 0, eventLoopDelay: 0, rssBytes: 0 };

  constructor(private readonly limits: Limits) {}

  /** Registers what looks at each request, where its exchange is known already. */
  async watch(app: FastifyInstance, { underPressure }: Peers): Promise<void> {
    const always = ALWAYS.map((url) => `${app.prefix}${url}`);
    const isSpared = ({ overpunch }: FastifyRequest): boolean => always.includes(overpunch.route.url ?? '');
    await app.register(underPressure, {
      maxEventLoopDelay: DELAY,
      maxRssBytes: this.limits.memoryBytes,
      exposeStatusRoute: false,
      pressureHandler: async (request, _, type) => {
        if (!isSpared(request)) this.refuse(type as Shed);
      },
    });
    app.addHook('onRequest', (request, _, done) => {
      if (isSpared(request) || request.overpunch.route.config.isListener) {
        done();
        return;
      }
      if (this.requests >= this.limits.requestsAtOnce) this.refuse('requests');
      this.requests++;
      request.overpunch.whenOver(() => this.requests--);
      done();
    });
  }

  /**
   * A stream begins, which is over when `done` is called.
   * @throws ServiceError 503 where there are too many, 505 where the caller could not tell its end from a connection that was cut
   */
  stream({ overpunch, raw }: FastifyRequest): { done(): void } {
    if (raw.httpVersionMajor === 1 && raw.httpVersionMinor === 0)
      throw new ServiceError(
        505,
        'OVP_SERVER_HTTP_VERSION',
        'Streams need HTTP/1.1: before it, half of one looks whole',
      );
    if (this.streams >= this.limits.streamsAtOnce) this.refuse('streams');
    this.streams++;
    const { done } = overpunch.stream();
    overpunch.whenOver(() => this.streams--);
    return { done };
  }

  private refuse(what: Shed): never {
    this.shed[what]++;
    throw new ServiceError(503, 'OVP_SERVER_BUSY', 'The service has too much to do: ask again later.');
  }
}
