// Work that only a newer worker understands, as there may be while both run: it is left for that one, and told of once.
import type { Logger } from '../shared/logger.ts';
import { UnknownVersionError } from '../shared/unknown-version.ts';

/** For so long such work stays out of the way of what this worker can do. */
export const leaveForMs = 5000;

/** True where the error says that work is of an unknown version; the first of each kind is logged. */
export const createNewerWork = (logger: Logger): ((error: unknown) => error is UnknownVersionError) => {
  const told = new Set<string>();
  return (error): error is UnknownVersionError => {
    if (!(error instanceof UnknownVersionError)) return false;
    if (!told.has(error.message))
      logger.warn({ why: error.message }, 'work of a newer version is left for a worker that can read it');
    told.add(error.message);
    return true;
  };
};
