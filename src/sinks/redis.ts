/**
 * Records into Redis, through the package ioredis: each a hash, or a string that holds its JSON line, under a key made of
 * its fields.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { ChainableCommander, Command, Pipeline, Redis, RedisOptions } from 'ioredis';
import type { Encoder } from '../connectors/connector.js';
import { jsonLines } from '../connectors/json.js';
import type { Decoded, Sink, SinkTarget } from '../connectors/sink.js';
import { OverpunchError } from '../errors.js';
import type { Row } from '../batch/rows.js';
import type { ValueOptions } from '../options.js';
import { loadPeer } from '../peer.js';
import { Address } from './address.js';
import { Flights, runsOf } from './flights.js';
import { Commands } from './hashes.js';
import { RecordKeys, recordNumber } from './keys.js';

export interface RedisSinkOptions {
  /** Fields that the key is made of, named as in `select`. Of several records with one key the last wins. */
  readonly key: readonly string[];
  /** What keys begin with: `acct:`. Default none. */
  readonly prefix?: string;
  /** `hash` (default): a field for each value, named by its path. `json`: a string, byte for byte the JSON line. */
  readonly as?: 'hash' | 'json';
  /** Seconds after which Redis forgets a record; default never. */
  readonly ttl?: number;
  /** Records in one write at most. Default 500. */
  readonly batchSize?: number;
  /** Default: the URL's, or the environment variable REDISCLI_AUTH where the URL has none. */
  readonly password?: string;
  /** For the client (`tls` and so on), beside what the URL says. */
  readonly client?: RedisOptions;
  /** Closes the connection at once, in the middle of a write too. */
  readonly signal?: AbortSignal;
}

export interface RedisResult {
  readonly records: number;
}

/** Milliseconds until a server must have answered a connection. */
const PATIENCE = 10_000;
/** Writes under way: one is executed while the next arrives. They are executed in order. */
const AHEAD = 2;
const NEWLINE = 10;

/**
 * A sink of hashes or JSON texts. A write is a transaction: who reads sees a record as it was or as it is. For one server (no
 * cluster). A load that failed can be started again: the same keys get the same values.
 * @param url `redis://` or `rediss://` (TLS), with the number of the database as its path
 * @throws OverpunchError OVP_OPTION_* here; OVP_IO_CONNECT, OVP_IO_SINK, OVP_DATA_KEY while it is written to
 */
export function redis(url: string, options: RedisSinkOptions): Sink<RedisResult> {
  return new RedisSink(url, options);
}

class RedisSink implements Sink<RedisResult> {
  readonly text = 'latin1';
  private readonly url: string;
  private readonly options: RedisSinkOptions;
  private readonly password: string | undefined;
  private readonly address: Address;
  private readonly flights = new Flights(AHEAD);
  private readonly closeNow = (): void => this.client?.disconnect();
  private client: Redis | null = null;
  private keys: RecordKeys | null = null;
  private values: ValueOptions = {};
  private hash: Commands | null = null;
  private command: typeof Command | null = null;
  private json: Encoder | null = null;
  /** What broke the connection: commands only say that it is closed. */
  private broken: Error | null = null;
  private records = 0;

