// The story of one try: judge the URL, ask, follow redirects, verify the body, say what came of it. Knows no retries and no queue.
import { measureBody } from '../shared/content-coding.ts';
import { parseProxy } from '../shared/proxy.ts';
import type { Proxy } from '../shared/proxy.ts';
import { idempotentMethods } from '../shared/request.ts';
import type { UrlRefusal, UrlRule } from '../shared/url-rule.ts';
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
import type { Attempt, AttemptOrder, CapturedBody, Outcome, ResolvedRequest } from './outcome.ts';
import { outOfTime } from './whole-request.ts';

export type AttemptOptions = {
  readonly connections: Connections;
  /** Stands before every request and every hop: a kept socket outlives a change of policy. */
  readonly urlRule: UrlRule;
  readonly timeouts: Timeouts;
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
  readonly #ledger: Ledger;
  readonly #deadlines: Deadlines;
  #seen: Set<string> | undefined;
  #hop: Hop | undefined;
  #step: RedirectStep | undefined;
  #proxy: Proxy | undefined;
  #isDone = false;

  constructor(shared: Shared, order: AttemptOrder, onEnd: (outcome: Outcome) => void) {
    this.#shared = shared;
    this.#order = order;
    this.#onEnd = onEnd;
    const beganAt = this.#beganAt;
    this.#ledger = new Ledger(order.request.url, { startedAt: shared.now(beganAt), beganAt });
    this.#deadlines = toDeadlines(shared.timeouts, order.request, beganAt);
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
    const endedAt = performance.now();
    this.#ledger.add(hop, endedAt);
    const refusal = reason ?? refusalOfProxy(hop.trip.status, this.#ledger.finalUrl, this.#proxy);
    if (refusal !== undefined) return this.#fail(refusal);
    if (this.#step === undefined) return this.#verify(hop.trip, endedAt);
    const step = this.#step;
    this.#step = undefined;
    this.#ledger.redirects.push({ url: this.#ledger.finalUrl, status: hop.trip.status });
    if ('fault' in step) this.#fail(step.fault);
    else this.#ask(step.next, endedAt);
  };

  /** Undoes the content coding once, to know that it can be undone and how large the body really is. */
  #verify(trip: RoundTrip, endedAt: number): void {
    const wire = trip.body.bytes();
    const coding = wire.length === 0 ? undefined : joinField(trip.headers, 'content-encoding');
    // A part (206) of an encoded body cannot be decoded, and need not be.
    const { isTruncated } = trip;
    if (coding === undefined || trip.status === 206) {
      return this.#succeed(trip, { wire, bytes: wire.length, truncated: isTruncated }, endedAt);
    }
    const { maxBodyBytes, onBodyTooLarge } = this.#order.request;
    const limits = { maxBytes: maxBodyBytes, truncates: onBodyTooLarge === 'truncate', isCut: isTruncated };
    void measureBody(wire, coding, limits).then((measured) => {
      if ('fault' in measured) return this.#fail(codingFault(measured.fault, coding, maxBodyBytes));
      const body = { wire, bytes: measured.length, truncated: measured.isTruncated };
      return this.#succeed(trip, body, performance.now());
    });
  }

  #succeed({ status, headers }: RoundTrip, body: CapturedBody, endedAt: number): void {
    const { startedAt, timings, finalUrl, redirects, connection } = this.#ledger.close(endedAt);
    // A whole literal: spreading the ledger's into it made a slower object of every outcome.
    this.#end({
      kind: 'response',
      status,
      headers,
      body,
      startedAt,
      timings,
      finalUrl,
      redirects,
      connection,
    });
  }

  #fail({ failure, isTransient }: Fault): void {
    const { wasSent } = this.#ledger;
    const trip = this.#hop?.trip;
    const exchange = this.#ledger.close(performance.now());
    const known = { kind: 'failure', failure, isTransient, wasSent, ...exchange } as const;
    if (trip === undefined || trip.status === 0) this.#end(known);
    else this.#end({ ...known, response: { status: trip.status, headers: trip.headers } });
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
