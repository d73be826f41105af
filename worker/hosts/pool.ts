// What one host allows this worker right now: permits, a rate, a wait it asked for. Knows no Redis and no batches.
import { failure, type Failure, type FailureCode } from '../../shared/failure.ts';
import type { HostReport, PermitAsk, PermitGrant, PermitLimits } from '../../shared/permit-store.ts';

/** Why requests had better not stand in line: they are to come back at a time (ms from now), or their attempts have failed unsent. */
export type Hindrance =
  | { readonly is: 'later'; readonly inMs: number }
  | { readonly is: 'refused'; readonly failure: Failure };

/** Requests in line for this pool, to be told when it may let one start, and when they are in vain. */
export type Waiting = { wake(): void; sendAway(why: Hindrance): void };

/** Redis has not answered for so long: others may have been given what this worker had. */
const answerMs = 1000;
/** How long requests stand here for a host that has no permit for this worker, before they wait on the queue. */
const patienceMs = 250;
/** Those who know when they may start stand here as long as this; it costs nothing but memory, and they start on time. */
const longestStayMs = 5000;
const missedAfterMs = 40;
const firstLaterMs = 250;
const longestLaterMs = 5000;

// A class with public fields: it is asked and told for every request.
export class Pool {
  readonly name: string;
  readonly lanes = new Set<Waiting>();
  limits: PermitLimits;
  inFlight = 0;
  waiting = 0;
  /** How many may be in flight; 0 until Redis has said. */
  may = 0;
  /** What was heard last; undefined before the first answer. */
  grant: PermitGrant | undefined;
  /** Monotonic ms: of the answer, and of the end of a wait the host asked for. */
  heardAt = 0;
  blockedUntil = 0;
  isAsking = false;
  #askedAt = 0;
  /** How many were wanted then. */
  #asked = 0;
  /** Monotonic times at which a request may start, where the host has a rate. */
  starts: number[] = [];
  #idleSince: number;
  #laterMs = firstLaterMs;
  #successes = 0;
  #overloads = 0;
  #totalMs = 0;
  #leastMs = Infinity;
  #lastFailure: FailureCode | undefined;

  constructor(name: string, limits: PermitLimits, now: number) {
    this.name = name;
    this.limits = limits;
    this.#idleSince = now;
  }

