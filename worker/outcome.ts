// What goes into an attempt and what comes out of it: values only, so that a step cannot be skipped.
import type { BatchId } from '../shared/batch.ts';
import type { Failure } from '../shared/failure.ts';
import { idempotentMethods, type Method, type SliceRequest } from '../shared/request.ts';
import type { CookieJar } from './http/cookie-jar.ts';
import type { ConnectionUse, HeaderList, Redirect, StoredBody, Timings } from '../shared/result.ts';

/** A request with every default filled in. Durations in ms. */
export type ResolvedRequest = {
  readonly index: number;
  readonly id?: string;
  readonly url: string;
  readonly method: Method;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  /** What becomes of a larger body: a failure, or its first bytes. */
  readonly onBodyTooLarge: NonNullable<SliceRequest['onBodyTooLarge']>;
  readonly maxRedirects: number;
  /** Throttled ones not counted. */
  readonly maxAttempts: number;
  readonly retries: RetryBudgets;
  /** For all its attempts and the waits between them, from the start of the first. */
  readonly withinMs?: number;
  /** Whether `timeoutMs` is what was left of `withinMs`. */
  readonly isCut?: boolean;
  /** Whether a method that is not idempotent may be tried again. */
  readonly retryUnsafe: boolean;
  readonly acceptStatus: string;
  readonly connection: NonNullable<SliceRequest['connection']>;
  /** Whether HTTP/2 is offered to hosts asked over TLS. */
  readonly http2: boolean;
  /** A forward proxy, as the user wrote it. It may hold a password: never to be repeated. */
  readonly proxy?: string;
  /** Where cookies are kept and taken from; without it they are not. */
  readonly cookies?: CookieJar;
};

/** Whether it does no harm that the host gets it twice. */
export const mayBeRepeated = ({ method, retryUnsafe }: ResolvedRequest): boolean =>
  retryUnsafe || idempotentMethods.has(method);

/** Why an attempt is tried again: it was turned away to ask less, got no usable response, or one of a passing trouble. */
export type RetryKind = 'throttled' | 'network' | 'status';

/** How often each may lead to another attempt. */
export type RetryBudgets = Readonly<Record<RetryKind, number>>;

/** What is known of every attempt, however it ended. */
export type Exchange = {
  /** Epoch ms. */
  readonly startedAt: number;
  readonly timings: Omit<Timings, 'queueMs'>;
  /** The last URL asked. */
  readonly finalUrl: string;
  readonly redirects: readonly Redirect[];
  readonly connection?: ConnectionUse | undefined;
};

/** When it ended, epoch ms, without a look at the clock: this is asked of every attempt. */
export const endOf = ({ startedAt, timings }: Exchange): number => Math.floor(startedAt + timings.totalMs);

export type ResponseHead = { readonly status: number; readonly headers: HeaderList };

/** A whole response of any status. */
export type ResponseOutcome = Exchange & {
  readonly kind: 'response';
  /** Bytes of the wire, still content-encoded. */
  readonly body: StoredBody;
} & ResponseHead;

/** No response that may be used; `response` is what had arrived of one. */
export type FailureOutcome = Exchange & {
  readonly kind: 'failure';
  readonly failure: Failure;
  /** Whether another attempt could end otherwise: false for an unknown name or a refused certificate. */
  readonly isTransient: boolean;
  /** Whether a byte of the request may have reached the server. */
  readonly wasSent: boolean;
  readonly response?: ResponseHead;
};

/** What one attempt came to. */
export type Outcome = ResponseOutcome | FailureOutcome;

/** What is to be tried: a request, on sockets that only `owner` uses. `signal` ends it as `cancelled`. */
export type AttemptOrder = {
  readonly request: ResolvedRequest;
  readonly owner: string;
  /** Whose large bodies go to the body store; without it all are kept in memory. */
  readonly batch?: BatchId;
  readonly signal: AbortSignal;
};

/**
 * One try at a request. `onEnd` is called once, maybe at once, and must not throw: it may be called from inside undici, so
 * that the next request is on its way to a connection before undici lays it aside.
 */
export type Attempt = (order: AttemptOrder, onEnd: (outcome: Outcome) => void) => void;
