/**
 * The oracle's layouts, with the records that the COBOL compiler made, as files that can be read: for tests of where values go.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Copybook, type OpenOptions, OverpunchError } from '../../src/index.js';
import { compile } from '../../src/plan/compile.js';
import { askJudge } from './judge.js';

export interface OracleFile {
  readonly name: string;
  readonly text: string;
  /** Records with an RDW each. */
  readonly data: Uint8Array;
  readonly options: OpenOptions & { readonly copybook: Copybook };
}

/** The layouts beside the oracle and `count` of its generator, without those that have a usage or code page not supported. */
export async function* oracleFiles(count: number): AsyncGenerator<OracleFile> {
  for await (const verdict of askJudge({ seed: 1, count, fixed: true })) {
    if ('error' in verdict) throw new Error(verdict.error);
    const { name, text, format, encoding } = verdict;
    const isNative = verdict.dialect === 'native';
    const framed = verdict.records.flatMap(({ hex }) => {
      const record = Buffer.from(hex, 'hex');
      return [Uint8Array.of((record.length + 4) >> 8, record.length + 4, 0, 0), record];
    });
    const copybook = Copybook.parse(text, { dialect: isNative ? 'gnucobol' : 'ibm', format });
    const options: OracleFile['options'] = {
      copybook,
      recfm: 'V',
      encoding,
      floats: isNative ? 'ieee-little' : 'ibm',
      asciiSigns: verdict.signs === 'ascii' ? 'p-y' : 'overpunch',
      trim: 'none',
      onBadData: 'null',
    };
    if (canRead(options)) yield { name, text, data: Buffer.concat(framed), options };
  }
}

function canRead(options: OracleFile['options']): boolean {
  try {
    compile(options.copybook.layout, options);
    return true;
  } catch (error) {
    if (error instanceof OverpunchError && /^OVP_(PLAN_UNSUPPORTED|OPTION_CODE_PAGE)$/.test(error.code)) return false;
    throw error;
  }
}
