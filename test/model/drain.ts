// The end of every story: all who acted are dead, and what is left must come to its end by what any worker does.
import type { Listen, Play } from './scene.ts';
import { Wrong } from './stage.ts';
import { actAlone, stepOn } from './scene.ts';
import { leaps } from './moves.ts';
import type { Work } from './slice-story.ts';
import type { ModelBatch } from './world.ts';

/** Those who still act are dead, or so late that others have done their work. */
export const drain = async (play: Play, listen: Listen, areLate: boolean): Promise<void> => {
  const { stage } = play;
  const { world } = stage;
  play.ghosts.length = 0;
  for (const worker of world.listening) await listen.leave(worker);
  const rest = play.cast.ready.slice();
  if (!areLate) for (const actor of rest) play.cast.kill(actor);
  await putBackHeld(play);
  await workRound(play, 0);
  for (const actor of rest) while (!actor.isOver) await stepOn(play, actor, 'none');
  await putBackHeld(play); // what the late took, and died of
  for (let round = 1; round < 5 && unfinished(play).length > 0; round++) await workRound(play, round);
  // What is left of former generations, and of batches that had ended.
  for (let round = 5; round < 8 && world.jobs.all.size > 0; round++) await workAll(play, round);
  if (unfinished(play).length > 0) {
    const ids = unfinished(play).map(({ id }) => id);
    throw new Wrong([`nobody finds what is left of ${ids.join(', ')}`], stage.trace);
  }
};

const workRound = async (play: Play, round: number): Promise<void> => {
  const { stage, stories } = play;
  for (const { id, meta } of stage.world.batches.values()) {
    if (meta?.paused === 1) await actAlone(play, 'the end', stories.resume(id));
    if (meta?.open === 1) await actAlone(play, 'the end', stories.seal(id));
  }
  if (unfinished(play).length === 0) return;
  await stage.pass(leaps.minute);
  await actAlone(play, 'the end', stories.reconcile());
  await actAlone(play, 'the end', stories.restore());
  await workAll(play, round);
};

const unfinished = ({ stage }: Play): ModelBatch[] =>
  [...stage.world.batches.values()].filter(({ meta }) => meta?.sealed === 1 && meta.endedAt === undefined);

/** Locks run out meanwhile. What has none is put back at the second look. */
const putBackHeld = async (play: Play): Promise<void> => {
  for (let look = 0; look < 2 && play.stage.world.jobs.active.length > 0; look++) {
    await play.stage.pass(leaps.minute);
    await actAlone(play, 'the end', play.stories.putBack());
  }
};

/** Every job once: one that waits for another comes again in the next round. */
const workAll = async (play: Play, round: number): Promise<void> => {
  const { jobs, batches } = play.stage.world;
  const { all } = jobs;
  for (let left = all.size; left > 0; left--) {
    const alone = [...batches.values()].some(({ suspects }) => suspects.size > 0);
    await actAlone(play, 'the end', play.stories.work({ ...lastWork, alone, nonce: `end-${round}-${left}` }));
  }
};

const lastWork: Omit<Work, 'alone' | 'nonce'> = {
  worker: 'last',
  slices: 1,
  outcomes: ['succeeded'],
  perSegment: 64,
  falls: false,
  isOld: false,
  isCrowded: false,
  renews: false,
  signs: false,
};
