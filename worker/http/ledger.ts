// What one attempt's result says of how it was carried: times, hops, connection.
import type { ConnectionUse, Redirect } from '../../shared/result.ts';
import type { Exchange } from '../outcome.ts';
import type { Hop } from './hop.ts';

/** When an attempt began: epoch ms, and on the clock of performance.now(). */
export type Beginning = { readonly startedAt: number; readonly beganAt: number };

// A class: one per attempt on the hot path.
export class Ledger {
  finalUrl: string;
  readonly redirects: Redirect[] = [];
  wasSent = false;
  readonly #began: Beginning;
  #dnsMs = 0;
  #connectMs = 0;
  #tlsMs = 0;
  #ttfbMs = 0;
  #bodyMs = 0;
  #connection: ConnectionUse | undefined;

  constructor(url: string, began: Beginning) {
    this.finalUrl = url;
    this.#began = began;
  }

  /** Times of several hops add up; the connection is the last one's. `endedAt` is on the clock of performance.now(). */
  add(hop: Hop, endedAt: number): void {
    const { trip } = hop;
    const { dial } = trip.connection;
    this.wasSent ||= hop.wasSent;
    if (dial !== undefined && !trip.isReused) {
      this.#dnsMs += dial.dnsMs;
      this.#connectMs += dial.connectMs;
      this.#tlsMs += dial.tlsMs;
    }
    if (trip.headAt > 0) {
      this.#ttfbMs += trip.headAt - trip.sentAt;
      this.#bodyMs += endedAt - trip.headAt;
    }
    this.#connection = toConnectionUse(hop);
  }

  close(endedAt: number): Exchange {
    return {
      startedAt: this.#began.startedAt,
      timings: {
        dnsMs: tenth(this.#dnsMs),
        connectMs: tenth(this.#connectMs),
        tlsMs: tenth(this.#tlsMs),
        ttfbMs: tenth(this.#ttfbMs),
        bodyMs: tenth(this.#bodyMs),
        totalMs: tenth(endedAt - this.#began.beganAt),
      },
      finalUrl: this.finalUrl,
      redirects: this.redirects,
      connection: this.#connection,
    };
  }
}

// Whole literals: spreading one into the next cost 4 µs a request, of 60.
const toConnectionUse = ({ trip, policy, diagnosis }: Hop): ConnectionUse => {
  const reused = trip.isReused;
  const { dial, protocol } = trip.connection;
  const remoteAddress = dial?.remoteAddress;
  if (remoteAddress === undefined) return { reused, policy, ...(diagnosis !== undefined && { diagnosis }) };
  return diagnosis === undefined
    ? { reused, policy, remoteAddress, protocol }
    : { reused, policy, remoteAddress, protocol, diagnosis };
};

const tenth = (ms: number): number => Math.round(ms * 10) / 10;
