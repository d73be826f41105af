// The final, stored answer of a request. Written once by the worker, read by the API.
import type { Failure } from './failure.ts';

export const outcomes = ['succeeded', 'failed', 'cancelled', 'expired'] as const;
export type ResultOutcome = (typeof outcomes)[number];

/** Header fields as they came, in order: name (lower case), value, name, value … (Latin-1). */
export type HeaderList = readonly string[];

/** Milliseconds, to a tenth. `queueMs` runs from acceptance to the start of the last attempt; the others belong to it. */
export type Timings = {
  readonly queueMs: number;
  readonly dnsMs: number;
  readonly connectMs: number;
  readonly tlsMs: number;
  readonly ttfbMs: number;
  readonly bodyMs: number;
  readonly totalMs: number;
};

/** How the exchange was carried: whether the socket had served before, and to whom it was connected. */
export type ConnectionUse = {
  readonly reused: boolean;
  readonly policy: 'reuse' | 'fresh';
  readonly remoteAddress?: string;
  readonly protocol?: 'http/1.1' | 'h2';
  readonly diagnosis?: string;
};

/** One hop: the URL that answered with a redirect, and its status. */
export type Redirect = { readonly url: string; readonly status: number };

/** One try: when it began (epoch ms), how long it was waited for and took, and what it came to. */
export type AttemptEntry = {
  readonly startedAt: number;
  readonly waitMs: number;
  readonly totalMs: number;
  readonly status?: number;
  /** The host turned it away to be asked less; such attempts have a budget of their own. */
  readonly throttled?: true;
  readonly failure?: Failure;
  readonly connection?: ConnectionUse;
};

/** Bytes as they came over the wire, still content-encoded; inline, or under `ref` in the body store. */
export type StoredBody = {
  readonly inline?: Uint8Array;
  readonly ref?: string;
  /** Bytes on the wire, after transfer coding. */
  readonly wireBytes: number;
  /** Bytes after content decoding. */
  readonly bytes: number;
  readonly truncated: boolean;
};

/** A result as it is stored. `slice` is where its request is kept. */
export type StoredResult = {
  readonly index: number;
  readonly slice: number;
  readonly id?: string;
  readonly url: string;
  readonly outcome: ResultOutcome;
  readonly status?: number;
  readonly headers?: HeaderList;
  readonly body?: StoredBody;
  readonly finalUrl?: string;
  readonly redirects?: readonly Redirect[];
  readonly failure?: Failure;
  readonly attempts: readonly AttemptEntry[];
  readonly timings: Timings;
  readonly connection?: ConnectionUse;
};
