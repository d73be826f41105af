// Who may start a request now: as many as this worker carries, as many as each host allows over all workers, each batch in its turn.
import type { HostLimits } from '../shared/host-limits.ts';
import { Line, type Admission, type Ticket } from './hosts/line.ts';
import type { Pool } from './hosts/pool.ts';
import { tickMs, type Pools } from './hosts/pools.ts';

export type Permits = {
  /** Calls `ticket.admit`, now or later, once. `perHost` is what its batch allows itself. */
  acquire(ticket: Ticket, host: string, perHost?: HostLimits): void;
  /** Lets those that `acquire` go once all of them stand in line, not one by one. */
  together(acquire: () => void): void;
  /** To be called once for each ticket that was let go. */
  release(ticket: Ticket): void;
  /**
   * Where so many requests of this batch wait for the host that more of them had better wait on the queue: what they all
   * wait for, by which they can be called back.
   */
  crowdAt(batch: Ticket['batch'], host: string): string | undefined;
  /** Resolves when fewer than `length` requests wait for this worker, so that more work can be taken on, or when closed. */
  lineShorterThan(length: number): Promise<void>;
  /** Refuses those in line that `matches`. */
  refuse(matches: (ticket: Ticket) => boolean): void;
  /** No request starts any more: everybody in line is refused now, everybody else when they ask. */
  close(): void;
};

export type PermitsDeps = {
  /** Requests in flight here at most. */
  readonly limit: number;
  readonly pools: Pools;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Called when there is room for a slice that was parked for this name, as `crowdAt` gave it. */
  readonly onRoom: (name: string) => void;
};

/** Requests of one batch that may wait here for a busy host, beyond twice what it takes at once. */
const leastCrowd = 64;
/** Parked slices are called back while so few requests wait for their host. */
const fewWaiting = 32;
/** Requests held here at most, whatever they wait for: some 25 MB. */
const mostHeld = 50_000;

/** An earlier moment may come up while the alarm is set for a later one. */
const longestAlarmMs = 10;

type Onlooker = { readonly length: number; readonly notify: () => void };

const go: Admission = { is: 'go' };
const closed: Admission = { is: 'closed' };

export const createPermits = ({ limit, pools, now, onRoom }: PermitsDeps): Permits => {
  const line = new Line();
  let onlookers: Onlooker[] = [];
  let inFlight = 0;
  let isClosed = false;
  let isStarting = false;
  let alarm: NodeJS.Timeout | undefined;

  const isShorterThan = (length: number): boolean =>
    isClosed || (line.startable < length && line.length < mostHeld);
  const isServed = ({ length }: Onlooker): boolean => isShorterThan(length);
  const notifyOnlookers = (): void => {
    if (!onlookers.some(isServed)) return; // asked for each request, and mostly so
    const served = onlookers.filter(isServed);
    onlookers = onlookers.filter((onlooker) => !served.includes(onlooker));
    for (const { notify } of served) notify();
  };

  const startWhileRoom = (at: number): void => {
    while (inFlight < limit) {
      const ticket = line.next(at);
      if (ticket === undefined) return;
      inFlight += 1;
      ticket.admit(go);
    }
  };
  const startAll = (at?: number): void => {
    if (isStarting) return; // others join the line still, or one that was let go has ended at once: who is at it goes on
    isStarting = true;
    try {
      startWhileRoom(at ?? now());
    } finally {
      isStarting = false;
    }
    notifyOnlookers();
    setAlarm();
  };

  /** For the next moment at which a host lets something start by the clock alone. */
  const setAlarm = (): void => {
    if (alarm !== undefined || isClosed) return;
    const at = pools.nextStart();
    if (at === Infinity) return;
    const delayMs = Math.min(Math.max(1, at - now()), longestAlarmMs);
    alarm = setTimeout(() => {
      alarm = undefined;
      pools.wakeDue();
      startAll();
    }, delayMs);
  };

  /** Sends away who waits for a host that lets nothing start, and calls back who may come. */
  const look = (some: Iterable<Pool>): void => {
    for (const pool of some) {
      const why = pool.waiting > 0 ? pool.hindrance(now()) : undefined;
      if (why !== undefined) pool.sendAway(why);
      if (pool.hasRoomFor(fewWaiting)) onRoom(pool.name);
      pool.wake();
    }
    startAll();
  };

  pools.onHeard = look;
  const timer = setInterval(() => {
    pools.tick();
    look(pools.all());
  }, tickMs).unref();

  return {
    acquire(ticket, host, perHost) {
      if (isClosed) return ticket.admit(closed);
      const lane = line.add(ticket, host, () => pools.of(host, ticket.batch, perHost));
      for (const pool of lane.pools) if (pool.lacks()) pools.want(pool);
      startAll();
    },
    together(acquire) {
      const wasStarting = isStarting;
      isStarting = true;
      try {
        acquire();
      } finally {
        isStarting = wasStarting;
      }
      startAll();
    },
    release({ lane }) {
      const at = now();
      inFlight -= 1;
      for (const pool of lane?.pools ?? []) {
        pool.giveBack(at);
        if (pool.hasTooMany()) pools.want(pool);
        pool.wake();
      }
      startAll(at);
    },
    crowdAt(batch, host) {
      const lane = line.laneOf(batch, host);
      const at = now();
      const full = lane?.pools.find((pool) => !pool.canStart(at));
      if (lane === undefined || full === undefined) return undefined;
      return lane.tickets.length >= Math.max(leastCrowd, 2 * full.may) ? full.name : undefined;
    },
    lineShorterThan(length) {
      if (isShorterThan(length)) return Promise.resolve();
      return new Promise((notify) => {
        onlookers.push({ length, notify });
      });
    },
    refuse(matches) {
      for (const ticket of line.remove(matches)) ticket.admit(closed);
      startAll();
    },
    close() {
      isClosed = true;
      clearInterval(timer);
      clearTimeout(alarm);
      for (const ticket of line.remove(() => true)) ticket.admit(closed);
      notifyOnlookers();
    },
  };
};
