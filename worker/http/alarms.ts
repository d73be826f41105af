// Wakes many, each at a time of its own, with one timer: every hop has deadlines, and hardly any is ever reached.

/** Something to be woken. `place` is ours, and -1 at first. */
export type Sleeper = {
  /** On the clock of performance.now(). */
  readonly wakeAt: number;
  place: number;
  wake(): void;
};

export type Alarms = {
  /** `wake` is called once when `wakeAt` has come, unless cleared before. To be called anew when that is moved forward. */
  set(sleeper: Sleeper): void;
  clear(sleeper: Sleeper): void;
};

/** Timers fire up to a millisecond early. */
export const toleranceMs = 1;

export const createAlarms = (): Alarms => {
  const sleepers: Sleeper[] = [];
  let timer: NodeJS.Timeout | undefined;
  let ringsAt = Infinity;

  const remove = (sleeper: Sleeper): void => {
    const last = sleepers.pop();
    if (last !== undefined && last !== sleeper) {
      last.place = sleeper.place;
      sleepers[last.place] = last;
    }
    sleeper.place = -1;
  };
  const ringAt = (at: number): void => {
    clearTimeout(timer);
    ringsAt = at;
    timer = at === Infinity ? undefined : setTimeout(ring, Math.max(0, Math.ceil(at - performance.now())));
  };
  const ring = (): void => {
    const now = performance.now();
    const due: Sleeper[] = [];
    let nextAt = Infinity;
    for (const sleeper of sleepers) {
      if (sleeper.wakeAt - toleranceMs <= now) due.push(sleeper);
      else nextAt = Math.min(nextAt, sleeper.wakeAt);
    }
    ringAt(nextAt);
    due.sort((a, b) => a.wakeAt - b.wakeAt);
    for (const sleeper of due) {
      if (sleeper.place === -1) continue; // cleared by one that was woken before it
      remove(sleeper);
      sleeper.wake();
    }
  };

  return {
    set(sleeper) {
      if (sleeper.place === -1) sleeper.place = sleepers.push(sleeper) - 1;
      if (sleeper.wakeAt < ringsAt) ringAt(sleeper.wakeAt);
    },
    clear(sleeper) {
      if (sleeper.place === -1) return;
      remove(sleeper);
      if (sleepers.length === 0) ringAt(Infinity);
    },
  };
};
