// The end of every story: all who acted are dead, and what is left must come to its end by what any worker does.
import type { Listen, Play } from './scene.ts';
import { Wrong } from './stage.ts';
import { actAlone } from './scene.ts';
import { leaps } from './moves.ts';
import { stallJob } from './line.ts';
import type { Work } from './stories.ts';
import type { ModelBatch } from './world.ts';

export const drain = async (play: Play, listen: Listen): Promise<void> => {
  const { stage, stories } = play;
  const { world } = stage;
  play.ghosts.length = 0;
  for (const worker of world.listening) await listen.leave(worker);
  await putBackHeld(play);
  for (const { id, meta } of world.batches.values()) {
    if (meta?.paused === 1) await actAlone(play, 'the end', stories.resume(id));
  }
  for (let round = 0; round < 4 && unfinished(play).length > 0; round++) {
    await stage.pass(leaps.minute);
    await actAlone(play, 'the end', stories.reconcile());
    await actAlone(play, 'the end', stories.restore());
    await workAll(play, round);
  }
  // What is left of former generations, and of batches that had ended.
  for (let round = 4; round < 7 && world.jobs.all.size > 0; round++) await workAll(play, round);
  if (unfinished(play).length > 0) {
    const ids = unfinished(play).map(({ id }) => id);
    throw new Wrong([`nobody finds what is left of ${ids.join(', ')}`], stage.trace);
  }
};

const unfinished = ({ stage }: Play): ModelBatch[] =>
  [...stage.world.batches.values()].filter(({ meta }) => meta?.sealed === 1 && meta.endedAt === undefined);

const putBackHeld = async ({ stage }: Play): Promise<void> => {
  const { active, all } = stage.world.jobs;
  for (const id of active.slice()) {
    const job = all.get(id);
    if (job !== undefined) await stage.perform(stallJob(stage.world, job));
  }
};

/** Every job once: one that waits for another comes again in the next round. */
const workAll = async (play: Play, round: number): Promise<void> => {
  const { all } = play.stage.world.jobs;
  for (let left = all.size; left > 0; left--) {
    await actAlone(play, 'the end', play.stories.work({ ...lastWork, nonce: `end-${round}-${left}` }));
  }
};

const lastWork: Omit<Work, 'nonce'> = {
  worker: 'last',
  outcomes: ['succeeded'],
  perSegment: 64,
  alone: false,
  isOld: false,
  isCrowded: false,
};
