import { expect, test } from '@jest/globals';
import { followSignals } from '../../worker/slice-signals.ts';

test('says what was said, before it is asked and after', () => {
  const [interrupt, abandon] = [new AbortController(), new AbortController()];
  let interrupts = 0;
  const follow = (): ReturnType<typeof followSignals> =>
    followSignals({ interrupt: interrupt.signal, abandon: abandon.signal }, () => (interrupts += 1));
  const said = follow();
  expect(said).toEqual({ isInterrupted: false, isAbandoned: false });
  interrupt.abort();
  expect(said).toEqual({ isInterrupted: true, isAbandoned: false });
  abandon.abort();
  expect(said).toEqual({ isInterrupted: true, isAbandoned: true });
  expect(follow()).toEqual(said);
  expect(interrupts).toBe(2);
});
