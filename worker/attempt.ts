// The story of one try: judge the URL, ask, follow redirects, verify the body, say what came of it. Knows no retries and no queue.
import { parseProxy } from '../shared/proxy.ts';
import type { Proxy } from '../shared/proxy.ts';
import { idempotentMethods } from '../shared/request.ts';
import type { UrlRefusal, UrlRule } from '../shared/url-rule.ts';
import { BodyPlace, measureIn, toStoredBody } from './body-place.ts';
import type { BodyKeeping, Whole } from './body-place.ts';
import { codingFault, fault } from './http/failure-of.ts';
import type { Fault } from './http/failure-of.ts';
import { createAlarms } from './http/alarms.ts';
import type { Alarms } from './http/alarms.ts';
import { createCancellations } from './http/cancellation.ts';
import type { Cancellations } from './http/cancellation.ts';
import type { Connections } from './http/connections.ts';
import { joinField } from './http/header-list.ts';
import { Hop } from './http/hop.ts';
import type { Deadlines, Timeouts } from './http/deadlines.ts';
import { Ledger } from './http/ledger.ts';
import { fieldsFor, pathOf, proxyUrl, refusalOfProxy } from './http/forwarding.ts';
import { redirectStep, trailMark } from './http/redirects.ts';
import type { RedirectStep, WireRequest } from './http/redirects.ts';
import { toFields } from './http/request-fields.ts';
import type { RoundTrip } from './http/round-trip.ts';
import { mayBeRepeated } from './outcome.ts';
import type { Attempt, AttemptOrder, Outcome, ResolvedRequest } from './outcome.ts';
import { outOfTime } from './whole-request.ts';

export type AttemptOptions = {
  readonly connections: Connections;
  /** Stands before every request and every hop: a kept socket outlives a change of policy. */
  readonly urlRule: UrlRule;
  readonly timeouts: Timeouts;
  /** Where large bodies of batches go; without it all are kept in memory. */
  readonly keeping?: BodyKeeping;
  /** Epoch ms of a moment on the clock of performance.now(). */
  readonly now: (at: number) => number;
};

/** Attempts on the sockets of `connections`. */
export const createAttempt = (options: AttemptOptions): Attempt => {
  const shared: Shared = { ...options, cancellations: createCancellations(), alarms: createAlarms() };
  return (order, onEnd) => new Run(shared, order, onEnd).start();
};

type Shared = AttemptOptions & { readonly cancellations: Cancellations; readonly alarms: Alarms };

// A class: the state of one attempt, allocated on the hot path.
class Run {
  slot = 0;
  readonly #shared: Shared;
  readonly #order: AttemptOrder;
  readonly #onEnd: (outcome: Outcome) => void;
  readonly #beganAt = performance.now();
  /** Undefined where all of the body is kept in memory. */
  #place: BodyPlace | undefined;
  readonly #ledger: Ledger;
  #deadlines: Deadlines;
  #seen: Set<string> | undefined;
  #asked: WireRequest | undefined;
  #hop: Hop | undefined;
  #step: RedirectStep | undefined;
  #proxy: Proxy | undefined;
  #isDone = false;

  constructor(shared: Shared, order: AttemptOrder, onEnd: (outcome: Outcome) => void) {
    this.#shared = shared;
    this.#order = order;
    this.#onEnd = onEnd;
    const { batch, request } = order;
    const { keeping } = shared;
    // Where the store fails, the host has to be asked again.
    if (keeping !== undefined && batch !== undefined && mayBeRepeated(request))
      this.#place = new BodyPlace(keeping, batch, request.index);
    const beganAt = this.#beganAt;
    this.#ledger = new Ledger(request.url, { startedAt: shared.now(beganAt), beganAt });
    this.#deadlines = toDeadlines(shared.timeouts, request, beganAt);
  }

  start(): void {
    const { request, signal } = this.#order;
    if (signal.aborted) return this.#fail(cancelled);
    const verdict = this.#shared.urlRule(request.url);
    if ('refusal' in verdict) return this.#fail(refusedUrl(verdict.refusal));
    const refusal = this.#readProxy(request.proxy);
    if (refusal !== undefined) return this.#fail(refusal);
    this.#shared.cancellations.add(signal, this);
    const { method, body, headers } = request;
    this.#ask({ url: verdict.url, method, fields: toFields(headers), body }, this.#beganAt);
  }

  /** Its address is judged when it is dialled; here its port, and an address written out. */
  #readProxy(text: string | undefined): Fault | undefined {
    if (text === undefined) return undefined;
    this.#proxy = parseProxy(text);
    if (this.#proxy === undefined) return fault('invalid_request', 'the proxy cannot be read');
    const verdict = this.#shared.urlRule(proxyUrl(this.#proxy));
    return 'refusal' in verdict
      ? fault('blocked_address', `the proxy: ${verdict.refusal.message}`)
      : undefined;
  }

