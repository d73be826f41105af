// Where the body of one attempt goes that is too large for memory, how it is verified there, and how it is let go.
import type { BatchId } from '../shared/batch.ts';
import type { BodyDraft, BodyStore } from '../shared/body-store.ts';
import { measureBody, measureStream } from '../shared/content-coding.ts';
import type { DecodeLimits, Measured } from '../shared/content-coding.ts';
import type { StoredBody } from '../shared/result.ts';
import type { Drafts } from './http/carrier.ts';
import type { RoundTrip } from './http/round-trip.ts';

export type BodyKeeping = {
  readonly bodies: BodyStore;
  /** Bytes of a body that are kept in memory at most. */
  readonly memoryBytes: number;
};

export class BodyPlace implements Drafts {
  readonly #keeping: BodyKeeping;
  readonly #batch: BatchId;
  readonly #index: number;

  constructor(keeping: BodyKeeping, batch: BatchId, index: number) {
    this.#keeping = keeping;
    this.#batch = batch;
    this.#index = index;
  }

  get above(): number {
    return this.#keeping.memoryBytes;
  }

  open(): BodyDraft {
    return this.#keeping.bodies.draft(this.#batch, this.#index);
  }

  /** Rejects where what was stored cannot be read. */
  measure(ref: string, coding: string, limits: DecodeLimits): Promise<Measured> {
    return measureStream(this.#keeping.bodies.stream(this.#batch, ref), coding, limits);
  }

  /** Of a body that will not be in a result. */
  drop(ref: string): void {
    void this.#keeping.bodies.remove(this.#batch, ref).catch(ignore);
  }
}

/** How large the body of a round trip is under its content coding. Rejects where it was stored and cannot be read. */
export const measureIn = (
  place: BodyPlace | undefined,
  { body, bodyRef }: RoundTrip,
  coding: string,
  limits: DecodeLimits,
): Promise<Measured> =>
  place === undefined || bodyRef === undefined
    ? measureBody(body.bytes(), coding, limits)
    : place.measure(bodyRef, coding, limits);

/** Of a body that is whole, or was truncated. */
export type Whole = Extract<Measured, { readonly length: number }>;

export const toStoredBody = ({ body, bodyRef }: RoundTrip, { length, isTruncated }: Whole): StoredBody =>
  bodyRef === undefined
    ? { inline: body.bytes(), wireBytes: body.length, bytes: length, truncated: isTruncated }
    : { ref: bodyRef, wireBytes: body.length, bytes: length, truncated: isTruncated };

// It goes with its batch at the latest.
const ignore = (): void => undefined;
