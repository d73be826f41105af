// The fetch engine as tests use it: loopback allowed, short deadlines, everything closed afterwards.
import type { AllowedNetwork } from '../../shared/address-policy.ts';
import { createAddressPolicy } from '../../shared/address-policy.ts';
import type { BatchId } from '../../shared/batch.ts';
import { createUrlRule } from '../../shared/url-rule.ts';
import { createAttempt } from '../../worker/attempt.ts';
import type { BodyKeeping } from '../../worker/body-place.ts';
import { createConnector } from '../../worker/guard/connector.ts';
import { createResolver } from '../../worker/guard/resolver.ts';
import type { NameQuery } from '../../worker/guard/resolver.ts';
import { createConnections } from '../../worker/http/connections.ts';
import type { Connections } from '../../worker/http/connections.ts';
import type { Timeouts } from '../../worker/http/deadlines.ts';
import type { Outcome, ResolvedRequest } from '../../worker/outcome.ts';

export type EngineOptions = {
  readonly allow?: readonly AllowedNetwork[];
  readonly timeouts?: Partial<Timeouts>;
  readonly query?: NameQuery;
  /** The resolver's clock, ms. */
  readonly now?: () => number;
  readonly ca?: string;
  /** Connections seem to have been idle for so much longer than they were. */
  readonly idleMs?: number;
  readonly maxIdle?: number;
  readonly maxHosts?: number;
  readonly keeping?: BodyKeeping;
};

export type Engine = {
  fetch(url: string, options?: FetchOptions): Promise<Outcome>;
  readonly connections: Connections;
};

export type FetchOptions = Partial<ResolvedRequest> & {
  readonly owner?: string;
  readonly batch?: BatchId;
  readonly signal?: AbortSignal;
};

const loopback: readonly AllowedNetwork[] = [
  { address: '127.0.0.0', prefix: 8 },
  { address: '::1', prefix: 128 },
];

const defaults = {
  index: 0,
  method: 'GET',
  headers: {},
  timeoutMs: 5000,
  maxBodyBytes: 1_000_000,
  onBodyTooLarge: 'fail',
  maxRedirects: 5,
  maxAttempts: 1,
  retries: { throttled: 0, network: 0, status: 0 },
  retryUnsafe: false,
  acceptStatus: '200-399',
  connection: 'auto',
  http2: false,
} as const;

/** A GET of `url` as a resolver of defaults would hand it on. */
export const requestTo = (url: string): ResolvedRequest => ({ ...defaults, url });

export const createEngine = (options: EngineOptions = {}): Engine => {
  const addresses = createAddressPolicy(options.allow ?? loopback);
  const { ca, maxIdle, maxHosts, now, idleMs = 0 } = options;
  const resolve = createResolver({ query: options.query ?? refuseNames, ...(now !== undefined && { now }) });
  const connections = createConnections({
    connect: createConnector({ addresses, resolve, ...(ca !== undefined && { ca }) }),
    now: () => performance.now() - idleMs,
    ...(maxIdle !== undefined && { maxIdle }),
    ...(maxHosts !== undefined && { maxHosts }),
  });
  const attempt = createAttempt({
    connections,
    urlRule: createUrlRule(addresses),
    timeouts: { connectTimeoutMs: 1000, headersTimeoutMs: 2000, bodyTimeoutMs: 2000, ...options.timeouts },
    now: Date.now,
    ...(options.keeping !== undefined && { keeping: options.keeping }),
  });
  return {
    connections,
    fetch: (url, { owner = 'tests', batch, signal = new AbortController().signal, ...fields } = {}) =>
      new Promise((onEnd) => {
        const request = { ...defaults, url, ...fields };
        attempt({ request, owner, ...(batch !== undefined && { batch }), signal }, onEnd);
      }),
  };
};

const refuseNames: NameQuery = (name) =>
  Promise.reject(Object.assign(new Error(`tests do not resolve ${name}`), { code: 'ENOTFOUND' }));

/** The body of an outcome that is kept in memory. */
export const bytesOf = (outcome: Outcome): Buffer | undefined =>
  outcome.kind === 'response' && outcome.body.inline !== undefined
    ? Buffer.from(outcome.body.inline)
    : undefined;

/** An outcome in the few words that tables of expectations use. */
export const summary = (outcome: Outcome): string =>
  outcome.kind === 'response'
    ? `${outcome.status} ${bytesOf(outcome)?.toString('latin1').slice(0, 60)}`
    : outcome.failure.code + (outcome.isTransient ? ' transient' : '');
