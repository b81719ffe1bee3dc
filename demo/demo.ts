/**
 * The demo: makes a file as a mainframe would unload it, looks at it, decodes it, holds the two engines against each other
 * over it, and asks it questions in SQL.
 *   npm run demo -- [--size MB] [--keep]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Copybook, duckdbExtension, loadEngine, open } from '../src/index.js';
import { type Comparison, compareBatches } from './compare.js';
import { loadNativeFill } from './native-sample.js';
import { RECORD, SampleWord, fillSample, sampleState } from '../src/server/catalog/sample.js';

/** The package's folder, above dist-dev/demo/. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const COPYBOOK = 'demo/accounts.cpy';
const FOLDER = 'demo-data';
const DATA = `${FOLDER}/accounts.vb`;
const JSON_LINES = `${FOLDER}/accounts.jsonl`;
const PARQUET = `${FOLDER}/accounts.parquet`;
/** Bytes made at a time. */
const PIECE = 8 << 20;
/** Times that each engine goes through the sample. */
const PASSES = 5;

const { values: flags } = parseArgs({
  options: { size: { type: 'string' }, keep: { type: 'boolean', default: false } },
});
const engine = loadEngine();
const isNative = engine.name === 'native';
const megabytes = Number(flags.size ?? (isNative ? 200 : 40));
if (!(megabytes >= 1 && megabytes <= 4000)) {
  console.error('--size takes the size of the sample in MB, 1 to 4000');
  process.exit(1);
}

async function main(): Promise<void> {
  say('Overpunch reads mainframe data. This demo makes some, and reads it.');
  if (!isNative)
    say(`There is only the TypeScript engine here (${engine.reason}): all runs on it, over a smaller sample.`);

  step(`A bank's accounts as a mainframe unloads them: EBCDIC, packed decimals, variable records in blocks (RECFM=VB)`);
  const accounts = writeSample();
  const size = statSync(DATA).size;
  say(`${DATA}: ${number(accounts)} accounts, ${number(Math.round(size / 1e6))} MB. Its copybook is ${COPYBOOK}.`);

  step('What the copybook says is where');
  overpunch('inspect', COPYBOOK);

  const how = ['--recfm', 'VB', ...Object.entries(RECORD).flatMap(([name, when]) => ['--record', `${name}=${when}`])];
  step('The first records');
  overpunch('head', DATA, '-c', COPYBOOK, ...how, '-n', '3');

  step('All of them as JSON lines');
  const started = performance.now();
  overpunch('decode', DATA, '-c', COPYBOOK, ...how, '-o', JSON_LINES);
  const seconds = (performance.now() - started) / 1000;
  say(`${JSON_LINES}: ${number(Math.round(statSync(JSON_LINES).size / 1e6))} MB in ${seconds.toFixed(1)} s.`);

  step(
    `The whole file to columns in memory, ${isNative ? 'by each engine' : 'by the TypeScript engine'}, best of ${PASSES} passes`,
  );
  const fast = isNative ? columns('native', size) : 0;
  const slow = columns('ts', size);
  if (isNative) {
    say(`native is ${(slow / fast).toFixed(1)} times as fast, reading the file included.`);
    step('Every value that the two engines make, compared');
    await compareEngines();
  } else {
    say('With the native addon (npm run build:native) the demo measures and compares both engines.');
  }

  questions(how);

  step('How to go on');
  say('  npm run bench                        the engines measured one by one, and end to end');
  say('  node bin/overpunch.js --help         what the command can do');
  say(`  node bin/overpunch.js head DATA -c COPYBOOK --hex --recfm FB     your own data, beside its bytes`);
  if (flags.keep) say(`  The sample stays in ${FOLDER}/.`);
  else say(`  npm run demo -- --keep               leaves the sample in ${FOLDER}/ to play with; now it is removed`);
}

