// Workers are killed with nobody watching: the others take over what they had in flight.
import { staged } from '../stage.ts';
import { tryTakeovers, victimEnvironment } from '../takeovers.ts';

const workers = 4;

export const takeover = staged(
  {
    name: 'takeover',
    about: '40,000 URLs, four workers, 10 of them killed: what they had in flight is taken over within 25 s',
    workers,
    environment: victimEnvironment,
  },
  ({ chaos, fleet, target }) =>
    tryTakeovers(
      { chaos, target },
      {
        origin: fleet.origin,
        workers,
        kill: () => fleet.killWorker(chaos.random.pick(fleet.workers()).pid),
        replace: async () => void (await fleet.startWorker()),
      },
      { times: chaos.times ?? 10, mostMs: 25_000 },
    ),
);