  /** Whether one more may start at `now`, monotonic ms. */
  canStart(now: number): boolean {
    if (this.inFlight >= this.may || now < this.blockedUntil) return false;
    if (this.isAsking && now - this.#askedAt > answerMs) return false;
    return this.limits.intervalMs === 0 || this.#nextStart(now) <= now;
  }

  /** When this host lets something start by the clock alone, monotonic ms; Infinity where that is not what is waited for. */
  startsAt(now: number): number {
    if (this.waiting === 0 || this.inFlight >= this.may) return Infinity;
    const at =
      this.limits.intervalMs === 0 ? this.blockedUntil : Math.max(this.blockedUntil, this.#nextStart(now));
    return at > now ? at : Infinity;
  }

  /** A start that was missed is lost: two at once would be faster than the rate. */
  #nextStart(now: number): number {
    while ((this.starts[0] ?? now) < now - missedAfterMs) this.starts.shift();
    return this.starts[0] ?? Infinity;
  }

  /** One of those who waited starts. */
  take(now: number): void {
    this.waiting -= 1;
    this.inFlight += 1;
    this.#idleSince = now;
    this.#laterMs = firstLaterMs;
    if (this.limits.intervalMs > 0) this.starts.shift();
  }

  giveBack(now: number): void {
    this.inFlight -= 1;
    this.#idleSince = now;
  }

  /** What to ask for, of `most` that this worker can have in flight. What is not wanted may not start any more. */
  ask(most: number, now: number): Pick<PermitAsk, 'wanted' | 'kept'> {
    this.isAsking = true;
    this.#askedAt = now;
    const wanted = Math.max(this.inFlight, Math.min(this.inFlight + this.waiting, most));
    this.may = Math.max(this.inFlight, Math.min(this.may, wanted));
    this.#asked = wanted < this.inFlight + this.waiting ? Infinity : wanted; // beyond the most there is nothing to ask for
    return { wanted, kept: this.may };
  }

  hear(grant: PermitGrant, now: number): void {
    this.grant = grant;
    this.may = grant.may;
    this.heardAt = now;
    this.isAsking = false;
    this.blockedUntil = Math.max(this.blockedUntil, now + grant.blockedMs);
    for (let i = 0; i < grant.starts; i += 1)
      this.starts.push(now + grant.firstStartMs + i * this.limits.intervalMs);
  }

  sendAway(why: Hindrance): void {
    for (const lane of this.lanes) lane.sendAway(why);
  }

  blockFor(ms: number, now: number): void {
    this.blockedUntil = Math.max(this.blockedUntil, now + ms);
  }

  wake(): void {
    for (const lane of this.lanes) lane.wake();
  }

  succeeded(ms: number): void {
    this.#successes += 1;
    this.#totalMs += ms;
    if (ms < this.#leastMs) this.#leastMs = ms;
  }

  overloaded(reason: FailureCode): void {
    this.#overloads += 1;
    this.#lastFailure = reason;
  }

  get isIdle(): boolean {
    return this.inFlight === 0 && this.waiting === 0;
  }

  /** Whether more is wanted than was asked for last, and may be had. */
  lacks(): boolean {
    const { grant } = this;
    if (this.inFlight + this.waiting <= Math.max(this.may, this.#asked)) return false;
    return grant === undefined || (!grant.isShort && grant.counted < grant.limit);
  }

  /** Whether others wait for what is not used here. */
  hasTooMany(): boolean {
    if (this.isAsking || this.grant?.isShort !== true) return false;
    const needed = Math.min(this.may, this.inFlight + this.waiting);
    return this.inFlight < this.grant.counted && needed < this.grant.counted;
  }

  /** Whether a slice that was parked for this host would soon find work done here: few wait, and more may start. */
  hasRoomFor(few: number): boolean {
    const { grant } = this;
    if (grant === undefined || grant.parked === 0 || grant.breaker === 'open') return false;
    return this.waiting < Math.max(few, 2 * this.may) && this.heardAt >= this.blockedUntil;
  }

  /** Redis did not answer: what is in flight goes on, nothing starts. */
  goWithout(): void {
    this.isAsking = false;
    this.may = 0;
  }

  /** Anything to tell the others soon? */
  get isTroubled(): boolean {
    return this.#overloads > 0;
  }

  get hasReport(): boolean {
    return this.#overloads + this.#successes > 0;
  }

  takeReport(): HostReport {
    const meanMs = this.#successes === 0 ? 0 : this.#totalMs / this.#successes;
    const report = {
      successes: this.#successes,
      overloads: this.#overloads,
      meanMs,
      leastMs: this.#successes === 0 ? 0 : this.#leastMs,
      lastFailure: this.#lastFailure,
    };
    this.#successes = this.#overloads = this.#totalMs = 0;
    this.#leastMs = Infinity;
    this.#lastFailure = undefined;
    return report;
  }

  /** What is to become of those who wait; undefined where they had better go on waiting. */
  hindrance(now: number): Hindrance | undefined {
    const { grant } = this;
    if (grant === undefined || this.isAsking) return undefined;
    if (grant.breaker !== 'closed' && this.inFlight >= this.may) return this.#refuse(grant.lastFailure);
    if (this.blockedUntil - now > longestStayMs) return { is: 'later', inMs: this.blockedUntil - now };
    if (this.inFlight > 0) return undefined;
    const untilStartMs = this.#untilStart(now);
    if (untilStartMs > longestStayMs) return { is: 'later', inMs: untilStartMs };
    if (untilStartMs > 0 || this.blockedUntil > now) return undefined;
    if (this.may > 0 || now - this.#idleSince < patienceMs) return undefined;
    const inMs = this.#laterMs;
    this.#laterMs = Math.min(longestLaterMs, inMs * 2);
    return { is: 'later', inMs };
  }

  #untilStart(now: number): number {
    if (this.limits.intervalMs === 0 || this.grant === undefined) return 0;
    return (this.starts[0] ?? this.heardAt + this.grant.firstStartMs) - now;
  }

  #refuse(code: FailureCode = 'connect_failed'): Hindrance {
    return { is: 'refused', failure: failure(code, 'not sent: every recent attempt at this host failed') };
  }
}
