/**
 * Connections to PostgreSQL: where to, with which password and how encrypted. Passwords come from the environment or a file,
 * or from the URL, and are in no message.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Client, ClientConfig, DatabaseError } from 'pg';
import { OverpunchError } from '../../errors.js';
import { loadPeer } from '../../peer.js';
import { Address } from '../address.js';
import { passwordFrom, secret } from '../secret.js';
import { ControlError } from './control.js';

export interface ConnectionOptions {
  /** `postgres://user@host:port/database`; what is missing is taken from PGHOST, PGUSER and so on, as libpq does. */
  readonly url: string;
  /** File with the password; default OVERPUNCH_PASSWORD_FILE. Before it PGPASSWORD counts, and a password in the URL before that. */
  readonly passwordFile?: string | undefined;
  /**
   * `disable`: not encrypted. `require`: encrypted, whoever the server is. `verify-full` (the default for every other machine
   * than this one): encrypted, and the server's certificate must be good and for this host.
   */
  readonly tls?: 'disable' | 'require' | 'verify-full' | undefined;
  /** File with the certificates of those who may sign the server's; default the system's. */
  readonly ca?: string | undefined;
}

export const TLS_MODES = ['disable', 'require', 'verify-full'] as const;

const LOCAL = new Set(['', 'localhost', '127.0.0.1', '::1', '[::1]']);

/** @throws OverpunchError OVP_OPTION_URL, OVP_OPTION_TLS, OVP_IO_SECRET */
export function configOf({ url, passwordFile, tls, ca }: ConnectionOptions): ClientConfig {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new OverpunchError('OVP_OPTION_URL', `'${new Address(url).shown}' is no URL`, {
      hint: 'It is written postgres://user@host:5432/database.',
    });
  }
  if (!/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new OverpunchError('OVP_OPTION_URL', `'${parsed.protocol}' is no URL of PostgreSQL`);
  }
  const { searchParams } = parsed;
  const host = searchParams.get('host') ?? decodeURIComponent(parsed.hostname);
  const password = decodeURIComponent(parsed.password) || process.env.PGPASSWORD || passwordFrom(passwordFile);
  const mode = tls ?? modeOf(searchParams.get('sslmode')) ?? (isLocal(host) ? 'disable' : 'verify-full');
  return {
    ...(host && { host }),
    ...(parsed.port && { port: Number(parsed.port) }),
    ...(parsed.username && { user: decodeURIComponent(parsed.username) }),
    ...(password !== undefined && { password }),
    ...(parsed.pathname.length > 1 && { database: decodeURIComponent(parsed.pathname.slice(1)) }),
    ssl: mode === 'disable' ? false : { rejectUnauthorized: mode === 'verify-full', ...(ca && { ca: secret(ca) }) },
    application_name: 'overpunch',
  };
}

/** Sockets of this machine are paths. */
const isLocal = (host: string): boolean => LOCAL.has(host || (process.env.PGHOST ?? '')) || host.startsWith('/');

function modeOf(mode: string | null): ConnectionOptions['tls'] {
  if (mode === null) return undefined;
  const known = TLS_MODES.find((one) => one === mode);
  if (known) return known;
  throw new OverpunchError('OVP_OPTION_TLS', `sslmode can't be '${mode}'`, { hint: `It is ${TLS_MODES.join(', ')}.` });
}

/** @throws OverpunchError OVP_IO_PEER, OVP_IO_DATABASE, OVP_OPTION_* */
export async function connect(options: ConnectionOptions): Promise<Client> {
  const { default: pg } = await loadPeer('Loading into PostgreSQL', 'pg', '8', () => import('pg'));
  const client = new pg.Client(configOf(options));
  client.on('error', () => {}); // what is under way fails by itself
  try {
    await client.connect();
    await client.query(
      "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET client_min_messages = 'warning'",
    );
    // a server that works for a process that is gone stops soon, so that the next one need not wait (from version 14 on)
    await client.query("SET client_connection_check_interval = '1s'").catch(() => {});
  } catch (cause) {
    await client.end().catch(() => {});
    throw databaseError(cause, `${new Address(options.url).shown} can't be reached`);
  }
  return client;
}

/** What the functions of `overpunch` say, as errors of this library. Details of the server's errors may hold data: they are left out. */
export function databaseError(cause: unknown, what: string): OverpunchError {
  if (cause instanceof OverpunchError) return cause;
  const { code, message } = cause as DatabaseError;
  const said = message || String(code ?? cause);
  switch (code) {
    case ControlError.LOADED:
      return new OverpunchError('OVP_OPTION_LOADED', said, { hint: 'To load it once more say --again.' });
    case ControlError.TAKEN_OVER:
    case ControlError.BUSY:
      return new OverpunchError('OVP_IO_BUSY', said, { hint: 'Wait for it to end, or end it; then begin again.' });
    case ControlError.FORBIDDEN:
      return new OverpunchError('OVP_IO_FORBIDDEN', said, {
        hint: "The table's owner lets a role load with INSERT INTO overpunch.loader (target, role).",
      });
    case '23505':
      return new OverpunchError('OVP_DATA_DUPLICATE', `${what}: ${said}`, {
        hint: 'Rows with this key are there already, or the file has several; --upsert KEY replaces them. Nothing was changed.',
      });
    case '42P10':
      return new OverpunchError('OVP_OPTION_KEY', `${what}: ${said}`, {
        hint: 'The table needs a unique index on the key of --upsert.',
      });
    default:
      return new OverpunchError('OVP_IO_DATABASE', `${what}: ${said}${code ? ` (${code})` : ''}`);
  }
}
