// Requests of this worker that wait to start: by batch and by host, so that each batch gets its part and no host holds up another.
import type { BatchId } from '../../shared/batch.ts';
import type { Hindrance, Pool, Waiting } from './pool.ts';
import { TicketQueue } from './ticket-queue.ts';

/** What a request in line hears: it may start, nothing starts here any more, or what its host has against it. */
export type Admission = { readonly is: 'go' } | { readonly is: 'closed' } | Hindrance;

/** A request on its way to a permit. Kept by its holder, who gives the permit back with it. */
export type Ticket = {
  readonly batch: BatchId;
  /** How much of the worker its batch gets against others; 1 for most. */
  readonly weight: number;
  /** Where it stands, from the time it is in line. */
  lane?: Lane | undefined;
  /** Who stands behind it. */
  next?: Ticket | undefined;
  // A call, not a promise: this is asked for every URL.
  admit(admission: Admission): void;
};

/** The line of one batch for one host. All its pools must let a request start. */
export class Lane implements Waiting {
  readonly batch: BatchLine;
  readonly host: string;
  readonly pools: readonly Pool[];
  readonly tickets = new TicketQueue<Ticket>();
  isReady = false;

  constructor(batch: BatchLine, host: string, pools: readonly Pool[]) {
    this.batch = batch;
    this.host = host;
    this.pools = pools;
  }

  canStart(now: number): boolean {
    for (const pool of this.pools) if (!pool.canStart(now)) return false;
    return true;
  }

  /** A pool may have room again. */
  wake(): void {
    if (this.isReady || this.tickets.length === 0) return;
    this.isReady = true;
    this.batch.ready.push(this);
    this.batch.line.joined(this);
  }

  sendAway(why: Hindrance): void {
    for (const ticket of this.batch.line.removeFrom(this)) ticket.admit(why);
  }
}

/** All lanes of one batch, and in turn those that may have a request to start. */
class BatchLine {
  readonly line: Line;
  readonly id: BatchId;
  readonly lanes = new Map<string, Lane>();
  readonly ready: Lane[] = [];
  /** Requests started, each by its weight. */
  served: number;

  constructor(line: Line, id: BatchId, served: number) {
    this.line = line;
    this.id = id;
    this.served = served;
  }
}

export class Line {
  readonly #batches = new Map<BatchId, BatchLine>();
  #ready: BatchLine[] = [];
  /** What the batch served last had: where a batch that joins begins. */
  #clock = 0;
  #length = 0;
  #startable = 0;

  /** Requests in line. */
  get length(): number {
    return this.#length;
  }

  /** Those that wait for this worker, not for their host. */
  get startable(): number {
    return this.#startable;
  }

  /** Puts the ticket in line; `poolsOf` is asked where it is the first of its batch for the host. */
  add(ticket: Ticket, host: string, poolsOf: () => readonly Pool[]): Lane {
    const batch = this.#batchOf(ticket.batch);
    const lane = batch.lanes.get(host) ?? openLane(batch, host, poolsOf());
    ticket.lane = lane;
    lane.tickets.push(ticket);
    this.#length += 1;
    for (const pool of lane.pools) pool.waiting += 1;
    if (lane.isReady) this.#startable += 1;
    else lane.wake();
    return lane;
  }

  /** Undefined where no request of the batch waits for the host. */
  laneOf(batch: BatchId, host: string): Lane | undefined {
    return this.#batches.get(batch)?.lanes.get(host);
  }

  /** The ticket to start next, its permits taken; undefined where no host lets one start. */
  next(now: number): Ticket | undefined {
    for (;;) {
      const batch = this.#leastServed();
      const lane = batch?.ready.shift();
      if (batch === undefined || lane === undefined) return undefined;
      const ticket = lane.canStart(now) ? this.#start(batch, lane, now) : undefined;
      if (ticket !== undefined && lane.tickets.length > 0) batch.ready.push(lane);
      else this.#setAside(lane); // nobody is left, or its host lets nobody start
      if (batch.ready.length === 0) this.#ready = this.#ready.filter((other) => other !== batch);
      if (ticket !== undefined) return ticket;
    }
  }

  /** Takes out every ticket that `matches`. */
  remove(matches: (ticket: Ticket) => boolean): Ticket[] {
    const lanes = [...this.#batches.values()].flatMap((batch) => [...batch.lanes.values()]);
    return lanes.flatMap((lane) => this.removeFrom(lane, matches));
  }

  removeFrom(lane: Lane, matches: (ticket: Ticket) => boolean = () => true): Ticket[] {
    const removed = lane.tickets.remove(matches);
    this.#length -= removed.length;
    if (lane.isReady) this.#startable -= removed.length;
    for (const pool of lane.pools) pool.waiting -= removed.length;
    if (lane.tickets.length === 0) close(this.#batches, lane);
    return removed;
  }

  #start(batch: BatchLine, lane: Lane, now: number): Ticket | undefined {
    const ticket = lane.tickets.shift();
    if (ticket === undefined) return undefined;
    this.#length -= 1;
    this.#startable -= 1;
    for (const pool of lane.pools) pool.take(now);
    this.#clock = batch.served;
    batch.served += 1 / ticket.weight;
    return ticket;
  }

  /** Until one of its pools wakes it. */
  #setAside(lane: Lane): void {
    lane.isReady = false;
    this.#startable -= lane.tickets.length;
    if (lane.tickets.length === 0) close(this.#batches, lane);
  }

  #leastServed(): BatchLine | undefined {
    let least = this.#ready[0];
    for (const batch of this.#ready) if (least === undefined || batch.served < least.served) least = batch;
    return least;
  }

  #batchOf(id: BatchId): BatchLine {
    const known = this.#batches.get(id);
    if (known !== undefined) return known;
    const batch = new BatchLine(this, id, this.#clock);
    this.#batches.set(id, batch);
    return batch;
  }

  /** To be called by a lane that became ready. */
  joined({ batch, tickets }: Lane): void {
    this.#startable += tickets.length;
    if (batch.ready.length === 1) this.#ready.push(batch);
  }
}

const openLane = (batch: BatchLine, host: string, pools: readonly Pool[]): Lane => {
  const lane = new Lane(batch, host, pools);
  batch.lanes.set(host, lane);
  for (const pool of pools) pool.lanes.add(lane);
  return lane;
};

/** Nobody stands there any more. */
const close = (batches: Map<BatchId, BatchLine>, { batch, host, pools }: Lane): void => {
  const lane = batch.lanes.get(host);
  if (lane === undefined || lane.tickets.length > 0) return;
  for (const pool of pools) pool.lanes.delete(lane);
  batch.lanes.delete(host);
  if (batch.lanes.size === 0) batches.delete(batch.id);
};
