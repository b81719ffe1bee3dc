/**
 * Where log lines go: what is written in one turn of the event loop goes out together, at the turn's end, and when the process ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

let lines = '';

function flush(): void {
  const text = lines;
  lines = '';
  if (text !== '') process.stderr.write(text);
}

process.once('exit', flush);

/** Standard error. */
export const standardError = {
  write(line: string): void {
    if (lines === '') setImmediate(flush);
    lines += line;
  },
};
