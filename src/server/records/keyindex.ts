/**
 * The index of one state of a file. It is closed when another is in its place, or nobody serves the data set any more, and the
 * lookups under way have ended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { RecordIndex } from '../../keyed/lookup.js';

export class KeyIndex {
  private users = 0;
  private isOld = false;

  constructor(
    readonly identity: string,
    private readonly made: Promise<RecordIndex>,
  ) {}

  async use<T>(action: (index: RecordIndex) => Promise<T>): Promise<T> {
    this.users++;
    try {
      return await action(await this.made);
    } finally {
      this.users--;
      this.end();
    }
  }

  /** Nobody will use it anew. */
  retire(): void {
    this.isOld = true;
    this.end();
  }

  private end(): void {
    if (this.isOld && this.users === 0) this.made.then((index) => index.close()).catch(() => {});
  }
}
