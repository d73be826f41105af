// Preloaded into a process under trial: makes its wall clock jump, again and again, as the seed in this file's URL says.
import { createRandom } from './random.ts';

const random = createRandom(Number(new URL(import.meta.url).searchParams.get('seed')));
const hourMs = 3_600_000;
const clock = { now: Date.now, offsetMs: Math.round(hourMs * random.between(-8, 8)) };

class JumpingDate extends Date {
  constructor(...parts: readonly unknown[]) {
    super(...((parts.length === 0 ? [JumpingDate.now()] : parts) as [number]));
  }
  static override now(): number {
    return clock.now() + clock.offsetMs;
  }
}
// oxlint-disable-next-line no-global-assign -- that is what it is for; the monotonic clock and timers stay as they are
globalThis.Date = JumpingDate as DateConstructor;

const jumpSoon = (): void => void setTimeout(jump, random.between(1000, 4000)).unref();

/** Back, mostly: what was to come in a moment by the clock of before is far off then. */
const jump = (): void => {
  clock.offsetMs += Math.round(hourMs * random.pick([-1, -1, -1, -1, 3]) * random.between(0.2, 1));
  jumpSoon();
};
jumpSoon();