  constructor(url: string, options: RedisSinkOptions) {
    this.url = url;
    this.options = options;
    this.password = options.password ?? (new Address(url).password === null ? process.env.REDISCLI_AUTH : undefined);
    this.address = new Address(url, [this.password]);
    const { as = 'hash', ttl = 1, batchSize = 500 } = options;
    if (!/^rediss?:\/\//i.test(url) || !URL.canParse(url))
      throw new OverpunchError('OVP_OPTION_URL', `${this.address.shown}: no URL of Redis`, {
        hint: 'redis://host:6379/0, or rediss:// for TLS.',
      });
    if (as !== 'hash' && as !== 'json')
      throw new OverpunchError('OVP_OPTION_VALUE', `Redis: as is hash or json, not '${as as string}'`);
    for (const [name, value] of Object.entries({ ttl, batchSize })) {
      if (!Number.isInteger(value) || value < 1)
        throw new OverpunchError('OVP_OPTION_VALUE', `Redis: ${name} must be a whole number from 1 on`);
    }
  }

  async open({ schema, options }: SinkTarget): Promise<void> {
    const { as = 'hash', key, signal, client } = this.options;
    signal?.throwIfAborted();
    this.values = options;
    this.keys = new RecordKeys(schema, key);
    if (as === 'hash') this.hash = new Commands(schema, options.names ?? 'camel');
    else this.json = jsonLines(schema, options);
    const { Command, Redis } = await loadPeer('Redis output', 'ioredis', '6', () => import('ioredis'));
    this.command = Command;
    signal?.addEventListener('abort', this.closeNow, { once: true });
    try {
      this.client = new Redis(this.url, {
        lazyConnect: true,
        connectTimeout: PATIENCE,
        connectionName: 'overpunch',
        enableReadyCheck: true,
        // a broken connection ends the load: what was sent may have arrived or not, and the load can be started again
        retryStrategy: null,
        maxRetriesPerRequest: 0,
        autoResendUnfulfilledCommands: false,
        ...(this.password === undefined ? {} : { password: this.password }),
        ...client,
        replyMapping: 'legacy',
      });
      this.client.on('error', (error: Error) => (this.broken ??= error));
      await this.client.connect();
      // a wrong password is otherwise only told to the first command
      await this.client.ping();
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      throw this.address.error('OVP_IO_CONNECT', 'No connection to Redis at', this.broken ?? cause);
    }
  }

  async write(rows: Decoded): Promise<void> {
    const { batch } = rows;
    const lines = this.json && linesOf(this.json, rows);
    for (const { from, to } of runsOf(rows, this.options.batchSize ?? 500)) {
      const prefix = this.options.prefix ?? '';
      const keys = this.keys!.of(batch, from, to).map((key) => prefix + key);
      // of a key only the last record of a write is written: no field of those before it may be left in its hash
      const last = new Map(keys.map((key, k) => [key, k]));
      const first = recordNumber(batch, from);
      let commands: ChainableCommander;
      if (lines) commands = this.texts(last, lines, from);
      else commands = this.hashes(last, batch.toObjects(this.values, from, to));
      await this.flights.begin(() => this.execute(commands, first, to - from));
    }
  }

  async close(): Promise<RedisResult> {
    await this.flights.land();
    await this.client!.quit();
    this.release();
    return { records: this.records };
  }

  async abort(): Promise<void> {
    this.release();
  }

  private release(): void {
    this.options.signal?.removeEventListener('abort', this.closeNow);
    this.keys?.release();
    this.client?.disconnect();
  }

  private hashes(last: ReadonlyMap<string, number>, rows: readonly Row[]): ChainableCommander {
    const { ttl } = this.options;
    const keys = [...last.keys()];
    const commands = this.client!.multi();
    commands.unlink(...keys);
    const own = this.hash!.hashes(
      keys,
      [...last.values()].map((k) => rows[k]!),
    );
    keys.forEach((key, k) => {
      const command = Object.assign(new this.command!('hset', [key]), { toWritable: () => own[k]! });
      (commands as unknown as Pipeline).sendCommand(command);
      if (ttl !== undefined) commands.expire(key, ttl);
    });
    return commands;
  }

  private texts(last: ReadonlyMap<string, number>, lines: readonly Buffer[], from: number): ChainableCommander {
    const { ttl } = this.options;
    if (ttl === undefined) {
      const args: (string | Buffer)[] = [];
      for (const [key, k] of last) args.push(key, lines[from + k]!);
      return this.client!.pipeline().mset(...args);
    }
    const commands = this.client!.multi();
    for (const [key, k] of last) commands.set(key, lines[from + k]!, 'EX', ttl);
    return commands;
  }

  private async execute(commands: ChainableCommander, first: number, count: number): Promise<void> {
    const { signal } = this.options;
    try {
      for (const [error] of (await commands.exec()) ?? []) if (error) throw error;
      this.records += count;
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      const what = `Records ${first} and on were not written to`;
      throw this.address.error(
        'OVP_IO_SINK',
        what,
        this.broken ?? cause,
        'What was written before stays; the same file can be loaded again.',
      );
    }
  }
}

/** The JSON line of each row, without its end. */
function linesOf(json: Encoder, { batch }: Decoded): Buffer[] {
  const lines: Buffer[] = [];
  json.encode(batch, (bytes) => {
    const chunk = Buffer.from(bytes); // a copy: the encoder writes over it
    for (let at = 0; at < chunk.length; ) {
      const end = chunk.indexOf(NEWLINE, at);
      lines.push(chunk.subarray(at, end));
      at = end + 1;
    }
  });
  return lines;
}
