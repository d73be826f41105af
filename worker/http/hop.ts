// One URL asked once: picks the connection, keeps the deadlines, replaces a reused connection that fails by a fresh one.
import type { SliceRequest } from '../../shared/request.ts';
import { toleranceMs } from './alarms.ts';
import type { Alarms, Sleeper } from './alarms.ts';
import type { Carrier, Question } from './carrier.ts';
import type { Connection } from './connection.ts';
import type { Host } from './connections.ts';
import { dueAt, lateness } from './deadlines.ts';
import type { Deadlines } from './deadlines.ts';
import type { Fault } from './failure-of.ts';
import {
  adviceFor,
  advise,
  beginHedge,
  beginProbe,
  endHedge,
  endProbe,
  mayHedge,
  noteAnswer,
  noteDrop,
  noteStall,
} from './reuse-policy.ts';
import type { ReuseAdvice } from './reuse-policy.ts';
import { RoundTrip } from './round-trip.ts';
import type { RoundTripListener } from './round-trip.ts';

export type HopInput = {
  readonly host: Host;
  readonly question: Question;
  readonly preference: NonNullable<SliceRequest['connection']>;
  /** Whether HTTP/2 is offered, where it can be. */
  readonly offersHttp2: boolean;
  readonly deadlines: Deadlines;
  readonly alarms: Alarms;
  /** On the clock of performance.now(). */
  readonly startedAt: number;
  /** Whether the request may be sent again after a connection broke. */
  readonly mayRepeat: boolean;
  /** Whether the body of this response is to be kept. */
  keepsBody(head: RoundTrip): boolean;
  /** Called once, unless cancelled; `reason` is set when there is no whole response. */
  onDone(hop: Hop, reason: Fault | undefined): void;
};

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const never = Number.POSITIVE_INFINITY;
const hedgeRetryMs = 100;
// A class: one per hop on the hot path, and the listener of its round trips.
export class Hop implements RoundTripListener, Sleeper {
  /** The round trip that counts. */
  trip: RoundTrip;
  wasSent = false;
  /** Why connections to this host are not simply reused, where that was found out. */
  diagnosis: string | undefined;
  readonly policy: 'reuse' | 'fresh';
  wakeAt = never;
  place = -1;
  readonly #input: HopInput;
  #rival: RoundTrip | undefined;
  #hedgeAt = never;
  #reused: Connection | undefined;
  #isProbing = false;
  #hasRepeated = false;

  constructor(input: HopInput) {
    this.#input = input;
    const { host, preference, question, startedAt } = input;
    const advice = this.#advise();
    this.policy = advice.keepAlive ? 'reuse' : 'fresh';
    if (preference === 'auto' && !advice.keepAlive) this.diagnosis = host.reuse.diagnosis;
    if (advice.mayReuse && !this.#isForHttp2()) this.#reused = host.takeIdle(startedAt - advice.maxIdleMs);
    const connection = this.#reused ?? this.#open();
    this.trip = new RoundTrip({ connection, keepAlive: advice.keepAlive, question, startedAt }, this);
    if (this.#reused === undefined) return;
    this.#hedgeAt = startedAt + advice.hedgeAfterMs;
    if (!advice.isProbe) return;
    this.#isProbing = true;
    beginProbe(host.reuse);
  }

  /** What was learned of connections is of HTTP/1.1; a session of HTTP/2 looks after itself. */
  #advise(): ReuseAdvice {
    const { host, preference, question, startedAt } = this.#input;
    if (preference !== 'auto') return adviceFor[preference];
    return this.#isForHttp2()
      ? adviceFor.reuse
      : advise(host.reuse, safeMethods.has(question.method), startedAt);
  }

  #isForHttp2(): boolean {
    return this.#input.offersHttp2 && this.#input.host.maySpeakHttp2();
  }