  /** Called by the signal. */
  cancel(): void {
    this.#hop?.cancel();
    if (this.#hop !== undefined) this.#ledger.add(this.#hop, performance.now());
    this.#fail(cancelled);
  }

  #ask(asked: WireRequest, startedAt: number): void {
    const { connections, urlRule, alarms } = this.#shared;
    const { request, owner } = this.#order;
    const { url, method, body } = asked;
    const headers = fieldsFor(asked, this.#proxy);
    this.#asked = asked;
    this.#ledger.finalUrl = url.href;
    this.#hop = new Hop({
      host: connections.host(owner, url.origin, this.#proxy),
      question: {
        method,
        path: pathOf(url, this.#proxy),
        headers: request.cookies?.addTo(headers, url) ?? headers,
        body,
        maxBodyBytes: request.maxBodyBytes,
        truncates: request.onBodyTooLarge === 'truncate',
        drafts: this.#place,
      },
      preference: request.connection,
      offersHttp2: request.http2,
      deadlines: this.#deadlines,
      alarms,
      startedAt,
      mayRepeat: request.retryUnsafe || idempotentMethods.has(method),
      keepsBody: (head) => {
        request.cookies?.store(url, head.headers);
        if (head.status < 300 || head.status > 308) return true;
        const seen = (this.#seen ??= new Set()).add(trailMark(asked));
        this.#step = redirectStep(asked, head, urlRule, {
          seen,
          maxRedirects: request.maxRedirects,
        });
        return this.#step === undefined;
      },
      onDone: this.#onDone,
    });
    this.#hop.start();
  }

  readonly #onDone = (hop: Hop, reason: Fault | undefined): void => {
    const { trip } = hop;
    const endedAt = trip.bodyRef === undefined ? performance.now() : trip.heardAt;
    this.#ledger.add(hop, endedAt);
    if (trip.isBodyLost) return this.#askWithoutStore();
    const refusal = reason ?? refusalOfProxy(trip.status, this.#ledger.finalUrl, this.#proxy);
    if (refusal !== undefined) return this.#fail(refusal);
    if (this.#step === undefined) return this.#verify(trip, endedAt);
    const step = this.#step;
    this.#step = undefined;
    this.#ledger.redirects.push({ url: this.#ledger.finalUrl, status: trip.status });
    if ('fault' in step) this.#fail(step.fault);
    else this.#ask(step.next, endedAt);
  };

  /** The host is asked once more, with all the time there was: that its body could not be stored is no fault of its own. */
  #askWithoutStore(): void {
    if (this.#isDone || this.#asked === undefined) return;
    const now = performance.now();
    this.#dropBody();
    this.#place = undefined;
    this.#deadlines = toDeadlines(this.#shared.timeouts, this.#order.request, now);
    this.#ask(this.#asked, now);
  }

  /** Undoes the content coding once, to know that it can be undone and how large the body really is. */
  #verify(trip: RoundTrip, endedAt: number): void {
    const { length, isTruncated } = trip.body;
    const coding = length === 0 ? undefined : joinField(trip.headers, 'content-encoding');
    // A part (206) of an encoded body cannot be decoded, and need not be.
    if (coding === undefined || trip.status === 206)
      return this.#succeed(trip, { length, isTruncated }, endedAt);
    const { maxBodyBytes, onBodyTooLarge } = this.#order.request;
    const limits = { maxBytes: maxBodyBytes, truncates: onBodyTooLarge === 'truncate', isCut: isTruncated };
    measureIn(this.#place, trip, coding, limits).then(
      (measured) => {
        if (!('fault' in measured)) return this.#succeed(trip, measured, performance.now());
        return this.#fail(codingFault(measured.fault, coding, maxBodyBytes));
      },
      () => this.#askWithoutStore(),
    );
  }

  #succeed(trip: RoundTrip, whole: Whole, endedAt: number): void {
    const { status, headers } = trip;
    const { startedAt, timings, finalUrl, redirects, connection } = this.#ledger.close(endedAt);
    // A whole literal: spreading the ledger's into it made a slower object of every outcome.
    this.#end({
      kind: 'response',
      status,
      headers,
      body: toStoredBody(trip, whole),
      startedAt,
      timings,
      finalUrl,
      redirects,
      connection,
    });
  }

  #fail({ failure, isTransient }: Fault): void {
    this.#dropBody();
    const { wasSent } = this.#ledger;
    const trip = this.#hop?.trip;
    const exchange = this.#ledger.close(performance.now());
    const known = { kind: 'failure', failure, isTransient, wasSent, ...exchange } as const;
    if (trip === undefined || trip.status === 0) this.#end(known);
    else this.#end({ ...known, response: { status: trip.status, headers: trip.headers } });
  }

  /** What was stored of a body that will not be in a result. */
  #dropBody(): void {
    const ref = this.#hop?.trip.bodyRef;
    if (ref !== undefined) this.#place?.drop(ref);
  }

  #end(outcome: Outcome): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#shared.cancellations.remove(this.#order.signal, this);
    this.#onEnd(outcome);
  }
}

// Spelled out: a spread here cost 1 µs a request, of 60.
const toDeadlines = (timeouts: Timeouts, request: ResolvedRequest, beganAt: number): Deadlines => ({
  connectTimeoutMs: timeouts.connectTimeoutMs,
  headersTimeoutMs: timeouts.headersTimeoutMs,
  bodyTimeoutMs: timeouts.bodyTimeoutMs,
  totalAt: beganAt + request.timeoutMs,
  totalTimeoutMs: request.timeoutMs,
  totalFailure: request.isCut === true ? outOfTime(request) : undefined,
});

const cancelled = fault('cancelled');

// Submission judged the text already; only what this deployment allows can have changed since.
const refusedUrl = ({ reason, message }: UrlRefusal): Fault =>
  fault(
    reason === 'url_private_address' || reason === 'url_port' ? 'blocked_address' : 'invalid_request',
    message,
  );
