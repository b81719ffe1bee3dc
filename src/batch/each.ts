/**
 * Arrays that come in turn as an iterator of their elements. By hand, because an async generator takes three times as
 * long for each of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

export function eachOf<T>(arrays: AsyncGenerator<readonly T[]>): AsyncIterableIterator<T> {
  return new Each(arrays);
}

class Each<T> implements AsyncIterableIterator<T> {
  private readonly arrays: AsyncGenerator<readonly T[]>;
  private list: readonly T[] = [];
  private at = 0;
  /** What is asked for while an array is awaited comes in its turn. */
  private pending: Promise<IteratorResult<T>> | null = null;

  constructor(arrays: AsyncGenerator<readonly T[]>) {
    this.arrays = arrays;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.pending === null && this.at < this.list.length) {
      return Promise.resolve({ value: this.list[this.at++]!, done: false });
    }
    const before = this.pending;
    const own = before ? before.then(this.more, this.more) : this.more();
    this.pending = own;
    const done = (): void => {
      if (this.pending === own) this.pending = null;
    };
    own.then(done, done);
    return own;
  }

  async return(): Promise<IteratorResult<T>> {
    this.list = [];
    await this.arrays.return(undefined);
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private readonly more = async (): Promise<IteratorResult<T>> => {
    while (this.at >= this.list.length) {
      const { value, done } = await this.arrays.next();
      if (done) return { value: undefined, done: true };
      this.list = value;
      this.at = 0;
    }
    return { value: this.list[this.at++]!, done: false };
  };
}
