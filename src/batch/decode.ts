/**
 * Runs an engine over many records: sizes slabs, grows them where tables turn out longer than guessed, and yields
 * batches. With `own` each batch has a slab of its own; otherwise one slab is used again and again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Decoder, Engine, Records } from '../engine/engine.js';
import { FULL, Head, MAX_SLAB, type Slab, type SlabLayout, allocateSlab, layoutSlab } from '../engine/slab.js';
import type { Threads } from '../engine/threads.js';
import { OverpunchError } from '../errors.js';
import { BLOCK, Op } from '../plan/opcodes.js';
import { type Plan, PlanWord, instructions } from '../plan/plan.js';
import { Batch } from './batch.js';

/** Records to decode, and what their numbers in the source are. */
export interface Part {
  readonly records: Records;
  readonly firstRecord: number;
  /** One number a record, where they are not consecutive. */
  readonly recordNumbers: Float64Array | null;
}

export interface DecodedBatch {
  readonly batch: Batch;
  /** The batch's own records. */
  readonly records: Records;
}

export interface DecodeSizes {
  readonly own: boolean;
  /** Records in a batch at most; default by `typicalLength`. */
  readonly batchRecords?: number | undefined;
  /** Bytes of a record, as far as known before reading. */
  readonly typicalLength: number;
}

/** Bytes of input that one batch holds, about, and the most records. */
const BATCH_BYTES = 1 << 20;
const BATCH_RECORDS = 1 << 14;
/** Items of a counted table that a record is first expected to have. */
const TYPICAL_ITEMS = 4;

interface Table {
  readonly frame: number;
  readonly space: number;
  readonly parent: number;
  readonly max: number;
  readonly counted: boolean;
}

/** A call of the engine: records of the part from `done` on, and where they go. */
interface Call {
  readonly part: Part;
  readonly done: number;
  readonly slab: Slab;
  readonly records: Records;
}

export class DecodeLoop {
  private readonly engine: Engine;
  private readonly plan: Plan;
  private readonly own: boolean;
  private readonly tables: readonly Table[];
  /** Slots of each counted table's space that are known to be needed, by space. */
  private readonly wanted = new Map<number, number>();
  private recordCapacity: number;
  /** Records given to the engine at once; fewer than a block only where a block's tables are too large. */
  private perCall: number;
  private decoder: Decoder;
  private slab: Slab | null = null;
  private begun: Call | null = null;

  constructor(engine: Engine, plan: Plan, sizes: DecodeSizes) {
    this.engine = engine;
    this.plan = plan;
    this.own = sizes.own;
    this.tables = tablesOf(plan);
    this.recordCapacity = sizes.batchRecords ?? batchSize(sizes.typicalLength);
    this.perCall = this.recordCapacity;
    this.decoder = this.prepare();
  }

  /** The layout of the slabs to come. */
  get layout(): SlabLayout {
    return this.decoder.layout;
  }

  /** Most records that one call of the engine takes. */
  get size(): number {
    return this.perCall;
  }

  /** @param from records of the part that are done already */
  *batches(part: Part, from = 0): Generator<DecodedBatch> {
    for (let done = from; done < part.records.count; ) {
      const call = this.call(part, done);
      this.decoder.decode(call.slab, call.records);
      const decoded = this.end(call);
      if (!decoded) continue;
      yield decoded;
      done += decoded.records.count;
    }
  }

  /** Has these threads decode the part's first batch; nothing else may be asked of this until `ended`. */
  begin(threads: Threads, part: Part): void {
    this.begun = this.call(part, 0);
    this.decoder.begin!(threads, this.begun.slab, this.begun.records);
  }

  /** The batch that was begun, when that call has ended. Where there was no room for it, it is decoded now. */
  ended(): DecodedBatch {
    const call = this.begun!;
    this.begun = null;
    return this.end(call) ?? this.batches(call.part).next().value;
  }

  private call(part: Part, done: number): Call {
    const records = slice(part.records, done, Math.min(this.perCall, part.records.count - done));
    const slab = this.own || !this.slab ? allocateSlab(this.decoder.layout) : this.slab;
    this.slab = this.own ? null : slab;
    return { part, done, slab, records };
  }