/** SQL over the file where it lies, and the file as Parquet; needs the DuckDB extension. */
function questions(how: readonly string[]): void {
  step('SQL over the raw file: nothing is converted first');
  try {
    duckdbExtension();
  } catch (error) {
    say((error as Error).message);
    return;
  }
  const query = `SELECT currency_code, count(*) AS accounts, sum(balance) AS balance, sum(len(transactions)) AS bookings
FROM accounts GROUP BY ALL ORDER BY accounts DESC`;
  timed(() => overpunch('sql', query, DATA, '-c', COPYBOOK, ...how, '--to', 'table'));
  step('The same file as Parquet, records in their order');
  timed(() => overpunch('decode', DATA, '-c', COPYBOOK, ...how, '-o', PARQUET));
  say(`${PARQUET}: ${number(Math.round(statSync(PARQUET).size / 1e6))} MB.`);
}

function timed(action: () => void): void {
  const started = performance.now();
  action();
  say(`${((performance.now() - started) / 1000).toFixed(1)} s.`);
}

/** Writes the sample file; answers how many accounts are in it. */
function writeSample(): number {
  mkdirSync(FOLDER, { recursive: true });
  const fill = isNative ? loadNativeFill(root) : fillSample;
  const buffer = new Uint8Array(PIECE);
  const state = sampleState();
  const file = openSync(DATA, 'w');
  for (let left = megabytes * 1e6; left > 0; ) {
    const bytes = fill(left < PIECE ? buffer.subarray(0, Math.max(left, 1 << 15)) : buffer, state);
    for (let at = 0; at < bytes; ) at += writeSync(file, buffer, at, bytes - at);
    left -= bytes;
  }
  closeSync(file);
  return state[SampleWord.ACCOUNTS]!;
}

/** The best of an engine's passes over the sample, in seconds. */
function columns(choice: 'native' | 'ts', size: number): number {
  const script = fileURLToPath(new URL('columns.js', import.meta.url));
  const run = spawnSync(process.execPath, [script, choice, DATA, COPYBOOK, String(PASSES)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`${script} ended with ${run.status ?? run.signal}`);
  const seconds = Math.min(...(JSON.parse(run.stdout) as number[]));
  const speed = number(Math.round(size / 1e6 / seconds));
  say(
    `${(choice === 'native' ? 'native' : 'TypeScript').padEnd(12)}${seconds.toFixed(2).padStart(6)} s${speed.padStart(8)} MB/s`,
  );
  return seconds;
}

/** Reads the sample with both engines, batch by batch, and compares all that they wrote. */
async function compareEngines(): Promise<void> {
  const copybook = await Copybook.load(COPYBOOK);
  const read = (choice: 'native' | 'ts') =>
    open(DATA, { copybook, engine: choice, recfm: 'VB', record: RECORD }).batches();
  const [native, ts] = [read('native'), read('ts')];
  const result: Comparison = { values: 0, different: 0, first: null };
  let records = 0;
  for (;;) {
    const [left, right] = [await native.next(), await ts.next()];
    if (left.done && right.done) break;
    if (left.done || right.done) throw new Error('one engine found fewer records than the other');
    compareBatches(left.value, right.value, result);
    records += left.value.length;
  }
  const { values, different, first } = result;
  if (different > 0) throw new Error(`${number(different)} of ${number(values)} values differ, first ${first}`);
  say(`${number(values)} values of ${number(records)} records compared: all agree.`);
}

/** Shows a command as one would type it, then runs it. */
function overpunch(...args: string[]): void {
  say(`$ node bin/overpunch.js ${args.map(quote).join(' ')}`);
  const run = spawnSync(process.execPath, ['bin/overpunch.js', ...args], { stdio: 'inherit' });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`that ended with ${run.status ?? run.signal}`);
}

function quote(word: string): string {
  return /^[\w./=-]+$/.test(word) ? word : `"${word.replace(/["\\$`]/g, '\\$&')}"`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function step(title: string): void {
  say(`\n== ${title}`);
}

function say(text: string): void {
  console.log(text);
}

process.chdir(root);
try {
  await main();
} finally {
  if (!flags.keep) rmSync(FOLDER, { recursive: true, force: true });
}
