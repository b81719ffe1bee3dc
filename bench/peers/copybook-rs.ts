/**
 * copybook-rs: its command, from crates.io, run as a program. Records to JSON lines on one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { NOWHERE, build, measured } from './command.js';
import type { Job, Outcome, Peer } from './peer.js';

const VERSION = '0.6.1';

let program = '';

/** Counts lines and adds up a decimal of two places under its key, a piece of the file at a time. */
export function checkLines(file: string, pattern: RegExp): { records: number; sum: bigint } {
  const input = openSync(file, 'r');
  const piece = Buffer.alloc(1 << 24);
  let [records, sum, rest] = [0, 0n, ''];
  try {
    for (let read: number; (read = readSync(input, piece)) > 0; ) {
      const lines = (rest + piece.toString('latin1', 0, read)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const found = pattern.exec(line);
        if (!found) throw new Error(`${file}: a line without ${pattern.source}: ${line.slice(0, 200)}`);
        records++;
        sum += BigInt(found[1]!.replace('.', ''));
      }
    }
  } finally {
    closeSync(input);
  }
  return { records, sum };
}

export const copybookRs: Peer = {
  name: 'copybook-rs',
  title: 'copybook-rs, `copybook decode --threads 1`: JSON lines',
  install(cache) {
    const root = join(cache, `copybook-rs-${VERSION}`);
    program = join(root, 'bin', 'copybook');
    if (!existsSync(program))
      build('cargo', ['install', 'copybook-cli', '--version', VERSION, '--locked', '--root', root]);
    return `copybook-rs ${VERSION}`;
  },
  refuses({ segments, name }) {
    if (segments)
      return 'it takes descriptors for lengths without their own 4 bytes, and lays segments one behind another';
    return name === 'fixed' ? 'its zoned numbers end at 18 digits' : null;
  },
  run({ workload, copybook, data, folder }: Job): Outcome {
    const output = join(folder, 'copybook-rs.jsonl');
    const args = [
      'decode',
      '--format',
      'fixed',
      '--codepage',
      'cp037',
      '--threads',
      '1',
      '--output',
      '-',
      copybook,
      data,
    ];
    // to its standard output: a file that it opens itself it writes unbuffered, many times slower
    const discarded = measured(program, args, { output: NOWHERE });
    const kept = measured(program, args, { output });
    const found = checkLines(output, new RegExp(`"${workload.checked.path}":"(-?[0-9.]+)"`));
    return {
      figures: [
        { task: 'lines', seconds: discarded.seconds, cpu: discarded.cpu },
        { task: 'lines to a file', seconds: kept.seconds, cpu: kept.cpu },
      ],
      found,
    };
  },
};
