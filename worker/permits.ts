// How many requests this worker has in flight: permits, handed out in the order they were asked for.

export type Permits = {
  /** Calls back with true when the caller may start a request, now or later; with false once the permits are closed. */
  acquire(admit: Admit): void;
  /** To be called once for each permit that was had. */
  release(): void;
  /** Resolves when fewer than `length` callers wait, so that more work can be taken on, or when closed. */
  lineShorterThan(length: number): Promise<void>;
  /** No request starts any more: everybody in line is refused now, everybody else when they ask. */
  close(): void;
};

// A callback, not a promise: this is asked for every URL.
type Admit = (isAdmitted: boolean) => void;
type Onlooker = { readonly length: number; readonly notify: () => void };

export const createPermits = (limit: number): Permits => {
  let line: Admit[] = [];
  let onlookers: Onlooker[] = [];
  let inFlight = 0;
  let isClosed = false;

  const notifyOnlookers = (): void => {
    const served = onlookers.filter(({ length }) => line.length < length);
    onlookers = onlookers.filter(({ length }) => line.length >= length);
    for (const { notify } of served) notify();
  };

  return {
    acquire(admit) {
      if (isClosed) return admit(false);
      if (inFlight >= limit) return void line.push(admit);
      inFlight++;
      admit(true);
    },
    release() {
      const admitNext = line.shift();
      if (admitNext === undefined) inFlight--;
      else admitNext(true);
      if (onlookers.length > 0) notifyOnlookers();
    },
    lineShorterThan(length) {
      if (line.length < length) return Promise.resolve();
      return new Promise((notify) => {
        onlookers.push({ length, notify });
      });
    },
    close() {
      isClosed = true;
      for (const admit of line) admit(false);
      line = [];
      notifyOnlookers();
    },
  };
};
