/**
 * What becomes of bad values: JSON lines in a file, and a summary on standard error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { OverpunchError } from '../errors.js';
import type { Fault } from '../options.js';
import { whyNot } from '../datasets/file.js';
import { count, counted } from './style.js';

/** Characters kept before they are written. */
const GATHER = 1 << 17;
/** Fields and faults that a summary names. */
const FIELDS = 10;
const FAULTS = 3;
/** Faults that are kept for the summary where they are not written to a file. */
export const KEPT_FAULTS = 10_000;

/** Writes faults to a file, and counts them by field. The file is made (and emptied) with the first, or at the end. */
export class FaultFile {
  readonly byField = new Map<string, number>();
  private fd: number | null = null;
  private text = '';

  constructor(private readonly path: string) {}

  readonly add = (fault: Fault): void => {
    tally(this.byField, fault);
    const { record, offset, field, reason, hex } = fault;
    this.text += `${JSON.stringify({ record, offset, field, reason, hex })}\n`;
    if (this.text.length >= GATHER) this.flush();
  };

  end(): void {
    this.flush();
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }

  /** At once, not later: so no more than one batch's faults are ever kept. */
  private flush(): void {
    try {
      const fd = (this.fd ??= openSync(this.path, 'w'));
      let left = Buffer.from(this.text);
      this.text = '';
      while (left.length > 0) left = left.subarray(writeSync(fd, left));
    } catch (cause) {
      throw new OverpunchError('OVP_IO_ERRORS', `${this.path} could not be written: ${whyNot(cause)}`, { cause });
    }
  }
}

function tally(byField: Map<string, number>, { field }: Fault): void {
  const name = field.replace(/\(\d+\)/g, '');
  byField.set(name, (byField.get(name) ?? 0) + 1);
}

export interface BadData {
  readonly badValues: number;
  /** The first of them. */
  readonly faults: readonly Fault[];
  /** All of them, where they were written to a file. */
  readonly file: FaultFile | null;
  readonly errors: string | undefined;
}

/** How many values were bad, in which fields, and the first few of them. */
export function badDataLines({ badValues, faults, file, errors }: BadData): string[] {
  const byField = file?.byField ?? new Map<string, number>();
  if (!file) for (const fault of faults) tally(byField, fault);
  const seen = [...byField.values()].reduce((sum, n) => sum + n, 0);
  const where = seen < badValues ? ` (fields are those of the first ${count(seen)})` : '';
  const lines = [`${counted(badValues, 'bad value')}, null in the output${where}:`];
  const fields = [...byField].sort(([, a], [, b]) => b - a);
  const width = Math.max(...fields.slice(0, FIELDS).map(([, n]) => count(n).length), 3);
  for (const [field, n] of fields.slice(0, FIELDS)) lines.push(`  ${count(n).padStart(width)}  ${field}`);
  if (fields.length > FIELDS) lines.push(`  and ${counted(fields.length - FIELDS, 'more field')}`);
  for (const { record, offset, field, reason, hex } of faults.slice(0, FAULTS)) {
    lines.push(`  record ${record}, byte ${offset}, ${field}: ${reason}; x'${hex}'`);
  }
  if (errors !== undefined) lines.push(`  all of them are in ${errors}`);
  else if (badValues > FAULTS) lines.push('  --errors FILE writes all of them');
  return lines;
}
