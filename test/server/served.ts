/**
 * A catalog for the tests of the service: accounts in records of one length and of varying length, and clients of which some
 * fields are hidden or masked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { checkCatalog } from '../../src/server/catalog/catalog.js';
import { newKey } from '../../src/server/access/access.js';
import { type RunningService, type StartOptions, startService } from '../../src/server/start.js';
import { type Account, accounts, ebcdic } from '../keyed/accounts.js';

export const ACCOUNT = `       01  ACCOUNT.
           05  ACCT-ID      PIC 9(5).
           05  CUST-NAME    PIC X(8).
           05  BALANCE      PIC S9(7)V99 COMP-3.
           05  BIG          PIC S9(29)V99 COMP-3.
           05  BRANCH       PIC S9(4) COMP.
           05  RATE         COMP-2.
           05  VISITS       PIC S9(9) COMP.
           05  ITEMS        PIC X(2) OCCURS 2.
`;
export const CLIENT = `       01  CLIENT.
           05  CLIENT-NO    PIC 9(4).
           05  NAME         PIC X(6).
           05  PERSON.
               10  TAX-NO   PIC X(8).
               10  CITY     PIC X(4).
           05  COMPANY REDEFINES PERSON.
               10  TRADE-NO PIC X(8).
               10  PLACE    PIC X(4).
           05  PIN          PIC X(4).
           66  NUMBERS RENAMES TAX-NO.
`;
/** What must be seen nowhere by whoever may not. */
export const SECRET = { tax: 'TAXSECRT', pin: 'PIN7' };

export const COUNT = 9000;
export const list: readonly Account[] = accounts(COUNT, 5);

export const folder = realpathSync(mkdtempSync(join(tmpdir(), 'overpunch-server-test-')));
const services: RunningService[] = [];
afterAll(async () => {
  for (const service of services) await service.close(1000);
  rmSync(folder, { recursive: true, force: true });
});

export const write = (name: string, data: string | Uint8Array): void => writeFileSync(join(folder, name), data);
write('account.cpy', ACCOUNT);
write('client.cpy', CLIENT);
write('fixed.dat', Buffer.concat(list.map(({ bytes }) => bytes)));
write('varied.dat', Buffer.concat(list.flatMap(({ bytes }) => [Buffer.of(0, bytes.length + 4, 0, 0), bytes])));
write(
  'clients.dat',
  Buffer.concat(
    Array.from({ length: 20 }, (_, i) =>
      ebcdic(`${String(i).padStart(4, '0')}NAME${String(i).padEnd(2)}${SECRET.tax}BERN${SECRET.pin}`),
    ),
  ),
);

export const datasets = {
  fixed: { data: 'fixed.dat', copybook: 'account.cpy', key: ['ACCT-ID'], title: 'Accounts' },
  varied: { data: 'varied.dat', copybook: 'account.cpy', recfm: 'V', key: ['BRANCH', 'CUST-NAME'] },
};
export const clerk = newKey('clerk', ['clerk']);
export const auditor = newKey('auditor', ['clerk', 'auditor']);
export const stranger = newKey('stranger', []);
export const guarded = {
  datasets: {
    ...datasets,
    clients: {
      data: 'clients.dat',
      copybook: 'client.cpy',
      key: ['CLIENT-NO'],
      roles: ['clerk'],
      hide: { 'TAX-NO': { except: ['auditor'] } },
      mask: { PIN: { except: ['auditor'] } },
    },
  },
  keys: [clerk.entry, auditor.entry, stranger.entry],
};

export async function serve(json: unknown = { datasets }, options: StartOptions = {}): Promise<RunningService> {
  const service = await startService(await checkCatalog(json, folder), {
    port: 0,
    log: null,
    ...options,
    limits: { requestsPerMinute: 0, ...options.limits },
  });
  services.push(service);
  return service;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it is what it is
  readonly json: any;
}

/** Asks a service. */
export async function ask(
  { address }: RunningService,
  path: string,
  init: RequestInit & { key?: string } = {},
): Promise<Answer> {
  const { key, ...rest } = init;
  const response = await fetch(`${address}${path}`, {
    ...rest,
    headers: { ...(rest.headers as object), ...(key && { 'x-api-key': key }) },
  });
  const body = Buffer.from(await response.arrayBuffer());
  const isJson = /json$|json;/.test(response.headers.get('content-type') ?? '');
  const isLines = response.headers.get('content-type')?.includes('ndjson') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    body,
    json: isJson && !isLines && body.length > 0 ? JSON.parse(`${body}`) : undefined,
  };
}
