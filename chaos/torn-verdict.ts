// What a trial comes to whose Redis lost the end of its append-only file, again and again. Pure.
import type { Sighting } from '../bench/sighting.ts';
import type { Bound, Figure, Trial } from '../bench/trial.ts';
import type { Disagreements } from './disagreements.ts';
import type { Settled } from './settle.ts';
import { auditSteered, type SteeredAccount } from './steered-audit.ts';
import type { StubbornSeen } from './stubborn-client.ts';

export type TornSeen = Settled & {
  /** How often the end was to be lost, how often it was, and how many bytes those were together. */
  readonly cuts: { readonly wanted: number; readonly made: number; readonly bytes: number };
  /** Batches that had ended for their client, and ran again. */
  readonly wentBack: number;
  /** What was found at the starts of Redis, before anybody could use it: one list for all of them. */
  readonly found: Disagreements;
  readonly client: StubbornSeen;
  /** What API and workers complained of after that. */
  readonly complaints: readonly string[];
  readonly accounts: readonly SteeredAccount[];
  readonly sightings: readonly Sighting[];
};

export const tornVerdict = (seen: TornSeen): Trial => {
  const { bounds, figures } = auditSteered(seen.accounts, seen.sightings, seen.client);
  return {
    bounds: [
      { name: 'starts of Redis', value: seen.cuts.made, least: seen.cuts.wanted },
      ...bounds,
      { name: 'batches that did not end', value: seen.unended.length, most: 0 },
      { name: 'answers that nobody should get', value: seen.client.refusals.length, most: 0 },
      ...disagreementBounds(seen),
      { name: 'complaints after the end', value: seen.complaints.length, most: 0 },
    ],
    figures: [...figuresOf(seen), ...figures],
  };
};

const disagreementBounds = ({ found, left }: Pick<TornSeen, 'found' | 'left'>): readonly Bound[] => [
  { name: 'jobs lost at the end', value: left.jobsLost.length, most: 0 },
  { name: 'jobs of batches ended or gone at the end', value: left.jobsOfNothing.length, most: 0 },
  { name: 'batches ended or gone in the outbox at the end', value: left.outboxOfNothing.length, most: 0 },
  ...never.map(([what, name]) => ({ name, value: new Set([...found[what], ...left[what]]).size, most: 0 })),
];

const never = [
  ['keyedToNothing', 'keys used for batches that are not there'],
  ['listedWrong', 'batches listed wrong in Redis'],
  ['countedWrong', 'batches counted wrong in Redis'],
  ['keptForEver', 'batches with keys that would stay for ever'],
] as const satisfies readonly (readonly [keyof Disagreements, string])[];

const figuresOf = (seen: TornSeen): readonly Figure[] => [
  { name: 'cut off', value: seen.cuts.bytes / 1024, unit: 'KiB' },
  { name: 'settled after the last cut', value: seen.settledMs / 1000, unit: 's' },
  { name: 'batches that vanished and were submitted again', value: seen.client.vanished },
  { name: 'batches that had ended and ran again', value: seen.wentBack },
  { name: 'jobs found lost, and put back', value: new Set(seen.found.jobsLost).size },
  { name: 'jobs found of batches ended or gone', value: new Set(seen.found.jobsOfNothing).size },
  { name: 'polls', value: seen.client.polls },
];
