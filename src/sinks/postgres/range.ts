/**
 * A range of records on its way into the staging tables: its tuples, table by table, and what was wrong in them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Client } from 'pg';
import type { CopyStreamQuery } from 'pg-copy-streams';
import { COPY_HEADER, COPY_TRAILER } from '../../connectors/tuples.js';
import { loadPeer } from '../../peer.js';
import { connect, type ConnectionOptions, databaseError } from './connection.js';
import type { Reject } from './rejects.js';

export class Range {
  /** Chunks of tuples of each table. */
  readonly chunks: Uint8Array[][];
  readonly rows: number[];
  readonly rejects: Reject[] = [];
  last = 0;
  endByte = 0;
  bytes = 0;
  rejected = 0;
  badValues = 0;

  /** @param first number of the first record; records from it to `last` are in no other range */
  constructor(
    readonly first: number,
    readonly firstByte: number,
    tables: number,
  ) {
    this.chunks = Array.from({ length: tables }, () => []);
    this.rows = new Array<number>(tables).fill(0);
  }
}

/** What all workers of a load need to know. */
export interface Staging {
  readonly load: string;
  readonly epoch: number;
  /** COPY commands, one a table. */
  readonly copies: readonly string[];
}

/** A connection that stages one range at a time, each in one transaction. */
export class Worker {
  private constructor(
    private readonly client: Client,
    private readonly from: (text: string) => CopyStreamQuery,
    private readonly staging: Staging,
  ) {}

  /** @throws OverpunchError OVP_IO_PEER, OVP_IO_DATABASE */
  static async open(options: ConnectionOptions, staging: Staging): Promise<Worker> {
    const { from } = await loadPeer('Loading into PostgreSQL', 'pg-copy-streams', '7', () => import('pg-copy-streams'));
    return new Worker(await connect(options), from, staging);
  }

  /** @throws OverpunchError OVP_IO_DATABASE, OVP_IO_BUSY; the transaction is then undone */
  async stage(range: Range): Promise<void> {
    const { client, staging } = this;
    const { load, epoch } = staging;
    try {
      await client.query('BEGIN');
      await client.query('SELECT overpunch.enter($1, $2)', [load, epoch]);
      for (const [n, copy] of staging.copies.entries()) {
        if (range.rows[n]! > 0) await this.copy(copy, range.chunks[n]!);
      }
      await client.query('SELECT overpunch.end_range($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
        load,
        epoch,
        range.first,
        range.last,
        range.firstByte,
        range.endByte,
        range.rows,
        range.rejected,
        range.badValues,
        JSON.stringify(range.rejects),
      ]);
      await client.query('COMMIT');
    } catch (cause) {
      throw databaseError(cause, `records ${range.first} to ${range.last} could not be staged`);
    }
  }

  /** Also in the middle of something, which the server then undoes. */
  async close(): Promise<void> {
    await this.client.end().catch(() => {});
  }

  /** Breaks off. */
  destroy(): void {
    (this.client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }

  private copy(text: string, chunks: readonly Uint8Array[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = this.client.query(this.from(text));
      let isOver = false;
      const ended = (): void => fail(new Error('the connection was closed'));
      const fail = (error: Error): void => {
        isOver = true;
        // pg-copy-streams has let go of its connection, and would write to it what is left
        (stream as unknown as { chunks: unknown[] }).chunks = [];
        this.client.removeListener('end', ended);
        reject(error);
      };
      this.client.once('end', ended);
      stream.on('error', fail);
      stream.on('finish', () => {
        this.client.removeListener('end', ended);
        resolve();
      });
      stream.write(COPY_HEADER);
      void (async () => {
        for (const chunk of chunks) {
          if (isOver) return;
          if (!stream.write(chunk)) await new Promise<void>((next) => stream.once('drain', next));
        }
        if (!isOver) stream.end(COPY_TRAILER);
      })().catch(fail);
    });
  }
}
