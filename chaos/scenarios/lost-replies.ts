// A network that loses replies of Redis: the command was executed, and its sender, who does not know, sends it again.
import { pauseUntil } from '../../bench/pause.ts';
import { createKeys } from '../../shared/keys.ts';
import type { BatchId } from '../../shared/batch.ts';
import { survive } from '../ordeal.ts';
import { staged, type Stage } from '../stage.ts';
import type { Trouble } from '../troubles.ts';

/** Requests per slice: few, so that there are many slices. */
const sliceSize = 10;
const prefix = 'chaos';

export const lostReplies = staged(
  {
    name: 'lost-replies',
    about:
      '40,000 URLs in 4,000 slices, four workers; 100 times a connection to Redis ends instead of a reply',
    workers: 4,
    environment: {
      FETCHFLEET_SLICE_SIZE: String(sliceSize),
      FETCHFLEET_KEY_PREFIX: prefix,
    },
  },
  async (stage) => {
    const { chaos, redis } = stage;
    const [total, times] = [chaos.count ?? 40_000, chaos.times ?? 100];
    const { accepted, bounds, figures } = await survive(stage, {
      total,
      troubles: [losingReplies(stage, times)],
      delayMs: 500,
      patienceMs: 30_000,
    });
    const { slices } = createKeys(prefix).batch(accepted.id as BatchId);
    return {
      bounds: [
        ...bounds,
        { name: 'replies lost', value: redis.line.lost(), least: times },
        { name: 'slices', value: await redis.ask((asked) => asked.hlen(slices)), least: total / sliceSize },
      ],
      figures,
    };
  },
);

/** The next reply of Redis, to whomever, does not arrive. */
export const losingReplies = ({ redis, chaos }: Stage, times: number): Trouble => ({
  name: 'lost replies',
  times,
  async make() {
    const before = redis.line.lost();
    redis.line.loseReply();
    const isLost = async (): Promise<boolean> => redis.line.lost() > before;
    await pauseUntil('a reply to lose', isLost, { timeoutMs: 60_000, signal: chaos.signal });
    chaos.progress('a reply of Redis was lost');
  },
});
