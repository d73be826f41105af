// Whether a host's connections may be used again, learned from what happens when they are. Pure: time is handed in.
//
//              a reused connection answers            stalls or is dropped too often
//     trial ─────────────────────────────▶ reuse ──────────────────────────────▶ trial
//       │ ▲                                  │ strikes twice within `memoryMs`
//       │ └───────── `freshMs` pass ─────────┼──────────────┐
//       └── a probe stalls or is dropped ────┴─▶ fresh ─────┘

/** For how long a connection is kept idle at most. */
export const longestIdleMs = 15_000;
/** Few hosts close one so soon (many do after 5 s): the bound for requests that may not be sent twice, or are not watched. */
const sureIdleMs = 4000;
/** Of the time after which one was seen to be given up. */
const idleShare = 0.8;

/** What is known of one host. Changed only by the functions below. */
export type ReuseRecord = {
  mode: 'trial' | 'reuse' | 'fresh';
  /** Requests on reused connections in flight on trial. */
  probes: number;
  /** Rivals of a silent reused connection in flight. */
  hedges: number;
  /** Reused connections lost in a row. */
  drops: number;
  strikes: number;
  struckAtMs: number;
  freshUntilMs: number;
  /** For how long a connection may have been idle that carries a request which is watched. */
  idleMs: number;
  /** A maximum of the times to the first byte that slowly forgets. 0 until something answered. */
  slowMs: number;
  diagnosis: string | undefined;
};

export const newReuseRecord = (): ReuseRecord => ({
  mode: 'trial',
  probes: 0,
  hedges: 0,
  drops: 0,
  strikes: 0,
  struckAtMs: Number.NEGATIVE_INFINITY,
  freshUntilMs: Number.NEGATIVE_INFINITY,
  idleMs: longestIdleMs,
  slowMs: 0,
  diagnosis: undefined,
});

/** How the next request should travel. `isProbe` must be handed back with `endProbe`. */
export type ReuseAdvice = {
  readonly mayReuse: boolean;
  readonly keepAlive: boolean;
  readonly isProbe: boolean;
  /** Silence after which a reused connection gets a fresh rival. */
  readonly hedgeAfterMs: number;
  /** For how long a connection that it reuses may have been idle. */
  readonly maxIdleMs: number;
};

const never = Number.POSITIVE_INFINITY;
const freshOnly: ReuseAdvice = {
  mayReuse: false,
  keepAlive: false,
  isProbe: false,
  hedgeAfterMs: never,
  maxIdleMs: 0,
};
const keepFresh: ReuseAdvice = { ...freshOnly, keepAlive: true };
const reuseUnwatched: ReuseAdvice = { ...keepFresh, mayReuse: true, maxIdleMs: sureIdleMs };

/** What the user asked for outright. */
export const adviceFor = { fresh: freshOnly, reuse: reuseUnwatched } as const;

const firstFreshMs = 60_000;
const longestFreshMs = 3_600_000;
const memoryMs = 600_000;
const dropsForgiven = 2;
const probe = { factor: 2, floorMs: 50, longestMs: 10_000 } as const;
const watch = { factor: 4, floorMs: 1000 } as const;
const maxHedges = 1;

/** Advice for one request. Only safe methods probe or are hedged: both may put the request on the wire twice. */
export const advise = (record: ReuseRecord, isSafe: boolean, nowMs: number): ReuseAdvice => {
  if (record.mode === 'fresh' && nowMs >= record.freshUntilMs) record.mode = 'trial';
  if (record.mode === 'fresh') return freshOnly;
  if (record.mode === 'reuse') {
    if (!isSafe) return reuseUnwatched;
    const hedgeAfterMs = Math.max(watch.floorMs, record.slowMs * watch.factor);
    return { mayReuse: true, keepAlive: true, isProbe: false, hedgeAfterMs, maxIdleMs: record.idleMs };
  }
  if (!isSafe || record.probes > 0 || record.slowMs === 0) return keepFresh;
  const hedgeAfterMs = Math.min(record.slowMs * probe.factor + probe.floorMs, probe.longestMs);
  return { mayReuse: true, keepAlive: true, isProbe: true, hedgeAfterMs, maxIdleMs: record.idleMs };
};

export const beginProbe = (record: ReuseRecord): void => {
  record.probes += 1;
};

export const endProbe = (record: ReuseRecord): void => {
  record.probes -= 1;
};

/** Whether a silent reused connection may get its rival now: while reuse is trusted, one at a time, so that a slow host is not asked twice over. */
export const mayHedge = (record: ReuseRecord): boolean =>
  record.mode !== 'reuse' || record.hedges < maxHedges;

export const beginHedge = (record: ReuseRecord): void => {
  record.hedges += 1;
};

export const endHedge = (record: ReuseRecord): void => {
  record.hedges -= 1;
};

/** A response began, `ttfbMs` after its request was sent. */
export const noteAnswer = (record: ReuseRecord, isReused: boolean, ttfbMs: number): void => {
  record.slowMs = ttfbMs > record.slowMs ? ttfbMs : record.slowMs + (ttfbMs - record.slowMs) * 0.02;
  if (!isReused) return;
  record.drops = 0;
  if (record.mode !== 'trial') return;
  record.mode = 'reuse';
  record.diagnosis = undefined;
};

/** A reused connection, idle for `idleMs` before, kept silent for `silentMs` and a fresh one answered. */
export const noteStall = (record: ReuseRecord, silentMs: number, idleMs: number, nowMs: number): void => {
  noteIdleClose(record, idleMs);
  record.diagnosis = `a reused connection gave no answer within ${Math.round(silentMs)} ms, a fresh one did`;
  strike(record, nowMs);
};

/** The host, or something on the way to it, gave up a connection that had been idle for `idleMs`. */
export const noteIdleClose = (record: ReuseRecord, idleMs: number): void => {
  if (idleMs <= sureIdleMs) return;
  record.idleMs = Math.max(sureIdleMs, Math.min(record.idleMs, idleMs * idleShare));
};

/**
 * A reused connection, idle for `idleMs` before, ended or broke before it answered: often only the host's own idle timeout,
 * so a few are forgiven, and all that were idle for long.
 */
export const noteDrop = (record: ReuseRecord, idleMs: number, nowMs: number): void => {
  if (idleMs > sureIdleMs) return noteIdleClose(record, idleMs);
  record.drops += 1;
  if (record.mode === 'reuse' && record.drops <= dropsForgiven) return;
  record.diagnosis = 'reused connections were closed by the host instead of answered';
  strike(record, nowMs);
};

/** A connection carried bytes that no request had asked for: whatever it says next belongs to nobody. */
export const noteUnaskedBytes = (record: ReuseRecord, nowMs: number): void => {
  record.diagnosis = 'the host sent more than it was asked for on a kept connection';
  record.mode = 'trial';
  strike(record, nowMs);
};

const strike = (record: ReuseRecord, nowMs: number): void => {
  record.drops = 0;
  const isRemembered = nowMs < Math.max(record.struckAtMs, record.freshUntilMs) + memoryMs;
  record.strikes = isRemembered ? record.strikes + 1 : 1;
  record.struckAtMs = nowMs;
  if (record.mode === 'reuse' && record.strikes < 2) {
    record.mode = 'trial';
    return;
  }
  if (record.mode === 'fresh') return;
  record.mode = 'fresh';
  record.freshUntilMs = nowMs + Math.min(firstFreshMs * 2 ** (record.strikes - 1), longestFreshMs);
};
