/**
 * The native engine: finds and loads the addon, and speaks for the C core in the library's terms. The addon's surface
 * is declared here once; `native/addon/addon.cc` is the other side.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OverpunchError, didYouMean } from '../errors.js';
import type { FramingCode } from '../framing/framing.js';
import { PLAN_VERSION, W } from '../plan/opcodes.js';
import { type Plan, PlanWord, instruction } from '../plan/plan.js';
import type { Decoder, Engine, Records, TextWriter } from './engine.js';
import { type KeyedAddon, NativeKeyed } from './native-keyed.js';
import { NativeWriter, type WriterAddon } from './native-writer.js';
import type { Program } from './program.js';
import type { Digits } from './digits.js';
import { type MessageProgram, type MessageReader, MessageWord, imagesOf } from './message.js';
import type { Slab, SlabLayout } from './slab.js';
import type { Threads } from './threads.js';
import type { WriteTuples } from './tuple.js';
import { refuse } from './ts/refuse.js';

/** Instruction sets of the core's kernels, best last. */
export const LEVELS = ['portable', 'avx2', 'avx512', 'neon'] as const;
export type Level = (typeof LEVELS)[number];

/** What the addon exports. Every argument is checked there: a wrong one is a TypeError or a RangeError. */
export interface Addon extends WriterAddon, KeyedAddon {
  /** Set by `bindings`: the file. */
  readonly path: string;
  /** PLAN_VERSION of the opcodes that the core was compiled with. */
  readonly planVersion: number;
  /** Copies and checks a plan and a slab's table. @throws CheckError */
  prepare(code: Int32Array, pool: Uint8Array, table: Int32Array, slabLength: number): Decode;
  /**
   * Copies and checks a plan and a message's program. The buffer of `images`, of which there are `capacity` and 16 bytes more,
   * must never be detached. @throws CheckError
   */
  prepareMessage(
    code: Int32Array,
    pool: Uint8Array,
    words: Int32Array,
    images: Uint8Array,
    capacity: number,
  ): ReadMessage;
  readonly digits: Digits;
  /** Threads for `begin`; none is started before there are several calls to make. */
  makeThreads(count: number): Threads;
  /** See WriteTuples. */
  tuples(
    program: Int32Array,
    slab: Uint8Array,
    extra: Uint8Array,
    first: number,
    last: number,
    out: Uint8Array,
    from: number,
    written: Int32Array,
  ): void;
  scan(
    framing: Int32Array,
    data: Uint8Array,
    from: number,
    to: number,
    starts: Uint32Array,
    ends: Uint32Array,
    state: Int32Array,
  ): number;
  /** The instruction set in force. */
  level(): Level;
  /** Asks for an instruction set, for all threads; answers the one in force then, which is one this processor has. */
  setLevel(level: Level): Level;
}

/** What follows of records behind their data, first and count; with a file, they are read from that first. */
type Places =
  | [stride: number]
  | [starts: Uint32Array, ends: Uint32Array]
  | [stride: number, descriptor: number, position: number];

/** Decodes records by stride, or by their starts and ends, into a slab of the length it was prepared for. */
export interface Decode {
  (slab: Uint8Array, data: Uint8Array, first: number, count: number, stride: number): void;
  (slab: Uint8Array, data: Uint8Array, first: number, count: number, starts: Uint32Array, ends: Uint32Array): void;
  /** The same on any of these threads. One call at a time. */
  begin(threads: Threads, slab: Uint8Array, data: Uint8Array, first: number, count: number, ...where: Places): void;
}

/** Reads records into images and answers their text. */
export interface ReadMessage {
  /** One; undefined where it needs a slab. */
  (bytes: Uint8Array): string | undefined;
  /** Several, up to one that needs a slab; how many is the Int32 behind the images. */
  (data: Uint8Array, first: number, count: number, stride: number): string;
  (data: Uint8Array, first: number, count: number, starts: Uint32Array, ends: Uint32Array): string;
}

/** What `prepare` throws where the core's check refuses a plan or a slab's table. */
interface CheckError extends Error {
  readonly code: 'OVP_PLAN_INVALID';
  readonly part: 'plan' | 'slab' | 'program' | 'message';
  readonly at: number;
  readonly word: number;
}

