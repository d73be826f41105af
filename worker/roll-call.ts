// What a worker does so that others know whether it lives, and to take over from those that do not.
import type { Logger } from '../shared/logger.ts';
import type { WorkerRoll } from '../shared/worker-roll.ts';
import { createDuty } from './duty.ts';
import type { SliceSource } from './slice-source.ts';

export type RollCall = {
  /** To be called before the first slice is taken. */
  start(): Promise<void>;
  /** To be called when no slice is held any more. */
  stop(): Promise<void>;
};

export type RollCallDeps = {
  readonly roll: WorkerRoll;
  readonly source: Pick<SliceSource, 'findLost'>;
  /** This one, on the roll. */
  readonly worker: string;
  readonly logger: Logger;
};

/** With the silence that is tolerated, what a killed worker held is back in line within 2 s. */
const everyMs = 500;

export const createRollCall = ({ roll, source, worker, logger }: RollCallDeps): RollCall => {
  const answer = async (): Promise<void> => {
    const { isNew, dead } = await roll.sign(worker);
    if (isNew) await source.findLost(); // it may have been taken for dead, cut off from Redis for a moment
    for (const other of dead) {
      const jobs = await roll.takeOver(other);
      if (jobs.length > 0) logger.warn({ worker: other, jobs }, 'took slices over from a worker that died');
    }
  };
  const duty = createDuty({ name: 'answer the roll call', everyMs, logger, round: answer });
  return {
    async start() {
      await answer();
      duty.start();
    },
    async stop() {
      await duty.stop();
      await roll.leave(worker);
    },
  };
};
