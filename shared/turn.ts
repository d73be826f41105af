// Where the slices of a batch stand in line: start-time fair queueing by virtual time, which moves only with what is taken. Pure.

/** The first slice of a batch has the tag `start`, each further one is `spacing` behind; lower tags are taken first. */
export type Turn = {
  readonly start: number;
  readonly spacing: number;
  /** How often the batch had been lined up before. Jobs of a former generation are void. */
  readonly generation: number;
};

/** The highest priority BullMQ knows; what would stand behind it is taken in the order it came. */
const lastTag = 2_097_151;

/** The tag of the n-th slice, from 0: its priority on the queue. */
export const tagOf = ({ start, spacing }: Pick<Turn, 'start' | 'spacing'>, n: number): number =>
  Math.min(lastTag, Math.max(1, Math.floor(start + n * spacing)));

/** How many slices of a batch are taken for one of a batch of the usual priority: twice as many for every 10 more. */
export const weightOf = (priority: number): number => 2 ** ((priority - 50) / 10);
