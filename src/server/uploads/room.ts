/**
 * How much all uploads may take together: bytes and files, those under way among them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { ServiceError } from '../problem.js';
import type { UploadFolder } from './uploadfolder.js';

export interface Usage {
  readonly bytes: number;
  readonly files: number;
}

export class Room {
  private readonly claims = new Set<Claim>();
  /** Of whole files, as they were seen last, and those since. Other processes may have put more there. */
  private whole: Usage = { bytes: 0, files: 0 };

  constructor(
    private readonly folder: Pick<UploadFolder, 'usage'>,
    private readonly most: Usage,
  ) {}

  /** A place for a file that is about to come. @throws ServiceError 507 */
  async enter(): Promise<Claim> {
    const claim = new Claim(this);
    this.claims.add(claim);
    try {
      this.whole = await this.folder.usage();
      this.check();
      return claim;
    } catch (error) {
      this.claims.delete(claim);
      throw error;
    }
  }

  /** What all of them take now. */
  async usage(): Promise<Usage> {
    this.whole = await this.folder.usage();
    return this.sum();
  }

  /** @throws ServiceError 507 */
  check(): void {
    const { bytes, files } = this.sum();
    const { most } = this;
    if (files > most.files) throw noRoom(`${most.files} files`);
    if (bytes > most.bytes) throw noRoom(`${most.bytes} bytes`);
  }

  /** @param isKept its file is whole, and stays */
  leave(claim: Claim, isKept: boolean): void {
    this.claims.delete(claim);
    const { bytes, files } = this.whole;
    if (isKept) this.whole = { bytes: bytes + claim.bytes, files: files + 1 };
  }

  private sum(): Usage {
    let { bytes } = this.whole;
    for (const claim of this.claims) bytes += claim.bytes;
    return { bytes, files: this.whole.files + this.claims.size };
  }
}

/** Of a file that comes in. */
export class Claim {
  bytes = 0;

  constructor(private readonly room: Room) {}

  /** So many bytes more. @throws ServiceError 507 */
  take(bytes: number): void {
    this.bytes += bytes;
    this.room.check();
  }

  leave(isKept: boolean): void {
    this.room.leave(this, isKept);
  }
}

const noRoom = (most: string): ServiceError =>
  new ServiceError(
    507,
    'OVP_SERVER_STORAGE',
    `The service has no room for this file: all uploads together have ${most} at most`,
    'data',
    'Take away what is not needed any more (DELETE), or try again later.',
  );
