/**
 * GnuCOBOL: compiled programs that make text lines of a file, and sort it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codePage } from '../../src/codepage/codepage.js';
import { ACCOUNTS } from '../workloads/accounts.js';
import { build, measured } from './command.js';
import { linesProgram, sortProgram } from './gnucobol-source.js';
import { type Outcome, type Peer, SORT_KEY } from './peer.js';

/** Signs of zoned numbers are EBCDIC's when their bytes are translated. */
const OPTIONS = ['-x', '-free', '-O2', '-std=ibm', '-fsign=EBCDIC'];

let folder = '';

function compile(name: string, source: string): void {
  writeFileSync(join(folder, `${name}.cob`), source);
  build('cobc', [...OPTIONS, '-o', join(folder, name), join(folder, `${name}.cob`)], { cwd: folder });
}

export const gnucobol: Peer = {
  name: 'gnucobol',
  title: 'GnuCOBOL, `cobc -O2`: lines of text (INSPECT CONVERTING, then MOVE to edited pictures), and SORT',
  install(cache) {
    const version = build('cobc', ['--version']).split('\n', 1)[0]!;
    folder = join(cache, 'gnucobol');
    mkdirSync(folder, { recursive: true });
    compile('lines', linesProgram(ACCOUNTS, 'TURNOVER', codePage('037').toUnicode));
    compile('sort', sortProgram(ACCOUNTS, SORT_KEY));
    return version;
  },
  refuses({ name, segments }) {
    if (segments) return 'its variable records have descriptors of another kind';
    return name === 'accounts' ? null : 'there is a program for `accounts` only';
  },
  run({ data, folder: outputs }): Outcome {
    const output = join(outputs, 'gnucobol.out');
    const run = (name: string, to: string) =>
      measured(join(folder, name), [], { env: { DD_DATAFILE: data, DD_LINEFILE: to, TMPDIR: outputs } });
    const { seconds, cpu, stdout } = run('lines', output);
    const sorted = run('sort', output);
    const [records = '', total = ''] = stdout.trim().split(/\s+/);
    return {
      figures: [
        { task: 'lines to a file', seconds, cpu },
        { task: 'sort', seconds: sorted.seconds, cpu: sorted.cpu },
      ],
      found: { records: Number(records), sum: BigInt(total.replace('.', '')) },
    };
  },
};
