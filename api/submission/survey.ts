// Reads all of a submission and keeps nothing of it but what there is to say: how many, alike, not valid, and of which hosts.
import { originOf } from '../../shared/origin.ts';
import { createDuplicateCheck } from './duplicates.ts';
import type { Entry } from './entry.ts';
import type { Submission } from './submit.ts';

export type InvalidRequest = { readonly index: number; readonly url: string; readonly message: string };

export type Survey = {
  readonly requests: number;
  /** How many are like one before them. */
  readonly duplicates: number;
  readonly invalid: number;
  /** The first of them. */
  readonly firstInvalid: readonly InvalidRequest[];
  /** How many valid requests ask each host; duplicates only where they would be fetched. */
  readonly hosts: ReadonlyMap<string, number>;
  /** Those of further hosts, where there are too many to tell apart. */
  readonly ofOtherHosts: number;
};

const listedInvalid = 100;
const toldHosts = 100_000;

/** Of a submission whose requests are not refused for being invalid. */
export const survey = async ({ entries, defaults, dedupe }: Submission): Promise<Survey> => {
  const isDuplicate = createDuplicateCheck(defaults);
  const hosts = new Map<string, number>();
  const firstInvalid: InvalidRequest[] = [];
  const counts = { requests: 0, duplicates: 0, invalid: 0, ofOtherHosts: 0 };
  const judge = (entry: Entry): void => {
    const index = counts.requests;
    counts.requests += 1;
    if (typeof entry !== 'string' && 'refusal' in entry) {
      counts.invalid += 1;
      const { url, refusal } = entry;
      if (firstInvalid.length < listedInvalid) firstInvalid.push({ index, url, message: refusal });
      return;
    }
    const isAgain = isDuplicate(entry);
    if (isAgain) counts.duplicates += 1;
    if (isAgain && dedupe === true) return;
    const host = originOf(typeof entry === 'string' ? entry : entry.url);
    const known = hosts.get(host);
    if (known === undefined && hosts.size >= toldHosts) counts.ofOtherHosts += 1;
    else hosts.set(host, (known ?? 0) + 1);
  };
  for await (const some of entries) some.forEach(judge);
  return { ...counts, firstInvalid, hosts };
};
