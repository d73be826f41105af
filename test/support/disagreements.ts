// What a Redis looks like where nothing disagrees.
import type { Disagreements } from '../../chaos/disagreements.ts';

export const noDisagreements: Disagreements = {
  jobsOfNothing: [],
  jobsLost: [],
  outboxOfNothing: [],
  keyedToNothing: [],
  listedWrong: [],
  countedWrong: [],
  keptForEver: [],
};
