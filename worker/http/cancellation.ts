// Many attempts under one AbortSignal: EventTarget looks through all its listeners at each change, this does not.

/** Something to cancel; `slot` is ours, and 0 at first. */
export type Cancellable = { slot: number; cancel(): void };

export type Cancellations = {
  /** `target.cancel()` is called when the signal aborts, unless removed before. */
  add(signal: AbortSignal, target: Cancellable): void;
  remove(signal: AbortSignal, target: Cancellable): void;
};

export const createCancellations = (): Cancellations => {
  // Arrays and not Sets: the tables that a Set outgrows keep dead attempts alive for the scavenger (10 µs a request, of 60).
  const bySignal = new WeakMap<AbortSignal, Cancellable[]>();
  const watch = (signal: AbortSignal): Cancellable[] => {
    const targets: Cancellable[] = [];
    bySignal.set(signal, targets);
    signal.addEventListener('abort', () => targets.slice().forEach((target) => target.cancel()), {
      once: true,
    });
    return targets;
  };
  return {
    add: (signal, target) => {
      const targets = bySignal.get(signal) ?? watch(signal);
      target.slot = targets.push(target) - 1;
    },
    remove: (signal, target) => {
      const targets = bySignal.get(signal);
      if (targets === undefined || targets[target.slot] !== target) return;
      const last = targets.pop();
      if (last === undefined || last === target) return;
      last.slot = target.slot;
      targets[last.slot] = last;
    },
  };
};