/**
 * Loads the addon. The kernels' instruction set is the processor's best one, or OVERPUNCH_LEVEL.
 * @throws OverpunchError OVP_ENGINE_MISSING where there is no binary; OVP_ENGINE_BROKEN where there is one that cannot be used.
 */
export function loadNativeEngine(): Engine {
  const { addon, file } = loadAddon();
  return new NativeEngine(addon, `native addon ${file}, instruction set ${chooseLevel(addon)}`);
}

class NativeEngine implements Engine {
  readonly name = 'native';
  readonly reason: string;
  readonly keyed: NativeKeyed;
  readonly digits: Digits;
  readonly tuples: WriteTuples;
  readonly #addon: Addon;

  constructor(addon: Addon, reason: string) {
    this.#addon = addon;
    this.keyed = new NativeKeyed(addon);
    this.reason = reason;
    this.digits = addon.digits;
    this.tuples = (program, { slab, extra, first, last }, out, from, written) =>
      addon.tuples(program, slab, extra, first, last, out, from, written);
  }

  prepare(layout: SlabLayout): Decoder {
    const { plan, table, byteLength } = layout;
    try {
      return new NativeDecoder(layout, this.#addon.prepare(plan.code, plan.pool, table, byteLength));
    } catch (error) {
      if (isCheckError(error)) refuseChecked(plan, error);
      throw error;
    }
  }

  writer(layout: SlabLayout, program: Program): TextWriter {
    try {
      return new NativeWriter(this.#addon, layout, program);
    } catch (error) {
      if (isCheckError(error)) refuseChecked(layout.plan, error);
      throw error;
    }
  }

  threads(count: number): Threads {
    return this.#addon.makeThreads(count);
  }

  message(program: MessageProgram, capacity: number): MessageReader {
    const { plan, words } = program;
    const { bytes, image, imageLength } = imagesOf(program, capacity);
    try {
      // The images are known only here and to whoever makes objects of them: nobody can detach their buffer.
      const read = this.#addon.prepareMessage(plan.code, plan.pool, words, bytes, capacity);
      const taken = (capacity * imageLength) >> 2;
      return {
        image,
        imageLength,
        read,
        readMany: ({ data, starts, ends, first, count, stride }) => {
          const text = starts ? read(data, first, count, starts, ends!) : read(data, first, count, stride);
          return { count: image.words[taken]!, text };
        },
      };
    } catch (error) {
      if (isCheckError(error)) refuseChecked(plan, error);
      throw error;
    }
  }

  scan(
    framing: FramingCode,
    data: Uint8Array,
    from: number,
    to: number,
    starts: Uint32Array,
    ends: Uint32Array,
    state: Int32Array,
  ): number {
    return this.#addon.scan(framing, data, from, to, starts, ends, state);
  }
}

class NativeDecoder implements Decoder {
  readonly layout: SlabLayout;
  readonly #decode: Decode;

  constructor(layout: SlabLayout, decode: Decode) {
    this.layout = layout;
    this.#decode = decode;
  }

  decode(slab: Slab, records: Records): void {
    this.check(slab, records);
    const { data, starts, ends, first, count, stride } = records;
    if (starts && ends) this.#decode(slab.bytes, data, first, count, starts, ends);
    else this.#decode(slab.bytes, data, first, count, stride);
  }

  begin(threads: Threads, slab: Slab, records: Records): void {
    this.check(slab, records);
    const { data, starts, ends, first, count, stride, unread } = records;
    const { bytes } = slab;
    if (starts && ends) this.#decode.begin(threads, bytes, data, first, count, starts, ends);
    else if (!unread) this.#decode.begin(threads, bytes, data, first, count, stride);
    else this.#decode.begin(threads, bytes, data, first, count, stride, unread.descriptor, unread.base + first);
  }

  private check({ layout }: Slab, { starts, ends }: Records): void {
    if (layout !== this.layout)
      throw new RangeError('The slab was not made with the layout that this decoder was prepared for.');
    if (!starts !== !ends) throw new RangeError('Records need both starts and ends, or neither.');
  }
}

function loadAddon(): { addon: Addon; file: string } {
  const root = packageRoot();
  const tag = platformTag();
  if (!root)
    throw missing(tag, 'the library was bundled away from its package; keep overpunch external to the bundle.');
  const require = createRequire(import.meta.url);
  let addon: Addon;
  try {
    const bindings = require('bindings') as (options: object) => Addon;
    addon = bindings({
      bindings: 'overpunch',
      module_root: root,
      try: [
        ['module_root', 'build', 'Release', 'bindings'],
        ['module_root', 'prebuilds', tag, 'bindings'],
      ],
    });
  } catch (cause) {
    if (isNotLocated(cause)) {
      throw missing(
        tag,
        "build it with `npm rebuild overpunch` (C and C++ compiler, node-addon-api), or use engine: 'ts'.",
      );
    }
    throw broken(`cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  const file = relative(root, addon.path);
  if (addon.planVersion !== PLAN_VERSION) {
    throw broken(`${file} runs plans of version ${addon.planVersion}, this library makes version ${PLAN_VERSION}`);
  }
  return { addon, file };
}

/** The folder of this package's package.json: above dist/engine/, src/engine/ or dist-dev/src/engine/. */
export function packageRoot(): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string };
      return name === 'overpunch' ? folder : undefined;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** The folder under prebuilds/ for this platform. Same rule as in scripts/addon.mjs. */
export function platformTag(): string {
  const platform = process.platform === 'linux' && existsSync('/etc/alpine-release') ? 'linuxmusl' : process.platform;
  return `${platform}-${process.arch}`;
}

/** `bindings` lists its tries where no file was there; anything else is a file that would not load. */
function isNotLocated(cause: unknown): boolean {
  const tries = (cause as { tries?: unknown } | null)?.tries;
  return Array.isArray(tries) && tries.every((file) => !existsSync(String(file)));
}

function missing(tag: string, hint: string): OverpunchError {
  return new OverpunchError('OVP_ENGINE_MISSING', `there is no native addon for ${tag}`, { hint });
}

function broken(what: string, cause?: unknown): OverpunchError {
  return new OverpunchError('OVP_ENGINE_BROKEN', `the native addon ${what}`, {
    cause,
    hint: "rebuild it with `npm rebuild overpunch`, or use engine: 'ts' (OVERPUNCH_ENGINE=ts) until then.",
  });
}

/** OVERPUNCH_LEVEL is for tests and for finding a slow or wrong kernel; the level is the whole process's. */
function chooseLevel(addon: Addon): string {
  const wanted = process.env.OVERPUNCH_LEVEL;
  if (!wanted) return addon.level();
  if (!isLevel(wanted)) {
    const [near] = didYouMean(wanted, LEVELS);
    throw new OverpunchError('OVP_OPTION_LEVEL', `OVERPUNCH_LEVEL is '${wanted}'`, {
      hint: near ? `did you mean ${near}?` : `it can be ${LEVELS.join(', ')}.`,
    });
  }
  const level = addon.level() === wanted ? wanted : addon.setLevel(wanted);
  return level === wanted ? level : `${level} (this processor has no ${wanted})`;
}

function isLevel(text: string): text is Level {
  return (LEVELS as readonly string[]).includes(text);
}

function isCheckError(error: unknown): error is CheckError {
  return error instanceof Error && (error as Partial<CheckError>).code === 'OVP_PLAN_INVALID';
}

/** @throws OverpunchError in the same words as the TypeScript engine's checks. */
function refuseChecked(plan: Plan, { part, at, word }: CheckError): never {
  if (part === 'slab') {
    throw new OverpunchError('OVP_PLAN_INVALID', `This slab's layout does not fit its plan: word ${at}`, {
      hint: 'Make the layout with layoutSlab from the same plan.',
    });
  }
  if (part === 'program') {
    throw new OverpunchError(
      'OVP_PLAN_INVALID',
      `This writer program does not fit its plan: instruction ${at}, word ${word}`,
      {
        hint: 'Make the program from the schema of the same plan.',
      },
    );
  }
  if (part === 'message') {
    const name = Object.entries(MessageWord).find(([, index]) => index === word)?.[0] ?? 'its size';
    throw new OverpunchError('OVP_PLAN_INVALID', `The program of a message is wrong: field ${at}, ${name}`);
  }
  const isHeader = at < 0;
  const name = Object.entries(isHeader ? PlanWord : W).find(([, index]) => index === word)?.[0];
  refuse(isHeader ? null : instruction(plan, at), name ?? String(word), 'out of order');
}