  /** Null where not a single block was taken; there is room for it then. */
  private end({ part, done, slab, records }: Call): DecodedBatch | null {
    const taken = slab.head[Head.RECORDS]!;
    if (taken === 0) {
      this.makeRoom(slab, records.count, part.firstRecord + done);
      return null;
    }
    const numbers = part.recordNumbers?.subarray(done, done + taken) ?? null;
    return {
      batch: new Batch(this.plan, slab, part.firstRecord + done, numbers, this.engine.digits),
      records: slice(records, 0, taken),
    };
  }

  /** After a call that could not take a single block. */
  private makeRoom(slab: Slab, count: number, record: number): void {
    const status = slab.head[Head.STATUS];
    if (status !== FULL)
      throw new OverpunchError('OVP_ENGINE_STATUS', `The engine stopped with status ${status} (record ${record})`);
    const table = this.tables.find(({ frame }) => frame === slab.head[Head.FULL_FRAME])!;
    const before = this.wanted.get(table.space);
    this.wanted.set(table.space, Math.max(slab.head[Head.FULL_SLOTS]!, 2 * slab.layout.capacities[table.space]!));
    if (this.nextLayout().byteLength <= MAX_SLAB) {
      this.decoder = this.prepare();
    } else if (count > 1) {
      if (before === undefined) this.wanted.delete(table.space);
      else this.wanted.set(table.space, before);
      this.perCall = Math.min(BLOCK, count) >> 1;
    } else {
      throw new OverpunchError(
        'OVP_DATA_TABLE',
        `Record ${record} would have ${slab.head[Head.FULL_SLOTS]} items in one table, more than memory is given for`,
        { hint: 'Probably a counter of DEPENDING ON is not what the copybook says; select can leave the table out.' },
      );
    }
    this.slab = null;
  }

  private prepare(): Decoder {
    let layout = this.nextLayout();
    while (layout.byteLength > MAX_SLAB && this.recordCapacity > 1) {
      this.recordCapacity >>= 1;
      this.perCall = Math.min(this.perCall, this.recordCapacity);
      layout = this.nextLayout();
    }
    if (layout.byteLength > MAX_SLAB) {
      throw new OverpunchError(
        'OVP_PLAN_TOO_LARGE',
        'One record of this copybook needs more memory than is given for a batch',
        {
          hint: 'Name the items to decode with select.',
        },
      );
    }
    return this.engine.prepare(layout);
  }

  private nextLayout(): SlabLayout {
    return layoutSlab(this.plan, this.capacities());
  }

  private capacities(): number[] {
    const slots = [this.recordCapacity];
    for (const { space, parent, max, counted } of this.tables) {
      const most = slots[parent]! * max;
      const guess = Math.max(TYPICAL_ITEMS * slots[parent]!, this.wanted.get(space) ?? 0);
      slots[space] = counted ? Math.min(most, guess) : most;
    }
    return slots;
  }
}

function batchSize(typicalLength: number): number {
  const fit = Math.floor(BATCH_BYTES / typicalLength);
  if (fit >= BLOCK) return Math.min(BATCH_RECORDS, fit);
  return Math.max(1, Math.min(BLOCK, Math.floor((16 * BATCH_BYTES) / typicalLength)));
}

function tablesOf(plan: Plan): Table[] {
  const spaceOf: number[] = [];
  const parentOf: number[] = [];
  const tables: Table[] = [];
  for (const step of instructions(plan)) {
    if (step.op === Op.ROOT) spaceOf[step.target] = step.type;
    if (step.op === Op.TABLE) {
      parentOf[step.target] = step.frame;
      spaceOf[step.target] = step.type;
      if (step.type >= 0) {
        const parent = spaceOf[step.frame]!;
        tables.push({ frame: step.target, space: step.type, parent, max: step.digits, counted: step.counter >= 0 });
      }
    }
    if (step.op === Op.AFTER) {
      spaceOf[step.target] = spaceOf[parentOf[step.frame]!]!;
    }
    if (step.op === Op.SELECT) spaceOf[step.target] = spaceOf[step.frame]!;
  }
  return tables;
}

/** Records `from` to `from + count` of these. */
export function slice(records: Records, from: number, count: number): Records {
  const { data, starts, ends, first, stride, unread } = records;
  const some = { data, starts, ends, first: starts ? first + from : first + from * stride, count, stride };
  return unread ? { ...some, unread } : some;
}

/** Bytes of a record of this plan, as a guess: tables are seldom at their maximum. */
export function typicalLength(plan: Plan, minLength: number): number {
  return Math.max(1, minLength, plan.code[PlanWord.LENGTH]! >> 4);
}
