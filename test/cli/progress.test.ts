/**
 * The progress bar, on a terminal that is none and by a clock that stands still.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { Progress, progressLine } from '../../src/cli/progress.js';
import { clock, megabytes, printable, styleFor } from '../../src/cli/style.js';

describe('progressLine', () => {
  it('has percentage, bar, speed and time left', () => {
    expect(progressLine({ done: 25e6, total: 100e6 }, 5, 79)).toBe(
      ` 25% [${'#'.repeat(10)}${'.'.repeat(30)}]  5.0 MB/s  0:15 left`,
    );
    expect(progressLine({ done: 100e6, total: 100e6 }, 5, 79)).toBe(`100% [${'#'.repeat(40)}]  20 MB/s  0:00 left`);
    expect(progressLine({ done: 0, total: 100e6 }, 5, 79)).toBe(`  0% [${'.'.repeat(40)}]  0.0 MB/s`);
  });

  it('has what is known where the size is not', () => {
    expect(progressLine({ done: 1234e6, total: null }, 2, 79)).toBe('1.23 GB  617 MB/s');
  });

  it('keeps to the width', () => {
    for (let width = 0; width < 90; width++) {
      expect(progressLine({ done: 1e9, total: 3e9 }, 7, width).length).toBeLessThanOrEqual(width);
    }
  });
});

describe('Progress', () => {
  const setUp = (isTTY: boolean) => {
    const written: string[] = [];
    let time = 0;
    const terminal = { isTTY, columns: 80, write: (text: string) => written.push(text) };
    const progress = new Progress(
      terminal,
      () => ({ done: 1, total: 2 }),
      () => time,
    );
    const at = (milliseconds: number): void => {
      time = milliseconds;
      progress.tick();
    };
    return { written, progress, at };
  };

  it('waits a second, draws over itself, and is gone at the end', () => {
    const { written, progress, at } = setUp(true);
    progress.start();
    at(999);
    expect(written).toEqual([]);
    at(1000);
    at(1100);
    progress.stop();
    expect(written).toHaveLength(3);
    expect(written.every((text) => text.startsWith('\r\x1b[K'))).toBe(true);
    expect(written[1]).toContain(' 50% [');
    expect(written[2]).toBe('\r\x1b[K');
  });

  it('erases nothing where nothing was drawn', () => {
    const { written, progress, at } = setUp(true);
    progress.start();
    at(500);
    progress.stop();
    expect(written).toEqual([]);
  });
});

describe('style', () => {
  it('is coloured on a terminal only, and not with NO_COLOR', () => {
    expect(styleFor({ isTTY: true }, {}).red('x')).toBe('\x1b[31mx\x1b[39m');
    expect(styleFor({ isTTY: true }, { NO_COLOR: '1' }).red('x')).toBe('x');
    expect(styleFor({}, {}).red('x')).toBe('x');
  });

  it('writes figures', () => {
    expect([7, 65, 3600 * 3 + 65].map(clock)).toEqual(['0:07', '1:05', '3:01:05']);
    expect([999, 1500, 1.5e6, 2.5e9].map(megabytes)).toEqual(['999 bytes', '1.5 kB', '1.5 MB', '2.50 GB']);
    expect(printable('a\x1b\x85\u202eb')).toBe('a\\x1b\\x85\\u202eb');
  });
});
