// Slices that wait on the queue until what they all ask has room (a name of permit-store.ts): put there, and called back one by one.
import type { PermitStore } from '../../shared/permit-store.ts';

export type Parking = {
  /** Remembers a slice that went back to the queue. May be done twice. */
  park(name: string, jobId: string, order: number): Promise<void>;
  /** Calls back the slice that waits first, if one waits. */
  callBack(name: string): void;
};

export type ParkingDeps = {
  readonly store: PermitStore;
  /** Puts a slice in line again that was to come later. */
  readonly promote: (jobId: string) => Promise<void>;
  readonly onError: (error: unknown) => void;
};

export const createParking = ({ store, promote, onError }: ParkingDeps): Parking => {
  const calling = new Set<string>();
  const callNext = async (name: string): Promise<void> => {
    const jobId = await store.unpark(name);
    if (jobId !== undefined) await promote(jobId);
  };
  return {
    park: (name, jobId, order) => store.park(name, jobId, order),
    callBack(name) {
      if (calling.has(name)) return;
      calling.add(name);
      callNext(name)
        .catch(onError)
        .finally(() => calling.delete(name));
    },
  };
};
