/**
 * COPY's texts in folders of the file system: by name, whatever its case, with one of a list of extensions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { OverpunchError } from '../errors.js';
import type { CopyLibrary, LibraryText } from './library.js';

export const COPY_EXTENSIONS: readonly string[] = ['', '.cpy', '.cbl', '.cob', '.copy', '.inc'];

export function folderLibrary(
  folders: readonly string[],
  extensions: readonly string[] = COPY_EXTENSIONS,
): CopyLibrary {
  return new FolderLibrary([...new Map(folders.map((folder) => [resolve(folder), folder])).values()], extensions);
}

class FolderLibrary implements CopyLibrary {
  private readonly listings = new Map<string, Map<string, string[]>>();

  constructor(
    private readonly folders: readonly string[],
    private readonly extensions: readonly string[],
  ) {}

  find(name: string, library: string | null, open: ReadonlySet<string>): LibraryText | null {
    let again: string | null = null;
    for (const folder of this.foldersOf(library)) {
      const parts = name.split('/');
      const within = parts.slice(0, -1).reduce<string | null>((at, part) => at && this.folder(at, part), folder);
      if (within === null) continue;
      for (const extension of this.extensions) {
        const file = this.file(within, parts.at(-1)! + extension);
        if (file === null) continue;
        if (!open.has(file)) return { file, text: read(file) };
        again ??= file;
      }
    }
    return again === null ? null : { file: again, text: read(again) };
  }

  missing(): string {
    const extensions = this.extensions.map((extension) => extension || 'none').join(' ');
    return `Looked in ${this.folders.join(', ')} with these extensions: ${extensions}. More folders: --copy-path (copyPaths).`;
  }

  /** A library is a folder of its name among or in those searched; where there is none, all of them. */
  private foldersOf(library: string | null): readonly string[] {
    if (library === null) return this.folders;
    const same = (folder: string): boolean => basename(resolve(folder)).toLowerCase() === library.toLowerCase();
    const own = this.folders.flatMap((folder) => [
      ...(same(folder) ? [folder] : []),
      this.folder(folder, library) ?? [],
    ]);
    return own.flat().length > 0 ? own.flat() : this.folders;
  }

  private folder(within: string, name: string): string | null {
    return this.entry(within, name, (path) => statSync(path).isDirectory());
  }

  private file(within: string, name: string): string | null {
    return this.entry(within, name, (path) => statSync(path).isFile());
  }

  /** The entry of a folder that has this name, in this case or, if there is none, in another. */
  private entry(within: string, name: string, isIt: (path: string) => boolean): string | null {
    const entries = this.listing(within).get(name.toLowerCase()) ?? [];
    for (const entry of [...entries.filter((one) => one === name), ...entries.filter((one) => one !== name)]) {
      const path = join(within, entry);
      try {
        if (isIt(path)) return path;
      } catch {
        // gone since the folder was listed, or a link to nothing: it is not there
      }
    }
    return null;
  }

  private listing(folder: string): Map<string, string[]> {
    let listing = this.listings.get(folder);
    if (listing) return listing;
    listing = new Map();
    let names: string[];
    try {
      names = readdirSync(folder).sort();
    } catch (cause) {
      const { code, message } = cause as { code?: string; message: string };
      const why = code === 'ENOENT' ? 'there is no such folder' : code === 'ENOTDIR' ? 'it is no folder' : message;
      throw new OverpunchError('OVP_IO_COPYBOOK', `The folder ${folder} could not be searched for COPY: ${why}`, {
        cause,
      });
    }
    for (const name of names) {
      const key = name.toLowerCase();
      listing.set(key, [...(listing.get(key) ?? []), name]);
    }
    this.listings.set(folder, listing);
    return listing;
  }
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new OverpunchError(
      'OVP_IO_COPYBOOK',
      `The text ${path} of COPY could not be read: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}
