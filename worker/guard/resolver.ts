// Names to addresses: one query per name at a time, answers kept for a while. Judges no address; that is the connector's.
import { Resolver as DnsResolver } from 'node:dns/promises';
import { loadHostsFile } from './hosts-file.ts';

/** A name that has no address. `isTransient` when asking again could help: no answer, or a server that failed. */
export class NameError extends Error {
  override readonly name = 'NameError';
  readonly isTransient: boolean;
  constructor(message: string, isTransient: boolean) {
    super(message);
    this.isTransient = isTransient;
  }
}

export type NameAnswer = { readonly addresses: readonly string[]; readonly ttlSeconds?: number };
/** Asks for all addresses of a name; rejects with an error that has a `code` of node:dns. */
export type NameQuery = (name: string) => Promise<NameAnswer>;
/** All addresses of a name, IPv4 first; rejects with NameError. */
export type Resolve = (name: string) => Promise<readonly string[]>;

export type ResolverOptions = {
  readonly query: NameQuery;
  /** Milliseconds that only move forward. */
  readonly now?: () => number;
  /** Names remembered at most; the oldest are forgotten. */
  readonly maxNames?: number;
};

// An address is checked again at every dial, so a long memory is safe; it is short so that moves of hosts are seen.
const keepMs = { shortest: 1000, longest: 30_000, unknown: 5000, transient: 1000 } as const;

export const createResolver = ({
  query,
  now = (): number => performance.now(),
  maxNames = 10_000,
}: ResolverOptions): Resolve => {
  const known = new Map<string, { readonly answer: Promise<readonly string[]>; until: number }>();
  const ask = (name: string): Promise<readonly string[]> => {
    const entry = { answer: queryAddresses(name), until: Number.POSITIVE_INFINITY };
    const keepFor = (ms: number): void => {
      entry.until = now() + ms;
    };
    async function queryAddresses(asked: string): Promise<readonly string[]> {
      try {
        const { addresses, ttlSeconds } = await query(asked);
        if (addresses.length === 0) throw new NameError(`${asked} has no address`, false);
        keepFor(Math.min(Math.max((ttlSeconds ?? 30) * 1000, keepMs.shortest), keepMs.longest));
        return addresses;
      } catch (error) {
        const failure = toNameError(asked, error);
        keepFor(failure.isTransient ? keepMs.transient : keepMs.unknown);
        throw failure;
      }
    }
    known.delete(name);
    known.set(name, entry);
    for (const oldest of known.keys()) {
      if (known.size <= maxNames) break;
      known.delete(oldest);
    }
    return entry.answer;
  };
  return (name) => {
    const key = name.toLowerCase();
    const entry = known.get(key);
    return entry !== undefined && entry.until > now() ? entry.answer : ask(key);
  };
};

const permanentCodes = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME', 'EBADQUERY', 'EFORMERR']);

const toNameError = (name: string, error: unknown): NameError => {
  if (error instanceof NameError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  return permanentCodes.has(code)
    ? new NameError(`${name} does not resolve (${code})`, false)
    : new NameError(`${name} could not be resolved just now (${code})`, true);
};

/** What a name server is given to answer in, and how long the other family is waited for once one has answered. */
const serverTimeouts = { timeout: 2000, tries: 2 } as const;
const otherFamilyMs = 300;

/**
 * The query of production: hosts file, the special names of RFC 6761, then A and AAAA by c-ares, which unlike
 * getaddrinfo waits in no thread of libuv's (four hung names would stop all others).
 */
export const createNameQuery = (servers: readonly string[] = []): NameQuery => {
  const dns = new DnsResolver(serverTimeouts);
  if (servers.length > 0) dns.setServers(servers);
  const hosts = loadHostsFile();
  return async (name) => {
    const bare = name.replace(/\.$/, '');
    const listed = hosts.get(bare);
    if (listed !== undefined) return { addresses: listed };
    if (/(^|\.)localhost$/.test(bare)) return { addresses: ['127.0.0.1', '::1'] };
    if (/(^|\.)invalid$/.test(bare)) throw new NameError(`${bare} does not resolve (RFC 6761)`, false);
    return queryBothFamilies(dns, bare);
  };
};

type AddressRecord = { readonly address: string; readonly ttl: number };

const queryBothFamilies = async (dns: DnsResolver, name: string): Promise<NameAnswer> => {
  const families = [dns.resolve4(name, { ttl: true }), dns.resolve6(name, { ttl: true })];
  // Rejects only when neither family has an address; an error says more than "no record of this type".
  await Promise.any(families).catch((error: unknown) => {
    throw worstOf(error);
  });
  const [v4, v6] = await Promise.all(families.map(withinGrace));
  const records = [...(v4 ?? []), ...(v6 ?? [])];
  return {
    addresses: records.map((record) => record.address),
    ttlSeconds: Math.min(...records.map((record) => record.ttl)),
  };
};

/** A family's records, or none if it failed or is slow: what it would have said is then never dialled either. */
const withinGrace = async (family: Promise<AddressRecord[]>): Promise<AddressRecord[]> => {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<AddressRecord[]>((resolve) => {
    timer = setTimeout(resolve, otherFamilyMs, []);
  });
  const records = await Promise.race([family.catch(() => []), patience]);
  clearTimeout(timer);
  return records;
};

const worstOf = (error: unknown): unknown => {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  return errors.find((each) => toNameError('', each).isTransient) ?? errors[0];
};