  #open(): Carrier {
    return this.#isForHttp2() ? this.#input.host.negotiate() : this.#input.host.open();
  }

  start(): void {
    this.#arm();
    this.trip.start();
  }

  /** Ends the hop without calling `onDone`. */
  cancel(): void {
    this.#input.alarms.clear(this);
    this.#stopProbing();
    this.#dropRival();
    this.trip.abandon();
  }

  onSent(): void {
    this.wasSent = true;
    this.#arm();
  }

  onHead(trip: RoundTrip): void {
    const { host } = this.#input;
    if (trip === this.#rival) this.#crownRival(trip);
    else this.#dropRival();
    if (trip.connection.protocol === 'http/1.1')
      noteAnswer(host.reuse, trip.isReused, trip.headAt - trip.sentAt);
    this.#stopProbing();
    this.#hedgeAt = never;
    trip.wantsBody = this.#input.keepsBody(trip);
    this.#arm();
  }

  onReleased(): void {
    this.#arm();
  }

  onEnd(trip: RoundTrip): void {
    if (trip.fault === undefined) return this.#finish(undefined);
    if (trip === this.#rival) return this.#dropRival();
    const wasDropped = trip.isReused && trip.status === 0;
    if (wasDropped && trip.connection.protocol === 'http/1.1')
      noteDrop(this.#input.host.reuse, this.#idleMs(trip), performance.now());
    if (trip.wasRefused) this.wasSent = false;
    if (this.#promoteRival()) return;
    const mayRepeat = trip.wasRefused || (wasDropped && this.#input.mayRepeat);
    if (!mayRepeat || this.#hasRepeated) return this.#finish(trip.fault);
    this.#repeat(trip);
  }

  #repeat({ wasRefused }: RoundTrip): void {
    this.#hasRepeated = true;
    this.diagnosis = wasRefused
      ? 'the host refused the request over HTTP/2 unprocessed; it was sent again'
      : 'a reused connection was closed before it answered; the request was sent again on a fresh one';
    this.#stopProbing();
    this.#hedgeAt = never;
    this.trip = this.#freshTrip();
    this.#arm();
    this.trip.start();
  }

  #freshTrip(): RoundTrip {
    const { host, question } = this.#input;
    const keepAlive = this.policy === 'reuse' && host.reuse.mode !== 'fresh';
    const departure = { connection: this.#open(), keepAlive, question, startedAt: performance.now() };
    return new RoundTrip(departure, this);
  }

  /** For how long the connection that it reuses had been idle. */
  #idleMs({ startedAt }: RoundTrip): number {
    return startedAt - (this.#reused?.idleSince ?? startedAt);
  }

  /** The fresh rival answered while the reused connection was silent. */
  #crownRival(rival: RoundTrip): void {
    const silent = this.trip;
    const silentMs = rival.headAt - silent.sentAt;
    endHedge(this.#input.host.reuse);
    this.#rival = undefined;
    this.trip = rival;
    silent.abandon();
    if (silent.isReused) noteStall(this.#input.host.reuse, silentMs, this.#idleMs(silent), rival.headAt);
    this.diagnosis = this.#input.host.reuse.diagnosis;
  }

  #dropRival(): void {
    if (this.#rival === undefined) return;
    endHedge(this.#input.host.reuse);
    this.#rival.abandon();
    this.#rival = undefined;
  }

  #promoteRival(): boolean {
    if (this.#rival === undefined) return false;
    endHedge(this.#input.host.reuse);
    this.trip = this.#rival;
    this.#rival = undefined;
    this.#stopProbing();
    this.#arm();
    return true;
  }

  #tryHedge(now: number): void {
    const { host } = this.#input;
    if (this.trip.phase === 'headers' && this.trip.isReused && !mayHedge(host.reuse)) {
      this.#hedgeAt = now + hedgeRetryMs;
      return;
    }
    this.#hedgeAt = never;
    if (this.trip.phase !== 'headers' || !this.trip.isReused) return;
    beginHedge(host.reuse);
    this.#rival = this.#freshTrip();
    this.#rival.start();
  }

  #stopProbing(): void {
    if (!this.#isProbing) return;
    this.#isProbing = false;
    endProbe(this.#input.host.reuse);
  }

  /** One alarm for all deadlines: it is set anew only for an earlier one, and looks what is due when it rings. */
  #arm(): void {
    const wakeAt = Math.min(dueAt(this.trip, this.#input.deadlines), this.#hedgeAt);
    if (this.wakeAt <= wakeAt) return;
    this.wakeAt = wakeAt;
    this.#input.alarms.set(this);
  }

  wake(): void {
    this.wakeAt = never;
    const now = performance.now();
    if (now >= this.#hedgeAt - toleranceMs) this.#tryHedge(now);
    if (now >= dueAt(this.trip, this.#input.deadlines) - toleranceMs) this.#expire(now);
    else this.#arm();
  }

  #expire(now: number): void {
    const { trip } = this;
    if (trip.phase === 'body' && !trip.wantsBody) return trip.stopReading();
    const { deadlines } = this.#input;
    const reason = lateness(trip, deadlines, now);
    trip.abandon();
    if (now < deadlines.totalAt - toleranceMs && this.#promoteRival()) return;
    this.#finish(reason);
  }

  #finish(reason: Fault | undefined): void {
    this.#input.alarms.clear(this);
    this.#stopProbing();
    this.#dropRival();
    this.#input.onDone(this, reason);
  }
}
