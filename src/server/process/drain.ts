/**
 * The end of a service that loses nothing: it takes no new connection, answers every request that was read, whole, and says
 * `Connection: close` with it, so that callers come back elsewhere. Connections that nobody asks on are closed last, since
 * whoever asks just then finds a closed one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Server, type Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Milliseconds that connections without a request are kept for their next one, which is told to go elsewhere. */
const GRACE = 500;
/** Milliseconds from look to look at which connections are without a request. */
const LOOK = 50;

export class Drain {
  private hasBegun = false;
  private readonly actions: (() => Promise<void>)[] = [];
  private under: Promise<unknown> = Promise.resolve();
  private readonly sockets = new Set<Socket>();
  /** The last request of each connection. */
  private readonly latest = new WeakMap<Socket, FastifyRequest>();
  /** Connections whose last answer is under way. */
  private readonly last = new WeakSet<Socket>();

  /** Whether the service is about to end. */
  get isClosing(): boolean {
    return this.hasBegun;
  }

  begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.under = Promise.all(this.actions.map((action) => action()));
  }

  /** What else ends when it begins: answers that wait for it would go on for ever. */
  whenBegun(action: () => Promise<void>): void {
    this.actions.push(action);
  }

  /** Resolves when that has ended. */
  async ended(): Promise<void> {
    await this.under;
  }

  /** Sees to it that what is said here holds for the service that listens. */
  watch(app: FastifyInstance): void {
    app.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    app.addHook('onRequest', (request, reply, done) => {
      const { socket } = request.raw;
      // RFC 9112, section 9.6: nothing that comes after it is carried out
      if (this.last.has(socket)) {
        reply.hijack();
        return;
      }
      this.latest.set(socket, request);
      done();
    });
    app.addHook('onSend', (request, reply, payload, done) => {
      const { socket } = request.raw;
      // of requests that came one upon the other, the last one's answer says it
      if (this.hasBegun && this.latest.get(socket) === request) {
        reply.header('connection', 'close');
        this.last.add(socket);
      }
      done(null, payload);
    });
  }

  /** Ends it. Requests that take longer than `patience` milliseconds are cut off. */
  async end(app: FastifyInstance, patience: number): Promise<void> {
    this.begin();
    const { server } = app;
    const start = Date.now();
    if (server.listening) {
      await new Promise<void>((resolve) => {
        const timer = setInterval(() => {
          const waited = Date.now() - start;
          if (waited >= patience) server.closeAllConnections();
          if (waited < Math.min(GRACE, patience)) return;
          server.closeIdleConnections();
          // those that never asked count as busy until they do
          for (const socket of this.sockets) if (socket.bytesRead === 0) socket.destroy();
        }, LOOK);
        // the server's own close() would end connections without a request at once
        Server.prototype.close.call(server, () => {
          clearInterval(timer);
          resolve();
        });
      });
    }
    await app.close();
  }
}
