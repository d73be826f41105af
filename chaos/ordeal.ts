// The story that most scenarios tell: a batch, what breaks while it runs, and the audit of what is left.
import type { Bound, Figure } from '../bench/trial.ts';
import { audit, failureFigures, refetchedFigure, zeros, type Accepted, type Audit } from './audit.ts';
import { readAccounts, submit, watch } from './follow.ts';
import { createPatientClient } from './patient-client.ts';
import type { Stage } from './stage.ts';
import { makeTroubles, type Trouble } from './troubles.ts';

export type Ordeal = {
  /** Requests of the batch. */
  readonly total: number;
  readonly troubles: readonly Trouble[];
  /** What the target takes for a request while troubles are to come: it sets the pace, and what is in flight when they do. */
  readonly delayMs: number;
  /** How long a call of the API may go without its answer. */
  readonly patienceMs: number;
};

export type Survival = {
  readonly accepted: Accepted;
  /** What every scenario promises, and that all troubles came while the batch ran. */
  readonly bounds: readonly Bound[];
  readonly figures: readonly Figure[];
  readonly found: Audit;
  /** Troubles made while the batch ran. */
  readonly made: number;
};

const withinMs = 900_000;

/** Rejects where the batch does not end within a quarter of an hour. */
export const survive = async (
  stage: Stage,
  { total, troubles, delayMs, patienceMs }: Ordeal,
): Promise<Survival> => {
  const { chaos, fleet, target } = stage;
  const { signal, random } = chaos;
  const client = createPatientClient({ origin: fleet.origin, patienceMs, signal });
  await target.behave({ is: 'steady', delayMs });
  const accepted = await submit(client, stage, { name: 'a', total });
  const watching = watch(client, [accepted], { withinMs });
  const made = await makeTroubles(troubles, { random, work: watching, signal });
  await target.behave({ is: 'steady', delayMs: 0 });
  const seen = await watching.ended;
  const accounts = await readAccounts(client, [accepted]);
  const found = audit(accounts, await target.sightings());
  const wanted = troubles.reduce((sum, { times }) => sum + times, 0);
  return {
    accepted,
    bounds: [...zeros(found, seen), { name: 'troubles made', value: made, least: wanted }],
    figures: [refetchedFigure(found), { name: 'polls', value: seen.polls }, ...failureFigures(accounts)],
    found,
    made,
  };
};
