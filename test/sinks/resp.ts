/**
 * A client of Redis that is none of ours: sends commands, reads replies of protocol 2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Socket, connect } from 'node:net';

export type Reply = Buffer | number | null | Error | Reply[];

export class Resp {
  private readonly socket: Socket;
  private readonly waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  private received = Buffer.alloc(0);

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
      for (;;) {
        const read = replyAt(this.received, 0);
        if (!read) return;
        this.received = this.received.subarray(read.end);
        const { resolve, reject } = this.waiting.shift()!;
        if (read.reply instanceof Error) reject(read.reply);
        else resolve(read.reply);
      }
    });
    this.socket.on('error', (error) => this.waiting.splice(0).forEach(({ reject }) => reject(error)));
  }

  call(...args: (string | Buffer)[]): Promise<Reply> {
    const parts = args.flatMap((arg) => {
      const bytes = Buffer.from(arg as string);
      return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')];
    });
    this.socket.write(Buffer.concat([Buffer.from(`*${args.length}\r\n`), ...parts]));
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  /** Fields of a hash. */
  async hash(key: string): Promise<Record<string, string>> {
    const list = (await this.call('HGETALL', key)) as Buffer[];
    const found: Record<string, string> = {};
    for (let k = 0; k < list.length; k += 2) found[String(list[k])] = String(list[k + 1]);
    return found;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Undefined where the reply has not arrived as a whole. */
function replyAt(bytes: Buffer, at: number): { reply: Reply; end: number } | undefined {
  const lineEnd = bytes.indexOf('\r\n', at);
  if (lineEnd < 0) return undefined;
  const line = bytes.toString('latin1', at + 1, lineEnd);
  const end = lineEnd + 2;
  switch (String.fromCharCode(bytes[at]!)) {
    case '+':
      return { reply: Buffer.from(line), end };
    case '-':
      return { reply: new Error(line), end };
    case ':':
      return { reply: Number(line), end };
    case '$': {
      const length = Number(line);
      if (length < 0) return { reply: null, end };
      return bytes.length < end + length + 2
        ? undefined
        : { reply: bytes.subarray(end, end + length), end: end + length + 2 };
    }
    default: {
      const list: Reply[] = [];
      for (let next = end, k = 0; ; k++) {
        if (k === Number(line)) return { reply: list, end: next };
        const item = replyAt(bytes, next);
        if (!item) return undefined;
        list.push(item.reply);
        next = item.end;
      }
    }
  }
}
