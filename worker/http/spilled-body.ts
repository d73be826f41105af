// A body too large for memory, on its way into a draft of the body store: what of it is in memory at a time is bounded.
import type { BodyDraft } from '../../shared/body-store.ts';

/** Told when its spilled body is not full any more. */
export type SpillOwner = { onRoom(): void };

const roomBytes = 65_536;
const mostIdleRooms = 256;
/** Rooms that nobody fills or writes: making them anew for every body would leave a trail for the collector. */
const idleRooms: Buffer[] = [];

const takeRoom = (): Buffer => idleRooms.pop() ?? Buffer.allocUnsafeSlow(roomBytes);
const giveRoom = (room: Buffer): void => {
  if (idleRooms.length < mostIdleRooms) idleRooms.push(room);
};

/** Copies what it is given, so that chunks may be written over. */
export class SpilledBody {
  readonly #draft: BodyDraft;
  readonly #owner: SpillOwner;
  #room: Buffer | undefined;
  #filled = 0;
  #unwritten = 0;
  /** Resolves, never rejects, when all that was sent off is written, or will never be. */
  #written = Promise.resolve();
  #failure: Error | undefined;
  #isDiscarded = false;

  constructor(draft: BodyDraft, owner: SpillOwner) {
    this.#draft = draft;
    this.#owner = owner;
  }

  /** Whether what comes next should wait until the owner is told of room. */
  get isFull(): boolean {
    return this.#unwritten > 1;
  }

  append(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const room = (this.#room ??= takeRoom());
      const part = chunk.subarray(at, at + room.length - this.#filled);
      room.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === room.length) this.#sendOff(room);
    }
  }

  /** Resolves with the reference to the whole body once that is durable; rejects where it cannot be stored. */
  keep(): Promise<string> {
    if (this.#room !== undefined) this.#sendOff(this.#room);
    const kept = this.#written.then(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return this.#draft.keep();
    });
    this.#written = kept.then(ignore, ignore);
    return kept;
  }

  /** Leaves nothing of it in the store; to be called once. */
  discard(): void {
    this.#isDiscarded = true;
    if (this.#room !== undefined) giveRoom(this.#room);
    this.#room = undefined;
    void this.#written.then(() => this.#draft.discard());
  }

  #sendOff(room: Buffer): void {
    const part = room.subarray(0, this.#filled);
    this.#room = undefined;
    this.#filled = 0;
    this.#unwritten += 1;
    this.#written = this.#written.then(() => this.#write(part)).then(() => this.#freeRoom(room));
  }

  async #write(part: Uint8Array): Promise<void> {
    if (this.#isDiscarded || this.#failure !== undefined) return;
    try {
      await this.#draft.write(part);
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  #freeRoom(room: Buffer): void {
    giveRoom(room);
    this.#unwritten -= 1;
    if (!this.#isDiscarded && !this.isFull) this.#owner.onRoom();
  }
}

const ignore = (): void => undefined;
