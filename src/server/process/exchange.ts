/**
 * A request and its answer: who asks, what of, how much came of it; over when the answer has gone or the caller has, and
 * nothing is made for it any more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANONYMOUS, type Caller } from '../access/access.js';
import type { Trace } from './telemetry.js';

declare module 'fastify' {
  interface FastifyRequest {
    overpunch: Exchange;
  }
}

/** Exchanges by connection: Node.js tells answers that wait for others before them nothing of its end. */
const open = new WeakMap<Socket, Set<Exchange>>();

/**
 * After something that is no request has come on a connection: answers to all that was read before it go out first. Then `refuse` is
 * called, or, where an answer has begun whose request will never be whole, `cut`.
 */
export function afterAnswers(socket: Socket, refuse: () => void, cut: () => void): void {
  const all = [...(open.get(socket) ?? [])];
  const whole = all.filter((one) => one.isWhole);
  const end = all.some((one) => !one.isWhole && one.hasBegun) ? cut : refuse;
  let left = whole.length;
  if (left === 0) end();
  for (const one of whole) {
    one.whenOver(() => {
      if (--left === 0) end();
    });
  }
}

export class Exchange {
  caller: Caller = ANONYMOUS;
  dataset: string | null = null;
  /** What is wrong with its file is told: it is the caller's own. */
  isUploaded = false;
  records = 0;
  badValues = 0;
  trace: Trace | null = null;
  /** What is known of the route; Fastify makes it anew whenever it is asked. */
  readonly route: FastifyRequest['routeOptions'];
  private isGone = false;
  private streams = 0;
  private readonly endings: (() => void)[] = [];

  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {
    this.route = request.routeOptions;
    const { socket } = request.raw;
    let others = open.get(socket);
    if (!others) {
      const all = new Set<Exchange>();
      socket.once('close', () => {
        for (const one of all) one.tell();
      });
      open.set(socket, all);
      others = all;
    }
    others.add(this);
    reply.raw.once('close', () => {
      others.delete(this);
      this.isGone = true;
      this.end();
    });
  }

  /** Whether all of the request has come. */
  get isWhole(): boolean {
    return this.request.raw.complete;
  }

  /** Whether some of the answer has gone. */
  get hasBegun(): boolean {
    return this.reply.raw.headersSent;
  }

  /** Calls back once, when all is over. */
  whenOver(action: () => void): void {
    this.endings.push(action);
  }

  /** A stream is made for it, which is not over before `done` is called. */
  stream(): { done(): void } {
    let isOpen = true;
    this.streams++;
    return {
      done: () => {
        if (!isOpen) return;
        isOpen = false;
        this.streams--;
        this.end();
      },
    };
  }

  /** Has whoever makes the answer hear that its connection has ended. */
  private tell(): void {
    const { raw } = this.reply;
    if (raw.socket || raw.closed) return;
    raw.destroy();
    raw.emit('close');
  }

  private end(): void {
    if (!this.isGone || this.streams > 0) return;
    for (const action of this.endings.splice(0)) action();
  }
}
