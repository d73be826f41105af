// One clock for all processes of a machine: what the target saw and what the benchmark did can be compared.

// process.hrtime() is the machine's monotonic clock, and performance.now() the same from another beginning, but cheaper.
const [seconds, nanoseconds] = process.hrtime();
const beginning = seconds * 1000 + nanoseconds / 1e6 - performance.now();

/** Milliseconds since some moment that all processes of this machine share. */
export const sharedNowMs = (): number => beginning + performance.now();
