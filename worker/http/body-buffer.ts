// Gathers the chunks of one body into contiguous bytes.

const smallestBytes = 4096;
/** Room is made for at most so many times what has come, whatever a head says will. */
const trust = 16;
const empty: Buffer = Buffer.alloc(0);

/** Copies: a chunk may be written over once it is taken, and ten million chunks of one byte must not cost as many objects. */
export class BodyBuffer {
  length = 0;
  /** How long it will be, where its head says so. */
  expected = 0;
  #buffer = empty;

  append(chunk: Buffer): void {
    const needed = this.length + chunk.length;
    if (this.#buffer.length < needed) this.#grow(needed);
    chunk.copy(this.#buffer, this.length);
    this.length = needed;
  }

  bytes(): Uint8Array {
    return this.#buffer.length === this.length ? this.#buffer : this.#buffer.subarray(0, this.length);
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafe(this.#roomFor(needed));
    this.#buffer.copy(grown, 0, 0, this.length);
    this.#buffer = grown;
  }

  #roomFor(needed: number): number {
    if (this.expected >= needed) return Math.min(this.expected, needed * trust);
    return this.length === 0 ? needed : Math.max(needed, this.length * 2, smallestBytes);
  }
}
