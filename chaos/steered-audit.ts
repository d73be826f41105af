// The audit of batches some of which their client cancelled. Pure.
import type { Sighting } from '../bench/sighting.ts';
import type { Trial } from '../bench/trial.ts';
import { audit, refetchedFigure, zeros, type Account } from './audit.ts';

export type SteeredAccount = Account & { readonly mayBeCancelled: boolean };

/** All zeros: those that were cancelled, as their client wanted, have the results they had by then, and true counts. */
export const auditSteered = (
  accounts: readonly SteeredAccount[],
  sightings: readonly Sighting[],
  watch: { readonly wrongPolls: number },
): Trial => {
  const isCancelled = ({ status, mayBeCancelled }: SteeredAccount): boolean =>
    status === 'cancelled' && mayBeCancelled;
  const cancelled = accounts.filter(isCancelled);
  const others = audit(
    accounts.filter((account) => !isCancelled(account)),
    sightings,
  );
  const { lost, doubled, invented, miscounted } = audit(cancelled, sightings);
  return {
    bounds: [
      ...zeros(others, watch),
      {
        name: 'lost, doubled or invented in cancelled batches',
        value: lost + doubled + invented,
        most: 0,
      },
      // Each is one for not having completed.
      { name: 'counts wrong of cancelled batches', value: miscounted - cancelled.length, most: 0 },
    ],
    figures: [
      { name: 'requests', value: accounts.reduce((sum, { accepted }) => sum + accepted.total, 0) },
      { name: 'batches', value: accounts.length },
      { name: 'of them cancelled', value: cancelled.length },
      refetchedFigure(others),
    ],
  };
};
