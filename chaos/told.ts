// Which batches ended without their webhook hearing of it. Pure.
import type { Sighting } from '../bench/sighting.ts';
import type { Account } from './audit.ts';

/** Their names, which are those of the hosts that were to hear of them: of those whose name begins with `told`. */
export const untold = (accounts: readonly Account[], sightings: readonly Sighting[]): readonly string[] => {
  const hosts = new Set(sightings.map(({ host }) => host));
  return accounts
    .map(({ accepted }) => accepted.name)
    .filter((name) => name.startsWith('told') && !hosts.has(name));
};
