// When a round trip is too late, and in what words. Pure.
import type { Failure } from '../../shared/failure.ts';
import { toleranceMs } from './alarms.ts';
import { fault } from './failure-of.ts';
import type { Fault } from './failure-of.ts';
import type { RoundTrip } from './round-trip.ts';

/** Limits of one exchange, in ms. */
export type Timeouts = {
  /** Resolve, connect and TLS together. */
  readonly connectTimeoutMs: number;
  /** From the request sent to the response head. */
  readonly headersTimeoutMs: number;
  /** Between two parts of a body. */
  readonly bodyTimeoutMs: number;
};

/** The limits of an exchange, and of the attempt it belongs to: `totalAt` is on the clock of performance.now(). */
export type Deadlines = Timeouts & {
  readonly totalAt: number;
  readonly totalTimeoutMs: number;
  /** Why the attempt is over at `totalAt`, where that is not its own timeout. */
  readonly totalFailure?: Failure | undefined;
};

/** What of a round trip its deadlines hang on. */
export type Timed = Pick<
  RoundTrip,
  'phase' | 'startedAt' | 'sentAt' | 'headAt' | 'heardAt' | 'isHeld' | 'heldMs' | 'wantsBody' | 'isResolving'
>;

/** How long the unwanted body of a redirect is read, so that its connection can be kept. */
const discardMs = 300;
/** When the step that a round trip is at must be over, on the clock of performance.now(). */
export const dueAt = (trip: Timed, deadlines: Deadlines): number =>
  waitsForStore(trip) ? never : Math.min(stepDueAt(trip, deadlines), totalDueAt(trip, deadlines));

/** The host cannot help it that its body waits until what came of it is stored. */
const waitsForStore = ({ isHeld, phase }: Timed): boolean => isHeld || phase === 'storing';
const totalDueAt = ({ heldMs }: Timed, { totalAt }: Deadlines): number => totalAt + heldMs;
const never = Number.POSITIVE_INFINITY;

const stepDueAt = (trip: Timed, deadlines: Deadlines): number => {
  if (trip.phase === 'connect') return trip.startedAt + deadlines.connectTimeoutMs;
  if (trip.phase === 'headers') return trip.sentAt + deadlines.headersTimeoutMs;
  return trip.wantsBody ? trip.heardAt + deadlines.bodyTimeoutMs : trip.headAt + discardMs;
};

/** Which deadline passed. */
export const lateness = (trip: Timed, deadlines: Deadlines, now: number): Fault => {
  if (now >= totalDueAt(trip, deadlines) - toleranceMs) {
    const { totalTimeoutMs, totalFailure } = deadlines;
    return fault('timed_out', totalFailure?.message ?? `the attempt took longer than ${totalTimeoutMs} ms`);
  }
  if (trip.phase === 'connect') {
    const what = trip.isResolving() ? 'the name was not resolved' : 'no connection was made';
    return fault('timed_out', `${what} within ${deadlines.connectTimeoutMs} ms`);
  }
  return trip.phase === 'headers'
    ? fault('timed_out', `no response began within ${deadlines.headersTimeoutMs} ms of the request`)
    : fault('timed_out', `no more of the body came for ${deadlines.bodyTimeoutMs} ms`);
};
