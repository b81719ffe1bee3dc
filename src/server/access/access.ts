/**
 * Who asks: by an API key (`X-API-Key`, or as a bearer token) or a JSON Web Token. Where the catalog has neither keys nor `jwt`,
 * everybody is `anonymous`, without roles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { JWTVerifyGetKey, JWTPayload } from 'jose';
import { OverpunchError } from '../../errors.js';
import type { Catalog, JwtSettings, KeyEntry } from '../catalog/catalog.js';
import type { Peers } from '../peers.js';
import { ServiceError } from '../problem.js';

export interface Caller {
  /** As the log has it: `anonymous`, `key batch`, `jwt 4711`. */
  readonly name: string;
  readonly roles: readonly string[];
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

export const ANONYMOUS: Caller = { name: 'anonymous', roles: [] };

/** Characters of keys, and the most of a token: more is not even looked at. */
const KEY = /^ovp_[A-Za-z0-9_-]{43}$/;
const MOST = 8192;
/** Seconds that clocks may differ by. */
const TOLERANCE = 5;

/** A new key: what its holder is given, and what the catalog has of it. */
export function newKey(name: string, roles: readonly string[]): { key: string; entry: KeyEntry } {
  const key = `ovp_${randomBytes(32).toString('base64url')}`;
  return { key, entry: { name, sha256: sha256(key).toString('hex'), roles } };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

export class Access {
  private readonly hashes: readonly { readonly hash: Buffer; readonly entry: KeyEntry }[];

  private constructor(
    keys: readonly KeyEntry[],
    private readonly tokens: Tokens | null,
  ) {
    this.hashes = keys.map((entry) => ({ hash: Buffer.from(entry.sha256, 'hex'), entry }));
  }

  static async of({ keys, jwt }: Catalog, peers: Peers): Promise<Access> {
    return new Access(keys, jwt && (await Tokens.of(jwt, peers)));
  }

  /** Whether anybody is let in unknown. */
  get isOpen(): boolean {
    return this.hashes.length === 0 && this.tokens === null;
  }

  /** The same with other keys. */
  withKeys(keys: readonly KeyEntry[]): Access {
    return new Access(keys, this.tokens);
  }

  /** @throws ServiceError 401, which does not say why */
  async callerOf(headers: Headers): Promise<Caller> {
    if (this.isOpen) return ANONYMOUS;
    const { authorization, 'x-api-key': apiKey } = headers;
    const given = typeof apiKey === 'string' ? apiKey : /^Bearer +([^\s]+)$/i.exec(`${authorization ?? ''}`)?.[1];
    if (given === undefined || given.length > MOST || (apiKey !== undefined && authorization !== undefined))
      throw refused();
    if (KEY.test(given)) return this.holderOf(given);
    if (apiKey !== undefined || !this.tokens) throw refused();
    return this.tokens.callerOf(given);
  }

  /** Every hash is compared whole, so that time tells nothing. */
  private holderOf(key: string): Caller {
    const hash = sha256(key);
    let found: KeyEntry | null = null;
    for (const known of this.hashes) if (timingSafeEqual(known.hash, hash)) found = known.entry;
    if (!found || (found.expires != null && found.expires <= Date.now())) throw refused();
    return { name: `key ${found.name}`, roles: found.roles };
  }
}

class Tokens {
  private constructor(
    private readonly settings: JwtSettings,
    private readonly keys: JWTVerifyGetKey,
    private readonly jose: Peers['jose'],
  ) {}

  static async of(settings: JwtSettings, { jose }: Peers): Promise<Tokens> {
    const { jwks } = settings;
    if (/^https?:/i.test(jwks))
      return new Tokens(settings, jose.createRemoteJWKSet(new URL(jwks), { timeoutDuration: 5000 }), jose);
    try {
      return new Tokens(settings, jose.createLocalJWKSet(JSON.parse(await readFile(jwks, 'utf8'))), jose);
    } catch (cause) {
      throw new OverpunchError(
        'OVP_OPTION_CATALOG',
        `jwt: ${jwks} is no set of JSON web keys: ${(cause as Error).message}`,
        { cause },
      );
    }
  }

  async callerOf(token: string): Promise<Caller> {
    const { issuer, audience, algorithms, rolesClaim } = this.settings;
    let payload: JWTPayload;
    try {
      ({ payload } = await this.jose.jwtVerify(token, this.keys, {
        issuer,
        audience,
        algorithms: [...algorithms],
        clockTolerance: TOLERANCE,
        requiredClaims: ['exp', 'sub'],
      }));
    } catch {
      throw refused();
    }
    if (typeof payload.sub !== 'string' || payload.sub === '') throw refused();
    const claim = payload[rolesClaim];
    const list: unknown[] = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(' ') : [];
    return {
      name: `jwt ${payload.sub}`,
      roles: list.filter((role): role is string => typeof role === 'string' && role !== ''),
    };
  }
}

const refused = (): ServiceError =>
  new ServiceError(401, 'OVP_SERVER_CREDENTIALS', 'A valid API key or token is needed');
