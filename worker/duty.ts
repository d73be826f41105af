// Something a worker does every so often: one at a time, failures logged, stopped between two rounds.
import type { Logger } from '../shared/logger.ts';

export type Duty = { start(): void; stop(): Promise<void> };

export type DutyDeps = {
  readonly name: string;
  readonly everyMs: number;
  readonly round: () => Promise<void>;
  readonly logger: Logger;
};

export const createDuty = ({ name, everyMs, round, logger }: DutyDeps): Duty => {
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> = Promise.resolve();
  let isStopped = false;
  const runRound = async (): Promise<void> => {
    try {
      await round();
    } catch (error) {
      logger.warn({ err: error, duty: name }, 'a duty failed and will be tried again');
    }
    schedule();
  };
  const schedule = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => {
      current = runRound();
    }, everyMs);
  };
  return {
    start: schedule,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await current;
    },
  };
};
