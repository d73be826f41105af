// What is kept of the body of a response, and where: in memory while that is little, else in a draft of the body store.
import { BodyBuffer } from './body-buffer.ts';
import type { Question } from './carrier.ts';
import { fault } from './failure-of.ts';
import type { Fault } from './failure-of.ts';
import { SpilledBody } from './spilled-body.ts';
import type { SpillOwner } from './spilled-body.ts';

export type IntakeOptions = Pick<Question, 'maxBodyBytes' | 'truncates' | 'drafts'>;

// A class because every request allocates one.
export class BodyIntake {
  /** Bytes kept so far. */
  length = 0;
  /** Bytes that came. */
  received = 0;
  /** Whether there was more of the body than may be kept, and the rest is not wanted. */
  isTruncated = false;
  readonly #options: IntakeOptions;
  readonly #owner: SpillOwner;
  readonly #memory = new BodyBuffer();
  #spilled: SpilledBody | undefined;
  #declared = 0;

  /** `owner` is told when it is not full any more. */
  constructor(options: IntakeOptions, owner: SpillOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** Whether what comes next should wait until what came is stored. */
  get isFull(): boolean {
    return this.#spilled?.isFull ?? false;
  }

  /** Whether it is to be asked for by `keep`, and not by `bytes`. */
  get isSpilled(): boolean {
    return this.#spilled !== undefined;
  }

  /** Told how long the body will be. */
  expect(bytes: number): Fault | undefined {
    const { maxBodyBytes } = this.#options;
    this.#declared = bytes;
    const tooLarge = this.#judge(bytes, `${bytes} bytes`);
    if (tooLarge === undefined) this.#expectKept(Math.min(bytes, maxBodyBytes));
    return tooLarge;
  }

  /** Copies: the chunk may be written over. */
  append(chunk: Buffer): Fault | undefined {
    const { maxBodyBytes, truncates } = this.#options;
    this.received += chunk.length;
    const room = maxBodyBytes - this.length;
    if (chunk.length <= room) this.#keep(chunk);
    else if (truncates) this.#keep(chunk.subarray(0, room));
    return this.#judge(Math.max(this.received, this.#declared), `more than ${maxBodyBytes} bytes`);
  }

  /** All of it, where it was not spilled. */
  bytes(): Uint8Array {
    return this.#memory.bytes();
  }

  /** Resolves with the reference to what was spilled once it is durable; rejects where it cannot be stored. */
  keep(): Promise<string> {
    if (this.#spilled === undefined) throw new Error('the body is in memory');
    return this.#spilled.keep();
  }

  /** Leaves nothing of it in the store; to be called once. */
  discard(): void {
    this.#spilled?.discard();
  }

  #judge(bytes: number, inWords: string): Fault | undefined {
    const { maxBodyBytes, truncates } = this.#options;
    if (bytes <= maxBodyBytes) return undefined;
    if (!truncates)
      return fault('body_too_large', `the body has ${inWords}; at most ${maxBodyBytes} are allowed`);
    this.isTruncated = this.length >= maxBodyBytes;
    return undefined;
  }

  #expectKept(bytes: number): void {
    const { drafts } = this.#options;
    if (drafts !== undefined && bytes > drafts.above)
      this.#spilled = new SpilledBody(drafts.open(), this.#owner);
    else this.#memory.expected = bytes;
  }

  #keep(chunk: Buffer): void {
    this.length += chunk.length;
    if (this.#spilled !== undefined) return this.#spilled.append(chunk);
    this.#memory.append(chunk);
    const { drafts } = this.#options;
    if (drafts === undefined || this.length <= drafts.above) return;
    this.#spilled = new SpilledBody(drafts.open(), this.#owner);
    this.#spilled.append(this.#memory.bytes());
  }
}
