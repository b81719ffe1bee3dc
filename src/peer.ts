/**
 * Optional peer packages: loaded when something needs them, with an error that names the command to install them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from './errors.js';

const loaded = new Map<string, Promise<unknown>>();

/**
 * Loads a package once. A failure is not kept: it may be installed meanwhile.
 * @param what what needs it, as the error's subject: `Arrow output`
 * @param load `() => import('apache-arrow')`
 * @param version what to install, `21` of `apache-arrow@21`
 * @throws OverpunchError OVP_IO_PEER where it is not installed or can't be loaded
 */
export function loadPeer<T>(what: string, name: string, version: string, load: () => Promise<T>): Promise<T> {
  let loading = loaded.get(name) as Promise<T> | undefined;
  if (!loading) {
    loading = load().catch((cause: unknown) => {
      loaded.delete(name);
      throw new OverpunchError('OVP_IO_PEER', `${what} needs the package ${name}, which can't be loaded: ${cause}`, {
        hint: `Install it: npm install ${name}@${version}`,
        cause,
      });
    });
    loaded.set(name, loading);
  }
  return loading;
}

/**
 * The same of several packages that are of use together only: one error, one command to install all of them.
 * @param versions what to install of each
 */
export function loadPeers<T>(
  what: string,
  versions: Readonly<Record<string, string>>,
  load: () => Promise<T>,
): Promise<T> {
  const names = Object.keys(versions);
  const key = names.join();
  let loading = loaded.get(key) as Promise<T> | undefined;
  if (!loading) {
    loading = load().catch((cause: unknown) => {
      loaded.delete(key);
      throw new OverpunchError('OVP_IO_PEER', `${what} needs packages that can't be loaded: ${cause}`, {
        hint: `Install them: npm install ${names.map((name) => `${name}@${versions[name]}`).join(' ')}`,
        cause,
      });
    });
    loaded.set(key, loading);
  }
  return loading;
}
