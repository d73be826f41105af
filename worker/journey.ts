// One request on its way from its slice to its result, with the attempts made so far.
import type { BatchId } from '../shared/batch.ts';
import { hostOf } from '../shared/origin.ts';
import type { SliceRequest } from '../shared/request.ts';
import type { AttemptEntry } from '../shared/result.ts';
import type { History } from '../shared/slice-store.ts';
import type { Admission, Lane, Ticket } from './hosts/line.ts';
import type { ResolvedRequest } from './outcome.ts';

/** What the requests of a slice have in common, and who hears what becomes of them in line. */
export type Company = {
  readonly batch: BatchId;
  readonly weight: number;
  resolve(written: SliceRequest): ResolvedRequest;
  hear(journey: Journey, admission: Admission): void;
};

// A class, and small: hundreds stand in line at a time, and the collector copies all that does.
export class Journey implements Ticket {
  readonly batch: BatchId;
  readonly weight: number;
  readonly host: string;
  readonly written: SliceRequest;
  attempts: readonly AttemptEntry[];
  /** Epoch ms. */
  notBefore: number;
  lane: Lane | undefined = undefined;
  next: Ticket | undefined = undefined;
  readonly #company: Company;
  #request: ResolvedRequest | undefined = undefined;

  constructor(company: Company, written: SliceRequest, history: History | undefined) {
    this.#company = company;
    this.batch = company.batch;
    this.weight = company.weight;
    this.host = hostOf(written);
    this.written = written;
    this.attempts = history?.attempts ?? none;
    this.notBefore = history?.notBefore ?? 0;
  }

  /** Made when it is first asked for, so that what stands in line is small. */
  get request(): ResolvedRequest {
    return (this.#request ??= this.#company.resolve(this.written));
  }

  admit(admission: Admission): void {
    this.#company.hear(this, admission);
  }
}

const none: readonly AttemptEntry[] = [];
